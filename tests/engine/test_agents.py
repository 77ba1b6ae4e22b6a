"""Programs that resend, compact and edit their history, and products around one template.

Each kind is many unrelated accounts of one popular program: the same instructions, tools and form,
and everybody's own work. Nobody may be restricted, and no detector may say more nats than its rate
allows: x nats of e^-x of the accounts at most (docs/decisions.md).
"""

import base64
import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from tests.engine.conftest import Start, World

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

ACCOUNTS, EXCHANGES = 24, 20
WORKS = (
    "You are an agent in somebody's repository.\nPlan first, then edit, then run the tests.\n"
    "Never delete what you were not asked to delete.\nKeep every change as small as it can be.\n"
    "Stop when all the tests pass, and say what you did."
)
READS = (
    "You read receipts.\nReturn the name of the shop, the date and the total.\n"
    "Write dates as year, month and day.\nLeave a field out that cannot be read.\n"
    "Answer in JSON and nothing else."
)

Document = dict[str, Any]
Asked = tuple[Operation, Document]
Step = Callable[[str], Asked]
"""Takes the latest answer, and returns the next request."""
Person = Callable[[], str]


def tool(name: str) -> Document:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    return {"name": name, "description": f"Use {name} on a file of yours.", "input_schema": schema}


TOOLS = [tool(name) for name in ("read", "edit", "run", "find")]


def messages_agent(says: Person) -> Step:
    """Resends all, moves the cache's mark, and compacts its history into a summary of its own."""
    turns: list[Document] = []
    numbers = count()

    def step(answer: str) -> Asked:
        number = next(numbers)
        if turns:
            call = {"type": "tool_use", "id": f"t{number}", "name": "read", "input": {"path": "a"}}
            turns.append({"role": "assistant", "content": [{"type": "text", "text": answer}, call]})
            result = {"type": "tool_result", "tool_use_id": f"t{number}", "content": says()}
            turns.append({"role": "user", "content": [result]})
        if len(turns) > 12:
            turns[:] = [{"role": "user", "content": f"Summary of what was done: {says()}"}]
        elif not turns:
            turns.append({"role": "user", "content": says()})
        *before, last = turns
        if isinstance(last["content"], list):
            marked = last["content"][0] | {"cache_control": {"type": "ephemeral"}}
            last = last | {"content": [marked]}
        document = {"system": WORKS, "tools": TOOLS, "max_tokens": 8192}
        return MESSAGES, document | {"messages": [*before, last]}

    return step


def responses_agent(says: Person) -> Step:
    """Refers to the answer before by its id, and sends what is new alone."""
    numbers = count()

    def step(answer: str) -> Asked:
        number = next(numbers)
        document: Document = {"instructions": WORKS, "tools": TOOLS, "input": says()}
        if answer:
            output = {"type": "function_call_output", "call_id": f"c{number}", "output": says()}
            document |= {"previous_response_id": name_of(answer), "input": [output]}
        return RESPONSES, document

    return step


def editing_agent(says: Person) -> Step:
    """Drops old turns, and writes the files anew into the request each time."""
    turns: list[Document] = []
    files = [says() for _ in range(6)]
    numbers = count()

    def step(answer: str) -> Asked:
        if answer:
            turns.append({"role": "assistant", "content": answer})
            files[next(numbers) % len(files)] = says()
        turns.append({"role": "user", "content": says()})
        del turns[: max(0, len(turns) - 7)]
        shown = {"role": "user", "content": "Here are my files:\n" + "\n".join(files)}
        system = {"role": "system", "content": WORKS}
        return CHAT, {"messages": [system, shown, *turns]}

    return step


def graph_agent(says: Person) -> Step:
    """Trims its state to the newest messages, tool calls among them, under a new id each time."""
    turns: list[Document] = []
    numbers = count()

    def step(answer: str) -> Asked:
        number = next(numbers)
        if answer:
            called = {"id": f"call_{number}", "type": "function"}
            called["function"] = {"name": "find", "arguments": '{"path": "a"}'}  # type: ignore[assignment]
            turns.append({"role": "assistant", "content": answer, "tool_calls": [called]})
            turns.append({"role": "tool", "tool_call_id": called["id"], "content": says()})
        else:
            turns.append({"role": "user", "content": says()})
        document = {"messages": [{"role": "system", "content": WORKS}, *turns[-8:]]}
        return CHAT, document | {"tools": TOOLS, "metadata": {"thread": f"{number}"}}

    return step


def receipts(says: Person) -> Step:
    """Sends a picture of its own with the product's template."""

    def step(_: str) -> Asked:
        data = base64.b64encode(says().encode()).decode()
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
        content = [{"type": "text", "text": READS}, picture]
        return CHAT, {"messages": [{"role": "user", "content": content}]}

    return step


def embeddings(says: Person) -> Step:
    """Embeds the pieces of its documents, many at a time."""

    def step(_: str) -> Asked:
        return EMBEDDINGS, {"input": [says() for _ in range(12)]}

    return step


KINDS = (
    messages_agent,
    responses_agent,
    editing_agent,
    graph_agent,
    receipts,
    embeddings,
)


def name_of(answer: str) -> str:
    return f"resp_{abs(hash(answer))}"


def order(world: World) -> Iterator[int]:
    """Yield whose turn it is: people's loads differ, and nobody sends less than a few."""
    loads = [world.random.lognormvariate(0.0, 0.8) for _ in range(ACCOUNTS)]
    people = [*range(ACCOUNTS)] * 4
    people += world.random.choices(range(ACCOUNTS), loads, k=ACCOUNTS * (EXCHANGES - 4))
    world.random.shuffle(people)
    yield from people


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_restricted_and_no_detector_says_too_much(
    start: Start, kind: Callable[[Person], Step]
) -> None:
    world = start(5)
    people = [world.person() for _ in range(ACCOUNTS)]
    steps = [kind(person) for person in people]
    answers = [""] * ACCOUNTS
    restricted = set()
    for who in order(world):
        operation, document = steps[who](answers[who])
        request = from_document(operation, document | {"model": "m"})
        exchange = Exchange(f"p-{who}", request, client=Client(user_agent="agent/2.4"))
        decision = world.engine.begin(exchange, world.now)
        answers[who] = f"Done {world.random.random()}: {people[who]()}"
        outcome = Outcome(200, 900, 200, text=answers[who], id=name_of(answers[who]))
        world.engine.finish(decision, outcome, world.now + 5.0)
        world.now += world.random.expovariate(1 / 40)
        if decision.action.restricts:
            restricted.add(who)

    assert restricted == set()
    shown: dict[str, list[float]] = defaultdict(list)
    for who in range(ACCOUNTS):
        found = world.queries.account(f"p-{who}", world.now)
        assert found is not None
        for part in found.contributions:
            shown[part.signal].append(part.llr)
    for signal, nats in shown.items():
        for level in (1, 2, 3):
            assert sum(one >= level for one in nats) <= ACCOUNTS * math.exp(-level), signal


@pytest.mark.parametrize("kind", [messages_agent, responses_agent, graph_agent])
def test_an_agent_that_goes_on_is_seen_to_go_on(
    start: Start, kind: Callable[[Person], Step]
) -> None:
    world = start(5)
    step, answer = kind(world.person()), ""
    for _ in range(8):
        operation, document = step(answer)
        exchange = Exchange("a", from_document(operation, document | {"model": "m"}))
        answer = world.person()()
        outcome = Outcome(200, 900, 200, text=answer, id=name_of(answer))
        world.engine.finish(world.engine.begin(exchange, world.now), outcome, world.now + 1.0)
        world.now += 30.0

    account = world.engine.state.known("a")
    assert account is not None
    assert account.follows >= account.exchanges - 2

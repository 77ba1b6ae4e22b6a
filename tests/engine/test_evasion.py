"""What costs an operator nothing hides nothing: one campaign, told in many ways."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest
from tests.engine.conftest import ANSWER, Start, World

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ollama import OLLAMA_GENERATE
from distillgate.policy.decision import Action
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

RULES = "You are a careful marker of short answers.\nGive the mark first and two reasons after it."
ACCOUNTS = [f"c-{i}" for i in range(60)]

Document = dict[str, Any]
Trick = Callable[[World, str, str], Document]
"""Makes a request of an account's task."""


def chat(*turns: tuple[str, str], **fields: Any) -> Document:
    return {"messages": [{"role": role, "content": text} for role, text in turns], **fields}


def diary(account: str) -> list[str]:
    """A document of the account's own, the same in each of its requests."""
    days = [f"{one}{two}" for one in "abcdefghi" for two in "abcdefghij"]
    return [f"On day {day} {account} wrote down what the harbour did." for day in days]


def buried(_: World, account: str, task: str) -> Document:
    pages = diary(account)
    return chat(("user", "\n".join([*pages[:45], RULES, task, *pages[45:]])))


TRICKS: dict[str, Trick] = {
    "nothing": lambda _w, _a, task: chat(("user", f"{RULES}\n{task}")),
    "a second turn": lambda _w, _a, task: chat(("user", f"{RULES}\n{task}"), ("user", "Go on.")),
    "a turn before": lambda _w, _a, task: chat(("user", "Listen."), ("user", f"{RULES}\n{task}")),
    "another role": lambda _w, _a, task: chat(("User", f"{RULES}\n{task}")),
    "a role of its own each time": lambda w, _a, task: chat(
        (f"user{w.random.randrange(10**6)}", f"{RULES}\n{task}")
    ),
    "a tool's result": lambda _w, _a, task: chat(
        ("user", "Look it up."), ("tool", f"{RULES}\n{task}")
    ),
    "the instructions": lambda _w, _a, task: chat(
        ("system", f"{RULES}\n{task}"), ("user", "Answer.")
    ),
    "instructions in the midst": lambda _w, _a, task: chat(
        ("user", "Hello."), ("system", f"{RULES}\n{task}"), ("user", "Answer.")
    ),
    "an answer never given": lambda _w, _a, task: chat(
        ("user", "What is the task?"), ("assistant", f"{RULES}\n{task}"), ("user", "Do it.")
    ),
    "a history that varies": lambda w, _a, task: chat(
        ("user", f"Hello {w.random.random()}"),
        ("assistant", f"Hello! I am number {w.random.random()}."),
        ("user", f"{RULES}\n{task}"),
    ),
    "a tool's description": lambda _w, _a, task: chat(
        ("user", "Use the tool."),
        tools=[{"type": "function", "function": {"name": "f", "description": f"{RULES}\n{task}"}}],
    ),
    "a schema's description": lambda _w, _a, task: chat(
        ("user", "Fill it in."),
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": {"description": f"{RULES}\n{task}"}},
        },
    ),
    "a field nobody knows": lambda _w, _a, task: chat(
        ("user", "Answer."), chat_template_kwargs={"notes": [f"{RULES}\n{task}"]}
    ),
    "the midst of a document": buried,
}


def ids(text: str) -> list[int]:
    """Tokenise a text: the same word is the same id."""
    return [zlib.crc32(word.encode()) % 200_000 for word in text.split()]


IDS: dict[str, tuple[Operation, Trick]] = {
    "a prompt": (COMPLETIONS, lambda _w, _a, task: {"prompt": ids(f"{RULES}\n{task}")}),
    "a list of one": (COMPLETIONS, lambda _w, _a, task: {"prompt": [ids(f"{RULES}\n{task}")]}),
    "vLLM's own call": (NATIVE, lambda _w, _a, task: {"token_ids": ids(f"{RULES}\n{task}")}),
    "SGLang's": (NATIVE, lambda _w, _a, task: {"input_ids": ids(f"{RULES}\n{task}")}),
    "a conversation that Ollama goes on with": (
        OLLAMA_GENERATE,
        lambda _w, _a, task: {"prompt": "Go on.", "context": ids(f"{RULES}\n{task}")},
    ),
}


def campaign(
    world: World, trick: Trick, outcome: Outcome = ANSWER, operation: Operation = CHAT
) -> float:
    """Return the share of the accounts that are restricted in the campaign's second half."""
    restricted = set()
    for number, task in enumerate(world.work_list(1200)):
        account = world.random.choice(ACCOUNTS)
        request = from_document(operation, {"model": "m", **trick(world, account, task)})
        exchange = Exchange(account, request, client=Client(user_agent="OpenAI/Python 3.1"))
        decision = world.engine.begin(exchange, world.now)
        world.engine.finish(decision, outcome, world.now + 1.0)
        world.now += world.random.expovariate(1 / 20)
        if number >= 600 and decision.action.restricts:
            restricted.add(account)
    return len(restricted) / len(ACCOUNTS)


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_a_campaign_is_restricted_wherever_its_tasks_stand(start: Start, trick: Trick) -> None:
    assert campaign(start(3), trick) >= 0.95


@pytest.mark.parametrize(("operation", "trick"), IDS.values(), ids=IDS.keys())
def test_a_campaign_is_restricted_whose_prompts_are_token_ids(
    start: Start, operation: Operation, trick: Trick
) -> None:
    assert campaign(start(3), trick, operation=operation) >= 0.95


def test_people_whose_client_sends_token_ids_under_one_prompt_stay_free(start: Start) -> None:
    world = start(3)
    people = {name: world.person() for name in ACCOUNTS}
    actions = []
    for name in world.random.choices(ACCOUNTS, k=1200):
        prompt = ids(f"{RULES}\n{people[name]()}")
        request = from_document(COMPLETIONS, {"model": "m", "prompt": prompt})
        decision = world.engine.begin(Exchange(name, request), world.now)
        world.engine.finish(decision, ANSWER, world.now + 1.0)
        world.now += world.random.expovariate(1 / 20)
        actions.append(decision.action)

    assert max(actions) <= Action.OBSERVE


def test_a_decoy_that_every_account_sends_once_excuses_nobody(start: Start) -> None:
    seen = set[str]()

    def decoy(_: World, account: str, task: str) -> Document:
        if account in seen:
            return chat(("user", f"{RULES}\n{task}"))
        seen.add(account)
        return chat(("user", "Hello there, please tell me what you can do for me."))

    assert campaign(start(3), decoy) >= 0.95


def test_of_requests_that_pack_many_tasks_the_first_of_an_account_is_enough(start: Start) -> None:
    world = start(3)
    tasks = list(world.work_list(1600))
    late = []
    for number in range(100):
        prompts = [f"{RULES}\n{task}" for task in tasks[16 * number : 16 * number + 16]]
        request = from_document(COMPLETIONS, {"model": "m", "prompt": prompts})
        decision = world.engine.begin(Exchange(f"c-{number}", request), world.now)
        answers = Outcome(200, 16 * 200, 16 * 200, finish_reason="stop")
        world.engine.finish(decision, answers, world.now + 1.0)
        world.now += 600.0
        if number >= 60:
            late.append(decision.action.restricts)

    assert sum(late) >= 0.7 * len(late)


def test_people_who_talk_with_a_popular_tool_stay_free(start: Start) -> None:
    world = start(3)
    people = {name: world.person() for name in ACCOUNTS}
    talks: dict[str, list[tuple[str, str]]] = {name: [] for name in people}
    restricted = set()
    for name in world.random.choices(ACCOUNTS, k=1200):
        talk = talks[name]
        talk.append(("user", people[name]()))
        request = from_document(CHAT, {"model": "m", **chat(("system", RULES), *talk)})
        answer = world.person()()
        decision = world.engine.begin(Exchange(name, request), world.now)
        world.engine.finish(decision, Outcome(200, 200, 600, text=answer), world.now + 1.0)
        talk.append(("assistant", answer))
        if len(talk) > 8:
            talk.clear()
        world.now += world.random.expovariate(1 / 20)
        if decision.action.restricts:
            restricted.add(name)

    assert restricted == set()


def test_who_comes_to_a_tool_that_a_campaign_ran_under_stays_free(start: Start) -> None:
    world = start(3)
    campaign(world, TRICKS["nothing"])
    actions = []
    for number in range(30):
        person = world.person()
        for _ in range(3):
            request = from_document(CHAT, {"model": "m", **chat(("user", f"{RULES}\n{person()}"))})
            decision = world.engine.begin(Exchange(f"p-{number}", request), world.now)
            world.engine.finish(decision, ANSWER, world.now + 1.0)
            world.now += world.random.expovariate(1 / 20)
            actions.append(decision.action)

    assert max(actions) <= Action.OBSERVE

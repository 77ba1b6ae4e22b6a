"""Whatever a client writes about its request may be a lie: one row, and one lie at least, each.

`FORGERIES` is the table of docs/detection.md ("What of a request counts"): its first column is
checked against the rows, so that nothing is read of which nobody tried what happens when it lies.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import xxhash
from tests.engine.conftest import ANSWER, make_engine

from distillgate.asgi.address import Addresses, AddressSettings
from distillgate.asgi.identity import Identifier, IdentitySettings
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.responses import RESPONSES
from distillgate.engine.entries import Entry
from distillgate.fingerprint.observation import Observation
from distillgate.policy.admission import cost_of
from distillgate.policy.plans import PlanSettings
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document, parse

DETECTION = (Path(__file__).parents[1] / "docs" / "detection.md").read_text()
RULES = "You are the clerk of a small museum, and careful with dates."
TASKS = (
    "Describe how bronze bells were cast in the harbour town before the great fire.",
    "Prove that no rational number, however written, has a square of exactly seventeen.",
    "Compare how two orchards of pears are watered through a summer without any rain.",
    "Explain why a ledger of crates is kept twice by merchants who trust each other.",
)

Document = dict[str, Any]


def chat(*turns: tuple[str, str], **fields: Any) -> Document:
    messages = [{"role": role, "content": text} for role, text in turns]
    return {"model": "m", "messages": messages, **fields}


def plain(task: str) -> Exchange:
    return told(chat(("system", RULES), ("user", task)))


def told(document: Document, operation: Operation = CHAT, client: Client | None = None) -> Exchange:
    client = client or Client(user_agent="OpenAI/Python 3.1", headers=("host", "accept"))
    return Exchange("a", from_document(operation, document), client=client)


def learned(write: Callable[[str], Exchange], outcome: Outcome = ANSWER) -> list[Observation]:
    """Send a greeting, then the tasks as `write` tells them; return what is learned of each."""
    engine, now = make_engine(), 1.8e9
    entries: list[Entry] = []

    def publish(entry: Entry) -> None:
        entries.append(entry)
        engine.apply(entry, entry.at, own=True)

    engine.publish = publish
    for exchange in (plain("Hello."), *map(write, TASKS)):
        now += 300.0
        engine.finish(engine.begin(exchange, now), outcome, now + 1.0)
    return [entry for entry in entries if isinstance(entry, Observation)][1:]


def own(write: Callable[[str], Exchange]) -> list[int | None]:
    """Return the hashes of the tasks, as they count: each of them, and as new."""
    seen = learned(write)
    assert not any(one.retry for one in seen)
    return [one.own.hash for one in seen]


def counts(write: Callable[[str], Exchange]) -> None:
    """Check that every task counts as a text of its own, with its words."""
    seen = learned(write)
    hashes = {one.own.hash for one in seen}
    assert None not in hashes
    assert len(hashes) == len(TASKS)
    assert all(one.own.sketch is not None and not one.retry for one in seen)


def changes_nothing(write: Callable[[str], Exchange]) -> None:
    """Check that the tasks count as if it were not there."""
    assert own(write) == own(plain)


def scope(peer: str, **headers: str) -> dict[str, Any]:
    names = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (peer, 4711), "headers": names}


def identifier(**settings: Any) -> Identifier:
    chosen = IdentitySettings.model_validate(settings, strict=False)
    return Identifier(chosen, AddressSettings(), secret=b"s")


def keys_are_accounts() -> None:
    found = [
        identifier().identify(scope("203.0.113.9", authorization=f"Bearer {key}", x_api_key="b"))
        for key in ("one", "other", "one")
    ]
    first, second, again = [one.account if one is not None else None for one in found]
    assert first == again != second


def strangers_name_no_address() -> None:
    forged = [(b"x-forwarded-for", b"198.51.100.1"), (b"forwarded", b"for=198.51.100.2")]
    assert Addresses(AddressSettings()).client("203.0.113.9", forged) == "203.0.113.9"


def strangers_say_nothing_of_themselves() -> None:
    named = {"plan": "x-plan", "organisation": "x-org", "payment": "x-card", "created": "x-since"}
    found = identifier(attributes=named).identify(
        scope("203.0.113.9", authorization="Bearer one", x_plan="max", x_org="o", x_card="c")
    )
    assert found is not None
    assert (found.plan, found.organisation, found.attributes.payment) == (None, None, None)


def readings_are_one(task: str) -> Exchange:
    turns = '[{"role": "user", "content": "%s"}]'
    body = f'{{"messages": {turns % "Hello."}, "Messages": {turns % task}, "model": "m"}}'
    return Exchange("a", parse(CHAT, body.encode()))


def failed_and_again(retry: Client) -> None:
    failed = learned(lambda task: told(chat(("user", task)), client=retry), Outcome(status=500))
    assert not any(one.retry for one in failed)
    changes_nothing(lambda task: told(chat(("system", RULES), ("user", task)), client=retry))


def inputs_count_each() -> None:
    seen = learned(lambda task: told({"prompt": [f"{task} {n}th" for n in "abcdef"]}, COMPLETIONS))
    assert [len(set(one.texts)) for one in seen] == [6] * len(TASKS)


def ids(task: str) -> list[int]:
    """Return a task's words as a tokeniser might."""
    return [xxhash.xxh32_intdigest(word.encode()) % 50_000 for word in task.split()]


def pictures_count_each() -> None:
    def write(task: str) -> Exchange:
        part = {
            "type": "image_url",
            "image_url": {"url": f"data:image/png;base64,{task.encode().hex()}"},
        }
        return told(
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Look."}, part]}]}
        )

    seen = learned(write)
    assert len({one.own.hash for one in seen} - {None}) == len(TASKS)


def names_continue_nothing() -> None:
    seen = learned(lambda task: told({"input": task, "previous_response_id": "resp_9"}, RESPONSES))
    assert not any(one.sent.continues for one in seen)


def probes_are_read_as_laxly_as_obeyed() -> None:
    for lie in ({"logprobs": "true"}, {"logprobs": 1}, {"top_logprobs": "5"}, {"echo": "yes"}):
        seen = learned(lambda task, lie=lie: told(chat(("user", task), **lie)))  # type: ignore[misc]
        assert all(one.sent.probe is not None for one in seen)


def answers_are_paid_for() -> None:
    for lie in ({"n": 8}, {"n": "8"}, {"best_of": 8.0}):
        cost = cost_of(
            told({"prompt": "a", "max_tokens": 100, **lie}, COMPLETIONS),
            0.0,
            PlanSettings(),
            fresh=True,
        )
        assert cost.output == 800


def seals_of_others_count() -> None:
    def write(task: str) -> Exchange:
        made = {"type": "reasoning", "summary": [], "encrypted_content": task * 3}
        return told({"input": [made, {"role": "user", "content": "Go on."}]}, RESPONSES)

    assert len({one.own.hash for one in learned(write)} - {None}) == len(TASKS)


def buried(task: str) -> Exchange:
    pages = [f"On day {a}{b} the harbour was quiet again." for a in "abcdefgh" for b in "abcdefgh"]
    return told(chat(("user", "\n".join([*pages[:32], task, *pages[32:]]))))


class Forgery(NamedTuple):
    """One row: what is written, as the docs name it, and what is checked of each lie."""

    written: str
    lies: tuple[Callable[[], None], ...]


def row(written: str, *lies: Callable[[], None]) -> Forgery:
    return Forgery(written, lies)


def told_as(
    check: Callable[[Callable[[str], Exchange]], None], *writes: Callable[[str], Exchange]
) -> tuple[Callable[[], None], ...]:
    """Return the check of each way to tell a task."""
    return tuple(lambda write=write: check(write) for write in writes)


AGENTS = (Client(user_agent=""), Client(user_agent="x", headers=("a", "b")), Client(ip="9.9.9.9"))
RETRY = Client(user_agent="OpenAI/Python 3.1", headers=("host", "x-stainless-retry-count"))
TOOL = {"type": "function"}

FORGERIES = (
    row("API keys, in any header or the query", keys_are_accounts),
    row("`x-forwarded-for`, `forwarded`", strangers_name_no_address),
    row("headers that name plan, organisation, card, age", strangers_say_nothing_of_themselves),
    row(
        "`user-agent`, header names and their order",
        *told_as(
            changes_nothing,
            *(
                lambda task, one=one: told(chat(("system", RULES), ("user", task)), client=one)
                for one in AGENTS
            ),
        ),
    ),
    row("`x-stainless-retry-count` and other headers of SDKs", lambda: failed_and_again(RETRY)),
    row("a body that can be read in several ways", *told_as(counts, readings_are_one)),
    row(
        "a turn's role",
        *told_as(
            counts,
            *(
                lambda task, role=role: told(chat((role, task), ("user", "Go on.")))
                for role in ("User", "tool", "function", "critic", "", "developer", "model")
            ),
        ),
    ),
    row(
        "a turn's place, the number of turns",
        *told_as(
            counts,
            lambda task: told(chat(("user", task), *[("user", "Go on.")] * 9)),
            lambda task: told(chat(("user", "Go on."), ("user", task), ("user", "Go on."))),
        ),
    ),
    row(
        "turns of the assistant",
        *told_as(
            counts,
            lambda task: told(chat(("user", "Hm?"), ("assistant", task), ("user", "Go on."))),
            lambda task: told(chat(("user", "Go on."), ("assistant", task))),
        ),
    ),
    row(
        "`system`, `developer`, `instructions`",
        *told_as(
            counts,
            lambda task: told(chat(("system", task), ("user", "Go on."))),
            lambda task: told(chat(("user", "Go on."), ("system", task))),
            lambda task: told({"input": "Go on.", "instructions": task}, RESPONSES),
        ),
    ),
    row(
        "tools, schemas, `documents`, `suffix`, any unknown field",
        *told_as(
            counts,
            lambda task: told(chat(("user", "Go on."), tools=[TOOL | {"description": task}])),
            lambda task: told(chat(("user", "Go on."), response_format={"title": task})),
            lambda task: told(chat(("user", "Go on."), documents=[{"text": task}])),
            lambda task: told(chat(("user", "Go on."), suffix=task)),
            lambda task: told(chat(("user", "Go on."), new={"in": [[{"it": task}]]})),
        ),
    ),
    row("a list of prompts or inputs", inputs_count_each),
    row("a long text", *told_as(counts, buried)),
    row(
        "token ids, eight or more together",
        *told_as(
            counts,
            *(
                lambda task, before=before, kind=kind: told(
                    {"prompt": [*before, *map(kind, ids(task))]}, COMPLETIONS
                )
                for before, kind in (((), int), ((), float), ((True,), int), (("Hello.",), int))
            ),
        ),
    ),
    row(
        "images, audio, files, vectors, parts of unknown kinds, sealed items",
        pictures_count_each,
        seals_of_others_count,
    ),
    row("`previous_response_id`, `previous_interaction_id`", names_continue_nothing),
    row(
        "`user`, `metadata`, `safety_identifier`",
        *told_as(
            changes_nothing,
            lambda task: told(chat(("system", RULES), ("user", task), user=task)),
            lambda task: told(chat(("system", RULES), ("user", task), metadata={"user_id": task})),
        ),
    ),
    row(
        "`model`",
        *told_as(
            changes_nothing,
            lambda task: told(chat(("system", RULES), ("user", task), model=task[:9])),
        ),
    ),
    row(
        "`temperature`, `max_tokens`, `seed`, `reasoning_effort`, `stream`",
        *told_as(
            changes_nothing,
            lambda task: told(
                chat(
                    ("system", RULES),
                    ("user", task),
                    temperature=len(task) / 99,
                    max_tokens=len(task),
                    seed=len(task),
                    stream=True,
                )
            ),
        ),
    ),
    row("`logprobs`, `top_logprobs`, `logit_bias`, `echo`", probes_are_read_as_laxly_as_obeyed),
    row("`n`, `best_of`", answers_are_paid_for),
    row(
        "`stop`, `stream_options`, `include`, `modalities`, `prompt_cache_key`",
        *told_as(
            changes_nothing,
            lambda task: told(
                chat(("system", RULES), ("user", task), stop=[task], prompt_cache_key=task)
            ),
        ),
    ),
)
LIES = [
    pytest.param(lie, id=f"{forged.written}-{number}")
    for forged in FORGERIES
    for number, lie in enumerate(forged.lies)
]


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_hides_nothing(lie: Callable[[], None]) -> None:
    lie()


def _documented() -> Iterator[str]:
    start = DETECTION.index("| what a client writes |")
    table = DETECTION[start : DETECTION.index("\n\n", start)]
    yield from (line.split("|")[1].strip() for line in table.splitlines()[2:])


def test_every_row_of_the_docs_is_forged_and_every_forgery_is_documented() -> None:
    assert list(_documented()) == [forged.written for forged in FORGERIES]

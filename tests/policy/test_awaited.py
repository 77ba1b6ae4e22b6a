from typing import Any

import pytest
from msgspec.structs import replace

from distillgate.account.windows import MINUTE
from distillgate.dialects.responses import RESPONSES
from distillgate.policy import awaited
from distillgate.policy.awaited import Awaited, Held, goes_on, has_ended
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import from_document

DONE = Outcome(status=200, completion_tokens=100, prompt_tokens=10, finish_reason="completed")


def held(at: float = 0.0) -> Held:
    return Held(at, RESPONSES, None, None)


def asked(**fields: Any) -> Exchange:
    return Exchange("a", from_document(RESPONSES, fields))


@pytest.mark.parametrize(
    ("fields", "name", "goes"),
    [
        ({"background": True}, "r", True),
        ({"background": True, "stream": True}, "r", True),
        ({"stream": True}, "r", False),
        ({}, "r", True),
        ({"background": True}, None, False),
    ],
)
def test_only_an_answer_that_is_made_without_a_listener_goes_on(
    fields: dict[str, Any], name: str | None, goes: bool
) -> None:
    assert goes_on(asked(**fields), Outcome(status=200, awaited=name)) is goes


@pytest.mark.parametrize(
    ("changed", "ended"),
    [
        ({}, True),
        ({"finish_reason": "failed", "completion_tokens": None}, True),
        ({"awaited": "r", "finish_reason": "in_progress"}, False),
        ({"status": 404}, False),
        ({"finish_reason": None}, False),
    ],
)
def test_an_answer_has_ended_when_it_says_how(changed: dict[str, Any], ended: bool) -> None:
    assert has_ended(replace(DONE, **changed)) is ended


def test_an_answer_is_awaited_for_a_bounded_time() -> None:
    waiting = Awaited()
    waiting.put("r", held(at=MINUTE))

    assert waiting.get("r", MINUTE + awaited.AWAITED_SECONDS - 1) is not None
    assert waiting.get("r", MINUTE + awaited.AWAITED_SECONDS) is None
    assert len(waiting) == 0


def test_so_many_are_awaited_and_no_more() -> None:
    waiting, one = Awaited(), held()
    for number in range(awaited.AWAITED_LIMIT + 10):
        waiting.put(f"r-{number}", one)

    assert len(waiting) == awaited.AWAITED_LIMIT
    assert waiting.get("r-9", 1.0) is None
    assert waiting.get("r-10", 1.0) is not None

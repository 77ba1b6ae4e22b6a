from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.news import news
from distillgate.fingerprint.principal import given
from distillgate.fingerprint.worth import Worth, worth
from distillgate.wire.exchange import Outcome
from distillgate.wire.request import Request, from_document

QUESTION, ANSWER = "How far is it to the sea from here?", "Some forty miles, as the crow flies."


def read(*turns: tuple[str, str], known: frozenset[int] = frozenset(), **fields: Any) -> Worth:
    request = asked(*turns, **fields)
    return worth(request, news(request, 1, known, 7, settled=True))


def asked(*turns: tuple[str, str], **fields: Any) -> Request:
    messages = [{"role": role, "content": text} for role, text in turns]
    return from_document(CHAT, {"model": "m", "messages": messages, **fields})


def after_an_answer() -> frozenset[int]:
    """What is known of a principal that asked and was answered."""
    first = news(asked(("user", QUESTION)), 1, (), 7, settled=True)
    return frozenset({*first.marks, *given(1, 7, Outcome(200, text=ANSWER), first.thread.now)})


def test_what_was_all_sent_before_is_a_repeat() -> None:
    assert not read(("user", QUESTION)).repeats
    assert read(("user", QUESTION), known=after_an_answer()).repeats


def test_a_constant_turn_that_goes_on_from_an_answer_is_no_repeat() -> None:
    talk = ("user", QUESTION), ("assistant", ANSWER), ("user", QUESTION)

    found = read(*talk, known=after_an_answer())

    assert not found.repeats
    assert found.replies


@pytest.mark.parametrize("last", [("user", "And from the hills?"), ("tool", "39.8 miles")])
def test_only_the_users_own_turn_replies(last: tuple[str, str]) -> None:
    talk = ("user", QUESTION), ("assistant", ANSWER), last

    assert read(*talk, known=after_an_answer()).replies == (last[0] == "user")
    assert not read(*talk).replies, "an answer that was never given here is nobody's"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"temperature": 0}, (True, False)),
        ({"temperature": 1.0}, (False, False)),
        ({"logprobs": True, "logit_bias": {"5": 100}}, (False, True)),
        ({"logit_bias": {"5": 100}}, (False, False)),
        ({"logprobs": True, "top_logprobs": 5}, (False, False)),
    ],
)
def test_parameters_say_what_an_answer_is_good_for(
    fields: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    found = read(("user", QUESTION), **fields)

    assert (found.certain, found.probes) == expected

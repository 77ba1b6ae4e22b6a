"""An answer is read from its body, in its API's shape; what the log itself tells goes first."""

from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.traffic.calls import outcome_of
from distillgate.traffic.formats.form import Call

BODY = {
    "choices": [{"message": {"content": "yes"}, "finish_reason": "length"}],
    "usage": {"prompt_tokens": 5, "completion_tokens": 6},
    "model": "m-1",
}


def call(**told: Any) -> Call:
    return Call(ts=1.0, path="/v1/chat/completions", request={}, **told)


def test_the_body_tells_what_the_log_does_not() -> None:
    found = outcome_of(call(answer=BODY, status=200, prompt_tokens=7), CHAT)
    assert (found.text, found.finish_reason, found.model) == ("yes", "length", "m-1")
    assert (found.prompt_tokens, found.completion_tokens) == (7, 6)


@pytest.mark.parametrize("answer", [None, "", "no JSON", {"odd": 1}, [1, {"a": []}], "data: {oops"])
def test_a_body_of_another_shape_is_not_known(answer: Any) -> None:
    found = outcome_of(call(answer=answer, status=200), CHAT)
    assert found.completion_tokens is None
    assert found.text in (None, "no JSON")


def test_the_body_of_an_error_is_not_read() -> None:
    assert outcome_of(call(answer=BODY, status=429), CHAT).text is None

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from tests.actions.conftest import CUTS, changed, events, outcome, written

from distillgate.dialects.chat import CHAT, ChatEdit
from distillgate.dialects.completions import COMPLETIONS
from distillgate.wire.operation import Operation
from distillgate.wire.shorten import ReasoningSettings

NONE, SOME = ReasoningSettings(), ReasoningSettings(keep=10)
TAGGED = "<think>Let me see.</think>\n\nWater that goes to the sea."
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"properties": {"x": {}}}}}


def edited(body: bytes, *, stream: bool, settings: ReasoningSettings = NONE) -> bytes:
    return changed(ChatEdit(settings), body, stream=stream)


def joined(body: bytes, name: str) -> str:
    choices = [c for event in events(body) for c in event["choices"] if c["index"] == 0]
    return "".join(choice["delta"].get(name) or "" for choice in choices)


@pytest.mark.parametrize("n", [1, 3])
def test_reasoning_fields_are_emptied_and_nothing_else(n: int) -> None:
    body = orjson.loads(written(CHAT, stream=False, n=n, logprobs=True))
    found = orjson.loads(edited(orjson.dumps(body), stream=False))

    for choice in body["choices"]:
        choice["message"]["reasoning_content"] = ""
        choice["logprobs"] = None
    assert found == body


def test_streamed_reasoning_fields_are_emptied_and_nothing_else() -> None:
    body = written(CHAT, stream=True, n=2)
    wanted = events(body)
    for event in wanted:
        for choice in event["choices"]:
            if "reasoning_content" in choice["delta"]:
                choice["delta"]["reasoning_content"] = ""

    assert events(edited(body, stream=True)) == wanted
    assert joined(edited(body, stream=True, settings=SOME), "reasoning_content") == "Let me see"


@pytest.mark.parametrize("operation", [CHAT, COMPLETIONS])
@pytest.mark.parametrize("stream", [True, False])
def test_tagged_reasoning_goes_and_usage_stays(operation: Operation, stream: bool) -> None:
    body = written(operation, stream=stream, says=TAGGED, reasoning=False)

    found = outcome(operation, edited(body, stream=stream), stream=stream)

    before = outcome(operation, body, stream=stream)
    assert found.text == "Water that goes to the sea."
    assert found.completion_tokens == before.completion_tokens
    assert found.prompt_tokens == before.prompt_tokens
    assert found.finish_reason == before.finish_reason == "stop"


def test_what_is_held_comes_with_the_end_or_before_it() -> None:
    for operation, text in ((CHAT, "<thin"), (COMPLETIONS, " <")):
        body = written(operation, stream=True, says=text, reasoning=False)
        found = outcome(operation, edited(body, stream=True), stream=True)
        assert found.text == text
        cut = b"\n\n".join(part for part in body.split(b"\n\n") if b'"stop"' not in part)
        assert outcome(operation, edited(cut, stream=True), stream=True).text == text
        assert edited(cut, stream=True).endswith(b"data: [DONE]\n\n")


OTHERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"reasoning": "abc", "content": "x"}, {"reasoning": "", "content": "x"}),
    (
        {"reasoning_details": [{"type": "reasoning.text", "text": "abc", "signature": "s"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "", "signature": "s"}]},
    ),
    (
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "abc"}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "abc"}]},
    ),
    (
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "abc"}]}, "x"]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": ""}]}, "x"]},
    ),
    ({"content": "x", "reasoning": {"odd": 1}}, {"content": "x", "reasoning": {"odd": 1}}),
]


@pytest.mark.parametrize(("said", "left"), OTHERS)
@pytest.mark.parametrize("key", ["message", "delta"])
def test_other_servers_fields_are_known(
    said: dict[str, Any], left: dict[str, Any], key: str
) -> None:
    stream = key == "delta"
    document = {"choices": [{"index": 0, key: said}]}
    body = orjson.dumps(document)
    found = edited(b"data: " + body + b"\n\n" if stream else body, stream=stream)

    found = found.removeprefix(b"data: ")
    assert orjson.loads(found) == {"choices": [{"index": 0, key: left}]}


@pytest.mark.parametrize("stream", [True, False])
def test_tool_calls_and_json_are_untouched(stream: bool) -> None:
    for asked in ({"tools": [TOOL]}, {"response_format": {"type": "json_object"}}):
        body = written(CHAT, stream=stream, reasoning=False, **asked)
        assert edited(body, stream=stream) == body


@settings(max_examples=60)
@given(CUTS)
def test_the_chunking_changes_nothing(cuts: list[int]) -> None:
    body = written(CHAT, stream=True, says=TAGGED, n=2)
    whole = edited(body, stream=True)

    assert changed(ChatEdit(NONE), body, cuts, stream=True) == whole


@pytest.mark.parametrize("body", [b'{"choices":{}}', b'{"choices":[1,{"message":2}]}', b"{}"])
def test_odd_answers_pass_as_they_are(body: bytes) -> None:
    assert edited(body, stream=False) == body
    event = b"data: " + body + b"\n\n"
    assert edited(event, stream=True) == event

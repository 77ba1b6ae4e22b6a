from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from tests.actions.conftest import CUTS, changed, events, outcome, written

from distillgate.dialects.responses import RESPONSES, ResponsesEdit
from distillgate.wire.shorten import ReasoningSettings

ANSWER = RESPONSES
TAGGED = "<think>Let me see.</think>\n\nWater that goes to the sea."
VISIBLE = "Water that goes to the sea."
TOOL = {"type": "function", "name": "f", "parameters": {"properties": {"x": {}}}}


def edited(body: bytes, *, stream: bool, keep: int = 0, cuts: tuple[int, ...] = ()) -> bytes:
    return changed(ResponsesEdit(ReasoningSettings(keep=keep)), body, cuts, stream=stream)


def emptied(value: Any) -> Any:
    """Empty every reasoning text of a document, wherever it is."""
    if isinstance(value, list):
        return [emptied(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: emptied(item) for name, item in value.items()}
    kind = str(found.get("type"))
    if kind in ("summary_text", "reasoning_text") or kind.startswith("response.reasoning"):
        found |= {name: "" for name in ("text", "delta") if name in found}
    return found


@pytest.mark.parametrize("stream", [True, False])
def test_reasoning_is_emptied_wherever_it_is_repeated(stream: bool) -> None:
    body = written(ANSWER, stream=stream)
    read = events if stream else orjson.loads
    assert b"Let me" in body

    found = edited(body, stream=stream)

    assert b"Let me" not in found
    assert read(found) == emptied(read(body))


def test_a_shortened_summary_is_the_same_in_deltas_and_repeats() -> None:
    found = events(edited(written(ANSWER, stream=True), stream=True, keep=10))

    deltas = [e["delta"] for e in found if e["type"] == "response.reasoning_summary_text.delta"]
    assert "".join(deltas) == "Let me see"
    for event in found:
        if event["type"] == "response.reasoning_summary_text.done":
            assert event["text"] == "Let me see"
    assert found[-1]["response"]["output"][0]["summary"][0]["text"] == "Let me see"


@pytest.mark.parametrize("stream", [True, False])
def test_tagged_reasoning_goes_from_deltas_and_repeats_and_usage_stays(stream: bool) -> None:
    body = written(ANSWER, stream=stream, says=TAGGED)
    found = edited(body, stream=stream)
    after, before = (outcome(ANSWER, b, stream=stream) for b in (found, body))

    assert after.text == VISIBLE
    assert b"think" not in found
    assert (after.prompt_tokens, after.completion_tokens, after.finish_reason) == (
        before.prompt_tokens,
        before.completion_tokens,
        before.finish_reason,
    )
    if stream:
        last = events(found)[-1]["response"]
        assert last["output"][-1]["content"][0]["text"] == VISIBLE
        assert last["usage"] == events(body)[-1]["response"]["usage"]


def test_what_is_held_comes_before_its_texts_end() -> None:
    body = written(ANSWER, stream=True, says="<think", reasoning=False)
    found = edited(body, stream=True)

    assert outcome(ANSWER, found, stream=True).text == "<think"
    cut = b"\n\n".join(part for part in body.split(b"\n\n") if b"text.done" not in part)
    assert edited(cut, stream=True).count(b'"delta":"<think"') == 1


def test_log_probabilities_go_with_the_text_they_spell() -> None:
    event = {"type": "response.output_text.delta", "delta": "<think>a", "logprobs": [{"t": 1}]}
    found = edited(b"data: " + orjson.dumps(event) + b"\n\n", stream=True)

    assert events(found) == [{**event, "delta": "", "logprobs": []}]


def test_what_is_encrypted_stays() -> None:
    item = {"id": "rs_1", "type": "reasoning", "summary": [], "encrypted_content": "abc"}
    body = orjson.dumps({"output": [item]})
    assert edited(body, stream=False) == body


@pytest.mark.parametrize("stream", [True, False])
def test_calls_and_json_are_untouched(stream: bool) -> None:
    schema = {"type": "json_schema", "name": "s", "schema": {"type": "object"}}
    for asked in ({"tools": [TOOL]}, {"text": {"format": schema}}):
        body = written(ANSWER, stream=stream, reasoning=False, **asked)
        assert edited(body, stream=stream) == body


@settings(max_examples=60)
@given(CUTS)
def test_the_chunking_changes_nothing(cuts: list[int]) -> None:
    body = written(ANSWER, stream=True, says=TAGGED)
    whole = edited(body, stream=True)

    assert edited(body, stream=True, cuts=tuple(cuts)) == whole

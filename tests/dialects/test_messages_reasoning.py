import orjson
import pytest
from hypothesis import given, settings
from tests.actions.conftest import CUTS, changed, events, outcome, written

from distillgate.dialects.messages import MESSAGES, MessagesEdit
from distillgate.wire.shorten import ReasoningSettings

ANSWER = MESSAGES
TAGGED = "<think>Let me see.</think>\n\nWater that goes to the sea."
TOOL = {"name": "f", "input_schema": {"properties": {"x": {}}}}


def edited(body: bytes, *, stream: bool, cuts: tuple[int, ...] = ()) -> bytes:
    return changed(MessagesEdit(ReasoningSettings()), body, cuts, stream=stream)


def test_thinking_is_emptied_and_its_signature_stays() -> None:
    wanted = orjson.loads(written(ANSWER, stream=False))
    assert wanted["content"][0]["signature"]
    wanted["content"][0]["thinking"] = ""

    assert orjson.loads(edited(written(ANSWER, stream=False), stream=False)) == wanted


def test_streamed_thinking_is_emptied_and_every_event_stays() -> None:
    body = written(ANSWER, stream=True)
    wanted = events(body)
    emptied = 0
    for event in wanted:
        if event.get("delta", {}).get("type") == "thinking_delta":
            event["delta"]["thinking"] = ""
            emptied += 1

    assert emptied > 5
    found = edited(body, stream=True)
    assert events(found) == wanted
    assert b"event: ping\n" in found
    assert b"signature_delta" in found


def test_redacted_thinking_passes() -> None:
    body = b'{"content":[{"type":"redacted_thinking","data":"abc"},{"type":"text","text":"x"}]}'
    assert edited(body, stream=False) == body


@pytest.mark.parametrize("stream", [True, False])
def test_tagged_reasoning_goes_and_usage_stays(stream: bool) -> None:
    body = written(ANSWER, stream=stream, says=TAGGED)
    found = outcome(ANSWER, edited(body, stream=stream), stream=stream)
    before = outcome(ANSWER, body, stream=stream)

    assert found.text == "Water that goes to the sea."
    assert found.completion_tokens == before.completion_tokens
    assert found.prompt_tokens == before.prompt_tokens


def test_what_is_held_comes_before_its_blocks_end() -> None:
    body = written(ANSWER, stream=True, says="<think", reasoning=False)
    found = edited(body, stream=True)

    assert outcome(ANSWER, found, stream=True).text == "<think"
    kinds = [event["type"] for event in events(found)]
    assert kinds[kinds.index("content_block_stop") - 1] == "content_block_delta"
    cut = b"\n\n".join(part for part in body.split(b"\n\n") if b"block_stop" not in part)
    assert outcome(ANSWER, edited(cut, stream=True), stream=True).text == "<think"


@pytest.mark.parametrize("stream", [True, False])
def test_tool_use_and_json_are_untouched(stream: bool) -> None:
    output = {"format": {"type": "json_schema", "schema": {"type": "object"}}}
    for asked in ({"tools": [TOOL]}, {"output_config": output}):
        body = written(ANSWER, stream=stream, reasoning=False, **asked)
        assert edited(body, stream=stream) == body


@settings(max_examples=60)
@given(CUTS)
def test_the_chunking_changes_nothing(cuts: list[int]) -> None:
    body = written(ANSWER, stream=True, says=TAGGED)
    whole = edited(body, stream=True)

    assert edited(body, stream=True, cuts=tuple(cuts)) == whole

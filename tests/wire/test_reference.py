"""What comes back sealed is known again, whichever API handed it out; what is no seal is not."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.reference import handed_out, of_parts, reference
from distillgate.wire.request import from_document
from distillgate.wire.response import Tap

SEAL = "EqQBCkYIAxgCKkD" + "h7Kq2" * 40 + "=="
OTHER = "gAAAAABoXyZ" + "w3Rt9" * 300
ASKED = {"role": "user", "content": "Why is the sky blue?"}
AGAIN = {"role": "user", "content": "Print your notes."}

THOUGHT = {"type": "thinking", "thinking": "", "signature": SEAL}
REDACTED = {"type": "redacted_thinking", "data": OTHER}
ITEM = {"type": "reasoning", "id": "rs_" + "5f" * 20, "summary": [], "encrypted_content": SEAL}
DETAIL = {"type": "reasoning.encrypted", "data": SEAL, "id": "x", "format": "f"}

Case = tuple[Operation, dict[str, Any], dict[str, Any]]
CASES: dict[str, Case] = {
    "messages": (
        MESSAGES,
        {"content": [THOUGHT, {"type": "text", "text": "Dust."}]},
        {"messages": [ASKED, {"role": "assistant", "content": [THOUGHT]}, AGAIN]},
    ),
    "redacted": (
        MESSAGES,
        {"content": [REDACTED]},
        {"messages": [ASKED, {"role": "assistant", "content": [REDACTED]}, AGAIN]},
    ),
    "responses": (
        RESPONSES,
        {"output": [ITEM, {"type": "message", "content": "Dust."}]},
        {"input": [ASKED, ITEM, AGAIN]},
    ),
    "stored item": (
        RESPONSES,
        {"output": [ITEM]},
        {"input": [ASKED, {"type": "item_reference", "id": ITEM["id"]}, AGAIN]},
    ),
    "details": (
        CHAT,
        {"choices": [{"message": {"content": "Dust.", "reasoning_details": [DETAIL]}}]},
        {
            "messages": [
                ASKED,
                {"role": "assistant", "content": "Dust.", "reasoning_details": [DETAIL]},
                AGAIN,
            ]
        },
    ),
}
EVENTS: dict[str, tuple[Operation, list[dict[str, Any]]]] = {
    "messages": (
        MESSAGES,
        [
            {"type": "content_block_start", "content_block": {"type": "thinking", "thinking": ""}},
            {
                "type": "content_block_delta",
                "delta": {"type": "signature_delta", "signature": SEAL},
            },
        ],
    ),
    "redacted": (
        MESSAGES,
        [{"type": "content_block_start", "content_block": REDACTED}],
    ),
    "responses": (
        RESPONSES,
        [
            {"type": "response.output_text.delta", "delta": "Dust."},
            {"type": "response.completed", "response": {"output": [ITEM]}},
        ],
    ),
    "stored item": (
        RESPONSES,
        [{"type": "response.completed", "response": {"output": [ITEM]}}],
    ),
    "details": (
        CHAT,
        [{"choices": [{"index": 0, "delta": {"reasoning_details": [DETAIL]}}]}],
    ),
}


def answered(operation: Operation, body: bytes, kind: str) -> tuple[str, ...]:
    tap = Tap(operation, status=200, content_type=kind)
    tap.feed(body)
    return tap.close().references


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("streamed", [False, True])
def test_what_an_answer_hands_out_is_known_when_a_request_brings_it_back(
    case: str, streamed: bool
) -> None:
    operation, answer, request = CASES[case]
    if streamed:
        _, events = EVENTS[case]
        body = b"".join(
            b"event: %b\ndata: %b\n\n" % (event.get("type", "").encode(), orjson.dumps(event))
            if "type" in event
            else b"data: %b\n\n" % orjson.dumps(event)
            for event in events
        )
        issued = answered(operation, body, "text/event-stream")
    else:
        issued = answered(operation, orjson.dumps(answer), "application/json")

    ((place, seal),) = from_document(operation, request).references

    assert seal in issued
    assert place == 1, "one message stands before it"


def test_a_seal_is_the_same_however_its_end_is_spelled() -> None:
    assert reference(SEAL) == reference(SEAL.rstrip("=")) == reference(f" {SEAL}\n")
    assert reference(SEAL) != reference(SEAL[:-40] + "x" + SEAL[-39:])


def test_what_is_kept_of_a_seal_is_bounded() -> None:
    kept = reference("k" * 1_000_000)

    assert kept is not None
    assert len(kept) < 200


@pytest.mark.parametrize(
    "part",
    [
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {"type": "thinking", "signature": "AAAA"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
        {"type": "text", "text": "Hm.", "signature": SEAL},
        {"type": ["thinking"], "signature": SEAL},
        {"signature": SEAL},
        "thinking",
        None,
    ],
)
def test_what_is_no_seal_is_none(part: Any) -> None:
    assert list(handed_out(part)) == []
    assert of_parts([part]) == ()


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.sampled_from(["thinking", "signature", SEAL]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "id"]), inner),
        max_leaves=8,
    )
)
def test_nothing_that_json_can_say_breaks_the_reading(value: Any) -> None:
    assert all(isinstance(seal, str) for seal in (*of_parts(value), *handed_out(value)))

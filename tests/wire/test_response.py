import gzip
import json
import sys
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distillgate.dialects import chat
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS, EMBEDDINGS_LIMIT
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.native import NATIVE
from distillgate.dialects.registry import OPERATIONS
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.response import BODY_LIMIT, TEXT_LIMIT, Tap, _Whole
from distillgate.wire.sse import EVENT_LIMIT

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SSE = "text/event-stream; charset=utf-8"
JSON = "application/json"


def tap(
    operation: Operation, *chunks: bytes, content_type: str = JSON, status: int = 200, **how: Any
) -> Outcome:
    found = Tap(operation, status=status, content_type=content_type, **how)
    for chunk in chunks:
        found.feed(chunk)
    return found.close()


def stream(*events: Any, names: bool = False) -> bytes:
    lines = []
    for event in events:
        if names:
            lines.append(b"event: " + event["type"].encode() + b"\n")
        data = event if isinstance(event, bytes) else json.dumps(event).encode()
        lines.append(b"data: " + data + b"\n\n")
    return b"".join(lines)


def chunk(
    content: Any = None, *, reason: str | None = None, index: int = 0, **more: Any
) -> dict[str, Any]:
    delta = {} if content is None else {"content": content}
    choice = {"index": index, "delta": delta | more.pop("delta", {}), "finish_reason": reason}
    return {"object": "chat.completion.chunk", "model": "m-1", "choices": [choice], **more}


CHAT: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "model": "m-1",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Héllo",
                "reasoning_content": "hmm",
                "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
            },
            "finish_reason": "tool_calls",
        },
        {"index": 1, "message": {"content": "Other"}, "finish_reason": "stop"},
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 34, "total_tokens": 46},
}
CHAT_STREAM = stream(
    chunk("", delta={"role": "assistant"}, usage=None),
    chunk("Hé", usage=None),
    chunk(delta={"reasoning_content": "hmm"}, usage=None),
    chunk("llo", usage=None),
    chunk("other", index=1, usage=None),
    chunk(delta={"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}, usage=None),
    chunk(reason="stop", usage=None),
    {"model": "m-1", "choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 34}},
    b"[DONE]",
)
RESPONSE: dict[str, Any] = {
    "id": "resp_1",
    "model": "m-1",
    "status": "completed",
    "incomplete_details": None,
    "output": [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hmm"}]},
        {"type": "function_call", "name": "f", "arguments": "{}"},
        {"type": "message", "content": [{"type": "output_text", "text": "Héllo"}]},
    ],
    "usage": {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 34,
        "output_tokens_details": {"reasoning_tokens": 9},
        "total_tokens": 46,
    },
}
RESPONSE_STREAM = stream(
    {"type": "response.created", "response": RESPONSE | {"status": "in_progress", "usage": None}},
    {"type": "response.output_item.added", "item": RESPONSE["output"]},
    {"type": "response.reasoning_summary_text.delta", "delta": "hmm"},
    {"type": "response.function_call_arguments.delta", "delta": "{}"},
    {"type": "response.output_text.delta", "delta": "Hé"},
    {"type": "response.output_text.delta", "delta": "llo"},
    {"type": "response.output_text.done", "text": "Héllo"},
    {"type": "response.completed", "response": RESPONSE},
    names=True,
)
MESSAGE: dict[str, Any] = {
    "type": "message",
    "model": "m-1",
    "content": [
        {"type": "thinking", "thinking": "hmm", "signature": "AAAA"},
        {"type": "text", "text": "Héllo"},
        {"type": "tool_use", "name": "f", "input": {}},
    ],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 2,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 7,
        "output_tokens": 34,
    },
}
MESSAGE_EVENTS: list[dict[str, Any]] = [
    {
        "type": "message_start",
        "message": MESSAGE
        | {"content": [], "stop_reason": None, "usage": {**MESSAGE["usage"], "output_tokens": 1}},
    },
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "ping"},
    {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hmm"}},
    {"type": "content_block_delta", "delta": {"type": "signature_delta", "signature": "AA"}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hé"}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "llo"}},
    {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 34},
    },
    {"type": "message_stop"},
]
MESSAGE_STREAM = stream(*MESSAGE_EVENTS, names=True)
KNOWN: dict[str, Any] = {
    "status": 200,
    "prompt_tokens": 12,
    "completion_tokens": 34,
    "model": "m-1",
    "text": "Héllo",
}


def test_a_chat_answer_is_read() -> None:
    assert tap(chat.CHAT, json.dumps(CHAT).encode()) == Outcome(
        **KNOWN, finish_reason="tool_calls", answer_chars=15, answer_carried=1
    )


def test_a_streamed_chat_answer_is_read() -> None:
    assert tap(chat.CHAT, CHAT_STREAM, content_type=SSE) == Outcome(
        **KNOWN, finish_reason="stop", answer_chars=15, answer_deltas=5
    )


def test_a_response_is_read() -> None:
    assert tap(RESPONSES, json.dumps(RESPONSE).encode()) == Outcome(
        **KNOWN, id="resp_1", finish_reason="completed", answer_chars=10, answer_carried=52
    )


def test_a_streamed_response_is_read() -> None:
    assert tap(RESPONSES, RESPONSE_STREAM, content_type=SSE) == Outcome(
        **KNOWN,
        id="resp_1",
        finish_reason="completed",
        answer_chars=10,
        answer_deltas=4,
        answer_carried=52,
    )


def test_a_response_that_only_ends_is_read_from_its_end() -> None:
    body = stream({"type": "response.completed", "response": RESPONSE})

    assert tap(RESPONSES, body, content_type=SSE).text == "Héllo"


def test_an_incomplete_response_says_why() -> None:
    details = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    body = stream({"type": "response.incomplete", "response": RESPONSE | details}, names=True)

    found = tap(RESPONSES, body, content_type=SSE)

    assert found.finish_reason == "max_output_tokens"


def test_a_message_is_read_and_its_cached_tokens_count() -> None:
    assert tap(MESSAGES, json.dumps(MESSAGE).encode()) == Outcome(
        **KNOWN, finish_reason="end_turn", answer_chars=10, answer_carried=41
    )


def test_a_streamed_message_is_read() -> None:
    assert tap(MESSAGES, MESSAGE_STREAM, content_type=SSE) == Outcome(
        **KNOWN, finish_reason="end_turn", answer_chars=10, answer_deltas=4
    )


def test_a_message_cut_off_has_a_guess_for_its_output() -> None:
    found = tap(MESSAGES, stream(*MESSAGE_EVENTS[:7], names=True), content_type=SSE)

    assert found.prompt_tokens == 12
    assert found.completion_tokens is None
    assert found.output_tokens == 3


def test_a_server_that_knows_the_prompt_only_at_the_end_is_believed() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 0}}}
    end = {"type": "message_delta", "usage": {"input_tokens": 9, "output_tokens": 2}}

    found = tap(MESSAGES, stream(start, end, names=True), content_type=SSE)

    assert (found.prompt_tokens, found.completion_tokens) == (9, 2)


def test_a_prompt_counted_again_without_its_cached_part_stays_whole() -> None:
    start = {"type": "message_start", "message": {"usage": MESSAGE["usage"]}}
    end = {"type": "message_delta", "usage": {"input_tokens": 2, "output_tokens": 5}}

    found = tap(MESSAGES, stream(start, end, names=True), content_type=SSE)

    assert found.prompt_tokens == 12


IMAGE = "iVBORw0KGgo" * (3 * EVENT_LIMIT // 11)


@pytest.mark.parametrize("encoding", ["", "gzip", "br, gzip"])
@pytest.mark.parametrize("names", [True, False])
def test_the_usage_of_a_last_event_over_the_limit_is_known(names: bool, encoding: str) -> None:
    spoof = {"usage": {"input_tokens": 1, "output_tokens": 1}}
    image = {"type": "image_generation_call", "result": IMAGE, **spoof}
    tools = [{"type": "function", "parameters": {"properties": spoof}}]
    done = RESPONSE | {"output": [*RESPONSE["output"], image], "tools": tools}
    events = (
        {"type": "response.created", "response": RESPONSE | {"status": "in_progress"}},
        {"type": "response.output_text.delta", "delta": "Héllo"},
        {"type": "response.image_generation_call.partial_image", "partial_image_b64": IMAGE},
        {"type": "response.completed", "response": done},
    )
    body = stream(*events, names=names)
    body = brotli.compress(body, quality=1) if "br" in encoding else body
    body = gzip.compress(body, 1) if "gzip" in encoding else body

    found = tap(
        RESPONSES,
        *(body[n : n + 50_000] for n in range(0, len(body), 50_000)),
        content_type=SSE,
        content_encoding=encoding,
    )

    assert found == Outcome(
        **KNOWN, id="resp_1", finish_reason="completed", answer_chars=5, answer_deltas=1
    )


def test_long_texts_that_repeat_themselves_are_decoded_to_their_usage() -> None:
    body = stream(*[chunk("a" * 1000)] * 10_000) + CHAT_STREAM

    found = tap(chat.CHAT, gzip.compress(body), content_type=SSE, content_encoding="gzip")

    # Thirty-four tokens for ten million characters is no count of them.
    assert (found.prompt_tokens, found.completion_tokens, found.missed) == (12, None, False)
    assert found.answer_chars == 10_000_015


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        {"prompt_tokens": 0, "completion_tokens": -1},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": "many", "completion_tokens": 1.5},
        {"prompt_tokens": 1 << 50, "completion_tokens": 1 << 62},
        {"input_tokens": 0, "output_tokens": 0},
        {"completion_tokens": 1},
        [0, 0],
        "0",
    ],
)
def test_a_usage_that_cannot_be_true_is_not_told(usage: Any) -> None:
    said = "A river is water that flows. " * 10
    answer = {"choices": [{"index": 0, "message": {"content": said}}], "usage": usage}
    body = stream(*(chunk(word, usage=usage) for word in said.split(" ")))
    message = {"content": [{"type": "text", "text": said}], "usage": usage}

    found = [
        tap(chat.CHAT, json.dumps(answer).encode()),
        tap(chat.CHAT, body, content_type=SSE),
        tap(MESSAGES, json.dumps(message).encode()),
    ]

    for outcome in found:
        assert (outcome.prompt_tokens, outcome.completion_tokens) == (None, None)
        assert outcome.output_tokens >= 60
        assert not outcome.missed


def test_zero_tokens_of_an_empty_answer_are_told() -> None:
    answer = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 0}}
    found = tap(chat.CHAT, json.dumps(answer).encode())

    assert (found.prompt_tokens, found.completion_tokens) == (7, 0)


@pytest.mark.parametrize(
    ("start", "end", "prompt"),
    [
        ({"input_tokens": 36}, {"cache_read_input_tokens": 3604}, 3640),
        ({"input_tokens": 36}, {"cache_creation_input_tokens": 4, "input_tokens": 0}, 40),
        ({"input_tokens": 36, "cache_read_input_tokens": 4}, {"cache_read_input_tokens": 0}, 40),
        ({"input_tokens": 36}, {"input_tokens": 40, "cache_read_input_tokens": 60}, 100),
        ({"input_tokens": 1}, {"cache_creation": {"ephemeral_5m_input_tokens": 2,
                                                  "ephemeral_1h_input_tokens": 3}}, 6),
        (None, {"input_tokens": 9}, 9),
        ({"cache_read_input_tokens": 5}, None, 5),
    ],
)  # fmt: skip
def test_each_field_of_a_usage_is_read_wherever_it_comes(start: Any, end: Any, prompt: int) -> None:
    events = (
        {"type": "message_start", "message": {"usage": start}},
        {"type": "message_delta", "usage": end},
        {"type": "message_delta", "usage": {"output_tokens": 30}},
        {"type": "message_delta", "usage": {"output_tokens": 0}},
    )

    found = tap(MESSAGES, stream(*events, names=True), content_type=SSE)

    assert (found.prompt_tokens, found.completion_tokens) == (prompt, 30)


def test_fields_that_come_in_different_chunks_are_put_together() -> None:
    usages = ({"prompt_tokens": 12}, {"completion_tokens": 34}, {"prompt_tokens": 0}, None)
    body = stream(*(chunk("a", usage=usage) for usage in usages))

    found = tap(chat.CHAT, body, content_type=SSE)

    assert (found.prompt_tokens, found.completion_tokens) == (12, 34)


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115},
        {"prompt_tokens": 10, "completion_tokens": 105, "total_tokens": 115},
        {"prompt_tokens": 10, "completion_tokens": 5,
         "completion_tokens_details": {"reasoning_tokens": 105}},
    ],
)  # fmt: skip
def test_reasoning_that_a_server_leaves_out_of_the_output_counts(usage: dict[str, Any]) -> None:
    body = json.dumps({"choices": [], "usage": usage}).encode()

    assert tap(chat.CHAT, body).completion_tokens == 105


def test_an_answer_that_is_still_to_come_tells_its_name() -> None:
    queued = RESPONSE | {"status": "queued", "background": True, "output": [], "usage": None}
    begun = {"type": "response.created", "response": queued}
    done = {"type": "response.completed", "response": RESPONSE}

    assert tap(RESPONSES, json.dumps(queued).encode()).awaited == "resp_1"
    assert tap(RESPONSES, stream(begun), content_type=SSE).awaited == "resp_1"
    assert tap(RESPONSES, stream(begun, done), content_type=SSE).awaited is None
    assert tap(chat.CHAT, b'{"request_id": "r-1"}').awaited == "r-1"
    assert tap(chat.CHAT, json.dumps(CHAT | {"request_id": "x"}).encode()).awaited is None


def test_a_completion_is_read() -> None:
    answer = {
        "model": "m-1",
        "choices": [
            {"index": 0, "text": "Hé", "finish_reason": "length"},
            {"index": 1, "text": "other", "finish_reason": "length"},
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2},
    }
    whole = tap(COMPLETIONS, json.dumps(answer).encode())
    streamed = tap(COMPLETIONS, stream(answer, b"[DONE]"), content_type=SSE)

    assert (whole.text, whole.answer_chars, whole.finish_reason) == ("Hé", 7, "length")
    assert (streamed.text, streamed.completion_tokens, streamed.answer_deltas) == ("Hé", 2, 1)


@pytest.mark.parametrize("vectors", [1, 2000])
def test_embeddings_have_a_prompt_and_no_output(vectors: int) -> None:
    data = [{"object": "embedding", "index": n, "embedding": [0.25] * 8} for n in range(vectors)]
    body = json.dumps({
        "object": "list", "data": data, "model": "e-1",
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    }).encode()  # fmt: skip
    assert (len(body) > EMBEDDINGS_LIMIT) == (vectors > 1)

    found = tap(EMBEDDINGS, body)

    assert (found.prompt_tokens, found.completion_tokens, found.text) == (8, 0, None)


def test_counting_tokens_consumes_none() -> None:
    found = tap(COUNT_TOKENS, b'{"input_tokens": 2095}')

    assert (found.prompt_tokens, found.completion_tokens) == (0, 0)


@pytest.mark.parametrize("first", [(), ("usage",), ("choices", "object"), ("usage", "choices")])
@pytest.mark.parametrize("size", [1 << 30, 10_000, 4097])
def test_of_an_answer_over_the_limit_the_usage_is_known(size: int, first: tuple[str, ...]) -> None:
    said = 'He said "usage": {"prompt_tokens": 1}. ' * (BODY_LIMIT // 30)
    answer = {**CHAT, "choices": [{"index": 0, "message": {"content": said}}]}
    for key in first:  # usage at the beginning, in the middle, at the end
        answer[key] = answer.pop(key)
    body = json.dumps(answer, ensure_ascii=False).encode()

    found = tap(chat.CHAT, *(body[n : n + size] for n in range(0, len(body), size)))

    assert (found.prompt_tokens, found.completion_tokens) == (12, 34)
    assert found.text is None


def test_an_answer_over_the_limit_is_not_kept() -> None:
    found = Tap(chat.CHAT, status=200, content_type=JSON)

    for _ in range(3 * BODY_LIMIT // 1000):
        found.feed(b"x" * 1000)

    assert isinstance(found._body, _Whole)
    assert found._body._kept.is_outline
    assert found.close() == Outcome(status=200, missed=True)


def test_text_is_kept_up_to_its_limit_and_counted_past_it() -> None:
    body = stream(*(chunk("é" * 500) for _ in range(10)))

    found = tap(chat.CHAT, body, content_type=SSE)

    assert found.text == "é" * TEXT_LIMIT
    assert (found.answer_chars, found.answer_deltas, found.output_tokens) == (5000, 10, 1250)


def test_the_last_of_running_usages_counts() -> None:
    usages = [{"prompt_tokens": 3, "completion_tokens": n} for n in range(1, 5)]
    body = stream(*(chunk("a", usage=usage) for usage in usages))

    assert tap(chat.CHAT, body, content_type=SSE).completion_tokens == 4


@pytest.mark.parametrize(
    ("how", "body"),
    [
        ({"status": 429}, json.dumps(CHAT).encode()),
        ({"status": 302}, json.dumps(CHAT).encode()),
        ({"content_type": "text/html"}, json.dumps(CHAT).encode()),
        ({"content_encoding": "br"}, b"\x0b\x02\x80"),
        ({"content_encoding": "zstd"}, json.dumps(CHAT).encode()),
        ({"content_encoding": "gzip"}, json.dumps(CHAT).encode()),
        ({}, b""),
        ({}, b'{"usage": {"prompt_tokens": 5}'),
        ({}, b"[1, 2]"),
        ({}, b"\xff\x00\xff\x00"),
        ({"content_type": SSE}, b"data: [1]\n\ndata: {\n\ndata: \xff\n\nnonsense\n\n"),
    ],
)
def test_what_cannot_be_read_is_not_known(how: dict[str, Any], body: bytes) -> None:
    found = tap(chat.CHAT, body, **how)

    missed = len(body) > 3 and how.get("status", 200) == 200
    assert found == Outcome(status=how.get("status", 200), missed=missed)


def test_a_missing_content_type_is_taken_for_json() -> None:
    assert tap(chat.CHAT, json.dumps(CHAT).encode(), content_type="").text == "Héllo"


def test_what_the_surface_knows_is_passed_on() -> None:
    found = Tap(chat.CHAT, status=200, content_type=SSE)
    found.feed(memoryview(CHAT_STREAM)[:300])

    outcome = found.close(aborted=True, latency=0.5)

    assert (outcome.aborted, outcome.latency, outcome.model) == (True, 0.5, "m-1")


def test_a_tap_that_was_never_fed_knows_the_status() -> None:
    assert tap(MESSAGES, status=503) == Outcome(status=503)


def test_damaged_compression_takes_back_what_was_known() -> None:
    body = bytearray(gzip.compress(CHAT_STREAM))
    body[-5] ^= 1

    for chunks in ([bytes(body)], [bytes([b]) for b in body]):
        found = tap(chat.CHAT, *chunks, content_type=SSE, content_encoding="gzip")
        assert found == Outcome(status=200, missed=True)


BODIES = st.sampled_from([
    (chat.CHAT, SSE, CHAT_STREAM),
    (chat.CHAT, SSE, CHAT_STREAM.replace(b"\n", b"\r\n")),
    (chat.CHAT, SSE, CHAT_STREAM[:-40]),
    (chat.CHAT, JSON, json.dumps(CHAT, ensure_ascii=False).encode()),
    (RESPONSES, SSE, RESPONSE_STREAM),
    (RESPONSES, JSON, json.dumps(RESPONSE).encode()),
    (MESSAGES, SSE, MESSAGE_STREAM),
    (MESSAGES, JSON, json.dumps(MESSAGE).encode()),
    (EMBEDDINGS, JSON, b'{"data": [], "usage": {"prompt_tokens": 3}}'),
])  # fmt: skip
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


@given(BODIES, st.sampled_from(sorted(ENCODERS)), st.data())
@settings(max_examples=150)
def test_the_chunking_changes_nothing(
    case: tuple[Operation, str, bytes], encoding: str, draw: st.DataObject
) -> None:
    operation, content_type, body = case
    how: dict[str, Any] = {"content_type": content_type, "content_encoding": encoding}
    sent = ENCODERS[encoding](body)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(sent)), max_size=10)))
    chunks = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]

    whole = tap(operation, body, content_type=content_type)

    assert whole.prompt_tokens is not None or body == CHAT_STREAM[:-40]
    assert tap(operation, sent, **how) == whole
    assert tap(operation, *chunks, **how) == whole
    assert tap(operation, *(bytes([b]) for b in sent), **how) == whole


KEYS = st.sampled_from([
    "type", "model", "choices", "delta", "message", "content", "text", "usage", "index", "output",
    "response", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "status",
    "finish_reason", "stop_reason", "tool_calls", "function", "arguments", "content_block",
    "incomplete_details", "reason", "partial_json", "reasoning", "refusal", "function_call",
    "thinking", "input", "candidates", "parts", "thought", "functionCall", "args", "usageMetadata",
    "interaction", "steps", "outputs", "summary", "id", "done_reason", "eval_count", "predictions",
    "meta_info", "details", "token", "generated_text", "stop_type", "tokens_predicted",
])  # fmt: skip
WORDS = st.sampled_from([
    "message_start", "content_block_delta", "message_delta", "content_block_start", "message",
    "response.created", "response.completed", "response.output_text.delta", "function_call", "text",
    "thought", "model_output", "in_progress", "completed",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(st.sampled_from(OPERATIONS), st.lists(VALUES, max_size=4))
@settings(max_examples=300)
def test_no_answer_makes_it_raise(operation: Operation, answers: list[Any]) -> None:
    streamed = tap(operation, stream(*answers), content_type=SSE)
    listed = tap(operation, json.dumps(answers).encode())
    whole = [tap(operation, json.dumps(answer).encode()) for answer in answers]

    for outcome in [streamed, listed, *whole]:
        assert outcome.prompt_tokens is None or outcome.prompt_tokens >= 0
        assert outcome.output_tokens >= 0
        assert len(outcome.text or "") <= TEXT_LIMIT


@given(BODIES, st.data())
@settings(max_examples=200)
def test_no_damage_makes_it_raise(case: tuple[Operation, str, bytes], draw: st.DataObject) -> None:
    operation, content_type, body = case
    at = draw.draw(st.integers(0, len(body)))
    damage = draw.draw(st.binary(max_size=6))
    damaged = body[:at] + damage + body[at + draw.draw(st.integers(0, 6)) :]

    found = tap(operation, damaged, content_type=content_type)

    assert tap(operation, damaged[:at], damaged[at:], content_type=content_type) == found


@pytest.mark.parametrize(
    ("body", "missed"),
    [
        ({"x": "an answer of another shape"}, True),
        ([[1, 2], "x"], False),
        (5, True),
        ({"error": {"message": "busy"}}, False),
        ({"text": "", "meta_info": {"finish_reason": {"type": "abort"}}}, False),
        ({"text": "", "meta_info": {"prompt_tokens": 1, "completion_tokens": 0}}, False),
    ],
)
def test_an_answer_that_says_nothing_that_is_read_may_have_come_to_anything(
    body: Any, missed: bool
) -> None:
    assert tap(NATIVE, json.dumps(body).encode()).missed == missed


def test_an_event_that_only_the_slow_reader_takes_is_read_while_it_is_short() -> None:
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9}%b%b}\n\n'

    def told(said: bytes, more: int) -> int | None:
        return tap(chat.CHAT, usage % (said, b" " * more), content_type=SSE).prompt_tokens

    assert told(b"/* by a proxy */", 0) == 7
    assert told(b"", 1 << 17) == 7
    assert told(b"/* by a proxy */", 1 << 17) is None

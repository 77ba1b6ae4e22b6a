import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls import CALLS

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.gemini import GEMINI
from distillgate.dialects.invocations import INVOCATIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ranking import RANKING
from distillgate.dialects.registry import OPERATIONS
from distillgate.errors import WireError
from distillgate.wire.content import MESSAGE_LIMIT, TOOL_LIMIT
from distillgate.wire.document import write
from distillgate.wire.operation import Operation
from distillgate.wire.parameters import BIAS_LIMIT
from distillgate.wire.request import Message, Request, from_document, parse

KEYS = st.sampled_from([
    "model", "messages", "role", "content", "type", "text", "input", "prompt", "system", "tools",
    "functions", "tool_calls", "function", "function_call", "custom", "name", "arguments",
    "thinking", "budget_tokens", "source", "data", "output", "summary", "variables", "include",
    "instructions", "logprobs", "top_logprobs", "logit_bias", "max_tokens", "n", "temperature",
    "stream", "reasoning", "effort", "response_format", "format", "metadata", "user_id", "user",
    "output_config", "reasoning_content", "refusal", "stop",
])  # fmt: skip
WORDS = st.sampled_from([
    "user", "assistant", "system", "tool", "text", "tool_result", "tool_use", "image", "document",
    "function_call", "function_call_output", "message", "reasoning", "enabled", "json_object",
    "message.output_text.logprobs", "5", "true", "",
])  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
ANY_CALL = st.sampled_from(CALLS)


def _check(request: Request) -> None:
    # What later stages take for granted of any request.
    assert all(type(m) is Message for m in request.messages)
    for message in request.messages:
        message.text.encode()
        message.role.encode()
    request.model.encode()
    (request.end_user or "").encode()
    assert isinstance(request.newest, str)
    assert isinstance(request.instructions, str)
    assert request.turns >= 0
    assert request.token_ids >= 0
    assert all(isinstance(token, str) for token in request.parameters.logit_bias)
    write(dict(request.document))


@given(ANY_CALL, VALUES)
@settings(max_examples=300)
def test_any_json_is_a_request_or_an_error(operation: Operation, value: Any) -> None:
    body = json.dumps(value).encode()
    try:
        request = parse(operation, body)
    except WireError:
        assert not isinstance(value, dict)
        return
    _check(request)


@given(ANY_CALL, st.dictionaries(KEYS, VALUES, max_size=8))
@settings(max_examples=300)
def test_any_object_is_a_request(operation: Operation, document: Any) -> None:
    _check(parse(operation, json.dumps(document).encode()))


BODY = json.dumps({
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief \ud83d\ude00 \\ud800."},
        {"role": "user", "content": [{"type": "text", "text": "é"}]},
    ],
    "temperature": 0.5,
}).encode()  # fmt: skip


@given(
    ANY_CALL,
    st.integers(0, len(BODY)),
    st.integers(0, 8),
    st.binary(max_size=8)
    | st.sampled_from([b"NaN", b"\\ud800", b"\x00", b"[[[[", b"\xef\xbb\xbf"]),
)
@settings(max_examples=500)
def test_a_damaged_body_is_a_request_or_an_error(
    operation: Operation, at: int, removed: int, inserted: bytes
) -> None:
    try:
        request = parse(operation, BODY[:at] + inserted + BODY[at + removed :])
    except WireError:
        return
    _check(request)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("body", [b"[]", b'"x"', b"5", b"null", b"", b"{", b"\xff\xfe", b"NaN"])
def test_what_is_no_object_is_an_error(operation: Operation, body: bytes) -> None:
    with pytest.raises(WireError):
        parse(operation, body)


@pytest.mark.parametrize("document", [[], None, "x"])
def test_a_logged_request_that_is_no_object_is_an_error(document: Any) -> None:
    with pytest.raises(WireError):
        from_document(CHAT, document)


def test_of_a_hundred_thousand_turns_the_instructions_and_the_newest_are_read() -> None:
    turns = [{"role": "user", "content": str(n)} for n in range(100_000)]
    turns[0] = {"role": "system", "content": "Be brief."}

    request = from_document(CHAT, {"messages": turns})

    assert request.turns == 100_000
    assert len(request.messages) == MESSAGE_LIMIT
    assert request.instructions == "Be brief."
    assert request.newest == "99999"


def test_of_ten_thousand_tools_some_are_kept_and_all_are_counted() -> None:
    request = from_document(CHAT, {"tools": [{}] * 10_000, "functions": [{}] * 5})

    assert len(request.tools) == TOOL_LIMIT
    assert request.parameters.tools == 10_005


def test_a_walk_of_biases_is_bounded() -> None:
    bias = {str(n) * 9: 1 for n in range(5_000)}
    request = from_document(CHAT, {"logit_bias": bias})

    assert len(request.parameters.logit_bias) == BIAS_LIMIT
    assert max(map(len, request.parameters.logit_bias)) <= 32


def test_a_bias_on_something_absurd_is_left_out() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    request = from_document(CHAT, {"logit_bias": [[deep, 1], [None, 1], [], ["7", 1]]})

    assert request.parameters.logit_bias == ("7",)


def test_the_text_of_a_turn_is_not_cut() -> None:
    text = "x" * 3_000_000

    assert from_document(CHAT, {"messages": [{"content": text}]}).newest == text


def test_a_request_without_a_user_has_no_newest_turn() -> None:
    assert from_document(CHAT, {}).newest == ""


@pytest.mark.parametrize(
    ("body", "operation"),
    [
        (b'{"messages":[{"role":"user","content":"hi"}]}', CHAT),
        (b'{"prompt":"hi"}', COMPLETIONS),
        (b'{"input":["hi"]}', EMBEDDINGS),
        (b'{"messages":[{"role":"user","content":"hi"}],"prompt":null}', CHAT),
        (
            b'{"anthropic_version":"v","messages":[{"role":"user","content":"hi"}]}',
            MESSAGES,
        ),
        (b'{"contents":[{"parts":[{"text":"hi"}]}]}', GEMINI),
        (b'{"inputs":"hi"}', NATIVE),
        (b'{"text":"hi"}', NATIVE),
        (b'{"instances":[{"text":"hi"}]}', NATIVE),
        (b'{"query":"q","documents":["hi"]}', RANKING),
    ],
)
def test_an_invocation_is_the_call_its_body_is_of(body: bytes, operation: Operation) -> None:
    request = parse(INVOCATIONS, body)

    assert request == parse(operation, body)
    assert (request.operation, request.newest) == (operation, "hi")


def test_an_invocation_of_nothing_is_not_read() -> None:
    with pytest.raises(WireError):
        parse(INVOCATIONS, b"{}")


def test_what_litellm_puts_in_the_place_of_the_messages_is_read() -> None:
    """LiteLLM 1.110 sends its upstream the messages of `extra_body`, and no others."""
    real = {"messages": [{"role": "user", "content": "real"}], "logprobs": True}
    body = {"messages": [{"role": "user", "content": "decoy"}], "max_tokens": 1, "extra_body": real}

    request = parse(CHAT, write(body))

    assert [turn.text for turn in request.messages] == ["decoy", "real"]
    assert request.parameters.logprobs
    assert request.ambiguous

"""What is no text is found wherever it stands, and nothing else is taken for it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.gemini import GEMINI
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.fingerprint.payloads import is_blob, unread
from distillgate.fingerprint.token_ids import spelled
from distillgate.wire.document import write
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document, parse

DATA = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"


def payloads(document: dict[str, Any]) -> list[str | bytes]:
    """Return what no dialect reads of a request to the call that its first field is of."""
    calls = {"prompt": COMPLETIONS, "input": RESPONSES, "contents": GEMINI}
    return unread(from_document(calls.get(next(iter(document)), CHAT), document))[1]


def message(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": [*parts], **more}]}


def called(function: dict[str, Any], **more: Any) -> dict[str, Any]:
    call = {"id": "1", "type": "function", "function": function, **more}
    return {"messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}


@pytest.mark.parametrize(
    "document",
    [
        message({"type": "image_url", "image_url": {"url": DATA, "detail": "low"}}),
        message({"type": "image_url", "image_url": DATA}),
        message({"type": "input_audio", "input_audio": {"data": DATA, "format": "mp3"}}),
        message({"type": "file", "file": {"file_id": DATA}}),
        message({"type": "image", "source": {"type": "base64", "data": DATA}}),
        message({"type": "document", "source": {"type": "url", "url": DATA}}),
        message({"type": "tool_result", "content": [{"type": "image", "source": {"data": DATA}}]}),
        message({"type": "text", "text": "Look.", "image": DATA}),
        message({"type": "image_url", "text": DATA}),
        message({"type": "something", "new": [{"in": {"here": DATA}}]}),
        message({"type": "text", "text": "Look."}, images=[DATA]),
        {"messages": [{"role": "user", "content": "Look.", "images": [DATA]}]},
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": DATA}]}]},
        {"input": [{"type": "computer_call_output", "output": {"image_url": DATA}}]},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": DATA}}]}]},
        {"contents": [{"parts": [{"file_data": {"file_uri": DATA}}]}]},
        {"contents": {"parts": [{"inline_data": {"data": DATA}}]}},
        {"input": [{"type": "compaction", "encrypted_content": DATA}]},
        called({"name": "f", "arguments": "x"}, more=DATA),
        called({"name": "f", "arguments": "x", "more": DATA}),
        called({"name": "f", "more": DATA}),
        {"messages": [{"role": DATA, "content": "Look."}]},
        {"messages": [{"role": "user", "content": {"type": "image", "source": {"data": DATA}}}]},
        {"messages": [{"role": "user", "content": [["Look."], [[{"image": DATA}]]]}]},
        {"messages": [{"role": "tool", "tool_call_id": "1", "content": "x", "more": DATA}]},
        message({"type": "text", "more": DATA}, {"type": "tool_use", "name": "f"}),
        message({"type": "function", "id": "1", "more": DATA}, {"type": "tool_use", "name": "f"}),
    ],
)
def test_a_payload_is_found_under_any_key(document: dict[str, Any]) -> None:
    assert payloads(document) == [DATA]


@pytest.mark.parametrize(
    "document",
    [
        {"messages": [{"role": "user", "content": "Look."}]},
        message({"type": "text", "text": "Look.", "cache_control": {"type": "ephemeral"}}),
        message({"type": "tool_result", "tool_use_id": "a", "content": "Nothing."}),
        message({"type": "tool_use", "id": "a", "name": "f", "input": {"path": "a.py"}}),
        message({"type": "thinking", "thinking": "Hm.", "signature": DATA}),
        message({"type": "redacted_thinking", "data": DATA}),
        called({"name": "f", "arguments": "x"}),
        {"messages": [{"role": "tool", "tool_call_id": "1", "content": "Nothing."}]},
        {"input": [{"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"}]},
        {"input": [{"type": "function_call_output", "call_id": "1", "output": "Done."}]},
        {"input": [{"type": "reasoning", "id": DATA, "encrypted_content": DATA, "summary": []}]},
        {"contents": [{"role": "user", "parts": [{"text": "Look."}]}]},
        {"contents": [{"parts": [{"functionCall": {"name": "f", "args": {"a": "b"}}}]}]},
        {"prompt": ["One.", "Two."]},
        {"model": DATA, "user": DATA, "tools": [{"name": DATA}]},
    ],
)
def test_what_is_text_or_a_label_is_none(document: dict[str, Any]) -> None:
    assert payloads(document) == []


@pytest.mark.parametrize(
    "document",
    [
        called({"name": "f", "arguments": "x"}, id="Two words."),
        {"messages": [{"role": "tool", "tool_call_id": "Two words.", "content": "x"}]},
        message({"type": "tool_result", "tool_use_id": "Two words.", "content": "x"}),
        message({"type": "tool_use", "id": "Two words.", "name": "f", "input": {}}),
    ],
)
def test_a_label_of_several_words_is_a_text(document: dict[str, Any]) -> None:
    assert unread(from_document(CHAT, document)) == (["Two words."], [])


def test_a_name_that_is_not_read_to_its_end_is_a_payload() -> None:
    name = "a" * 300
    assert payloads(message({"type": "tool_use", "id": "1", "name": name, "input": {}})) == [name]
    assert payloads(called({"name": name, "arguments": "x"})) == [name]


def test_token_ids_are_a_payload_each() -> None:
    assert payloads({"prompt": [[1, 2, 3], [4, 5]]}) == [b"[4,5]", b"[1,2,3]"]
    assert payloads({"input": [1, 2, 3]}) == [b"[1,2,3]"]


def test_a_deep_request_is_read_in_bounded_work() -> None:
    nested: Any = [{"image": DATA}]
    for _ in range(100_000):
        nested = [nested]

    assert len(payloads({"messages": nested})) == 1


@pytest.mark.parametrize("text", [DATA * 20, "https://pictures.example/" + "a/" * 300])
def test_encoded_data_is_a_blob(text: str) -> None:
    assert is_blob(text)


@pytest.mark.parametrize("text", [DATA, "A text of many words. " * 40, "漢字" * 400])
def test_text_is_none(text: str) -> None:
    assert not is_blob(text)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value or ():
        if not isinstance(value, str):
            yield from strings(inner)


def said(turn: dict[str, Any]) -> Iterator[str]:
    """Yield the text that every dialect reads of a turn."""
    content = turn.get("content")
    for part in content if isinstance(content, list) else [{"type": "text", "text": content}]:
        if part.keys() == {"type", "text"} and part["type"] == "text":
            yield from strings(part["text"])


def some(**kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={**kinds, "more": WORD})


WORD = st.sampled_from(["user", "tool", "f", "Two words.", DATA, "", None])
KIND = st.sampled_from(["text", "function", "tool_use", "tool_result", "Two words.", None])
CALL = some(id=WORD, type=KIND, function=some(name=WORD, arguments=WORD))
SAID = some(type=KIND, text=WORD)
PART = some(
    type=KIND,
    text=WORD,
    id=WORD,
    name=WORD,
    input=WORD,
    tool_use_id=WORD,
    content=st.one_of(WORD, st.lists(SAID, max_size=2)),
)
TURN = some(
    role=WORD,
    tool_call_id=WORD,
    content=st.one_of(WORD, st.lists(PART, max_size=3)),
    tool_calls=st.lists(CALL, max_size=3),
)


@pytest.mark.parametrize("operation", [CHAT, MESSAGES])
@given(turns=st.lists(TURN, max_size=4))
def test_an_object_that_is_known_to_be_read_holds_nothing_else(
    operation: Operation, turns: list[Any]
) -> None:
    request = parse(operation, write({"messages": turns}))
    alone = request.read & {id(text) for text in strings(request.document)}
    alone |= {id(text) for turn in request.document["messages"] for text in said(turn)}
    assert unread(request) == unread(replace(request, read=alone))


@pytest.mark.parametrize("first", [[True], ["a"], [3.0], []])
def test_token_ids_are_a_text_whatever_stands_before_them(first: list[Any]) -> None:
    ids = list(range(100, 120))
    texts, others = unread(from_document(COMPLETIONS, {"prompt": [*first, *ids]}))

    assert len(texts) == 1
    assert texts[0].endswith(spelled(ids) or "x")
    assert others == []

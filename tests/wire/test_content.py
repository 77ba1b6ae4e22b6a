from typing import Any

import pytest

from distillgate.wire import content
from distillgate.wire.content import HEAD, MESSAGE_LIMIT, Text, arguments, newest, turns
from distillgate.wire.message import Message


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("hello", "hello"),
        (None, ""),
        (5, ""),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
        (["a", "b"], "a\nb"),
        ({"type": "input_text", "text": "a"}, "a"),
        ([{"type": "image_url", "image_url": {"url": "data:"}, "text": "noise"}], ""),
        ([{"type": ["text"], "text": "a"}, {"type": {}, "text": {"text": "b"}}], "a\nb"),
        ([{"type": "thinking", "thinking": "hm", "signature": "s"}], "hm"),
        ([{"type": "redacted_thinking", "data": "s"}], ""),
        ([{"type": "a_new_kind", "content": [{"text": "a"}]}], "a"),
        ([{"type": "document", "source": {"type": "text", "data": "a"}}], "a"),
        ([{"type": "document", "source": {"type": "content", "content": [{"text": "a"}]}}], "a"),
        ([{"type": "document", "source": {"type": "base64", "data": "JVBE"}}], ""),
    ],
)
def test_text_is_read_in_every_form(given: Any, text: str) -> None:
    assert Text().of(given) == text


def test_a_document_in_a_tool_result_in_a_turn_is_read() -> None:
    document = {"type": "document", "source": {"content": [{"type": "text", "text": "deep"}]}}

    assert Text().of([{"type": "tool_result", "content": [document]}]) == "deep"


def test_content_deeper_than_any_api_has_it_is_not_followed() -> None:
    deep: Any = "too deep"
    for _ in range(5_000):
        deep = [{"content": deep}]

    assert Text().of(deep) == ""


def test_parts_past_the_bound_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "PART_LIMIT", 3)

    assert Text().of(["a", "b", "c", "d"]) == "a\nb\nc"


def test_the_newest_turns_are_read_before_the_bound_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content, "PART_LIMIT", 3)
    text = Text()
    items = [["old"] * 9, ["new", "newest"]]

    found = turns(items, lambda item, read: [Message("user", read.of(item))], text)

    assert [m.text for m in found] == ["old", "new\nnewest"]


def test_of_too_many_turns_the_first_and_the_newest_remain() -> None:
    kept = newest(list(range(100_000)))

    assert len(kept) == MESSAGE_LIMIT
    assert kept[HEAD - 1 : HEAD + 1] == [HEAD - 1, 100_000 - (MESSAGE_LIMIT - HEAD)]
    assert kept[-1] == 99_999
    assert newest([1, 2]) == [1, 2]


def test_a_call_is_its_name_and_its_arguments() -> None:
    assert Text().call({"name": "f", "arguments": '{"a": 1}'}) == 'f({"a": 1})'
    assert Text().call({"name": "f", "input": {"a": 1}}) == 'f({"a":1})'
    assert Text().call({"name": "f"}) == "f()"
    assert Text().call({"name": ["f"], "arguments": None}) == "()"


def test_arguments_of_any_depth_are_read() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}

    assert arguments({"input": deep}) == '{"a":' * 100_000 + "{}" + "}" * 100_000

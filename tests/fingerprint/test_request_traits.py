from typing import Any

import pytest
from tests.observing import READER

from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.fingerprint.request_traits import Carried, carried, script
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


def read(operation: Operation = CHAT, **document: Any) -> Carried:
    request = from_document(operation, document)
    return carried(request, request.newest.encode(), READER.hash)


@pytest.mark.parametrize(
    ("text", "other"),
    [("Привет, мир", "hello"), ("你好", "Здравствуй"), ("こんにちは", "你好"), ("مرحبا", "שלום")],
)
def test_scripts_are_told_apart(text: str, other: str) -> None:
    assert script(text.encode()) != script(other.encode())
    assert script("naïve café".encode()) == script(b"plain") == 0


def test_tools_are_told_by_their_names_in_any_order() -> None:
    def tools(*names: str) -> int | None:
        return read(tools=[{"function": {"name": name}} for name in names]).tools

    assert tools("x", "y") == tools("y", "x") != tools("x", "z")
    assert tools() is None
    assert read(tools=["no tool", {"function": "none"}]).tools is not None


def test_a_prompt_hardly_longer_than_a_token_is_short() -> None:
    said = [{"role": "user", "content": "owl"}]

    assert read(messages=said).short
    assert not read(messages=[{"role": "user", "content": "owl " * 20}]).short


def test_only_of_embeddings_it_is_told_whether_they_are_of_single_words() -> None:
    assert read(EMBEDDINGS, input=["owl", "fox"]).words is True
    assert read(EMBEDDINGS, input=["owl", "the fox is red"]).words is False
    assert read(messages=[{"role": "user", "content": "owl"}]).words is None

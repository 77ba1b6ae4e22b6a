"""JSON bodies of model calls, as members written out: what a dict cannot hold is what matters."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from hypothesis import strategies as st

Draw = st.DrawFn

OPERATIONS = ("chat", "completions", "responses", "embeddings", "messages", "count_tokens")


class Member(NamedTuple):
    """A key and its value as JSON text."""

    key: str
    value: str


def members(draw: Draw, operation: str, texts: Iterator[str]) -> list[Member]:
    """Build a plain request of one call."""
    found = [Member("model", json.dumps(draw(st.sampled_from(("m-large", "m-small")))))]
    found += asked(draw, operation, texts)
    if operation not in ("embeddings", "count_tokens"):
        if draw(st.booleans()):
            name = "max_output_tokens" if operation == "responses" else "max_tokens"
            found.append(Member(name, str(draw(st.integers(1, 4096)))))
        if draw(st.booleans()):
            found.append(Member("stream", draw(st.sampled_from(("true", "false")))))
    return found


def asked(draw: Draw, operation: str, texts: Iterator[str]) -> list[Member]:
    """Build the members that hold the text."""
    if operation == "completions":
        return [Member("prompt", _one_or_many(draw, texts))]
    if operation == "embeddings":
        return [Member("input", _one_or_many(draw, texts))]
    if operation == "responses":
        turns = draw(st.booleans())
        found = [Member("input", conversation(draw, texts) if turns else _text(texts))]
        return [Member("instructions", _text(texts)), *found] if draw(st.booleans()) else found
    found = [Member("messages", conversation(draw, texts))]
    if operation in ("messages", "count_tokens") and draw(st.booleans()):
        found.insert(0, Member("system", _text(texts)))
    return found


def conversation(draw: Draw, texts: Iterator[str]) -> str:
    """Write a list of turns."""
    number = draw(st.integers(1, 3))
    turns = []
    for place in range(number):
        role = "user" if (number - place) % 2 else "assistant"
        turns.append(f'{{"role":"{role}","content":{_content(draw, texts)}}}')
    return f"[{','.join(turns)}]"


def _content(draw: Draw, texts: Iterator[str]) -> str:
    if draw(st.integers(0, 3)):
        return _text(texts)
    parts = [f'{{"type":"text","text":{_text(texts)}}}' for _ in range(draw(st.integers(1, 2)))]
    return f"[{','.join(parts)}]"


def _one_or_many(draw: Draw, texts: Iterator[str]) -> str:
    if draw(st.booleans()):
        return _text(texts)
    return f"[{','.join(_text(texts) for _ in range(draw(st.integers(1, 3))))}]"


def _text(texts: Iterator[str]) -> str:
    return json.dumps(next(texts))


def write(found: list[Member], *, comma: str = ",", colon: str = ":") -> str:
    """Write an object. A key stands as it is, so that it may hold escapes."""
    return "{" + comma.join(f'"{one.key}"{colon}{one.value}' for one in found) + "}"

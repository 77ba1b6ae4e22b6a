"""What a server of models takes a request for: the call, whose it is, and what it says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

KEYS = frozenset({"sk-alpha-0001", "sk-beta-0002", "sk-gamma-0003"})
_KEY_HEADERS = ("authorization", "x-api-key", "api-key")
_WHOLE = ("embeddings", "count_tokens")
"""Calls whose answers have no length to bound and no stream."""

_SCHEME = re.compile(r"^(?:(?:bearer|token|basic)[ \t]+)+", re.IGNORECASE)


class NoCallError(Exception):
    """The server would have answered with an error."""


def key(headers: Sequence[tuple[str, str]]) -> str | None:
    """Find the caller's key in the first header that has one; raises for one that is unknown."""
    for wanted in _KEY_HEADERS:
        value = next((value for name, value in headers if name.lower() == wanted), "").strip()
        if value:
            found = _SCHEME.sub("", value)
            if found not in KEYS:
                raise NoCallError
            return found
    return None


def call(operation: str, document: Any, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Take a body for a call; raises `NoCallError` where a server would answer 400."""
    if not isinstance(document, dict) or not isinstance(document.get("model"), str):
        raise NoCallError
    limit = "max_output_tokens" if operation == "responses" else "max_tokens"
    texts = [text for text in _texts(operation, document) if text]
    if not texts:
        raise NoCallError
    return {
        "operation": operation,
        "key": key(headers),
        "plan": next((v.strip() for name, v in headers if name.lower() == "x-plan"), None) or None,
        "model": document["model"],
        "texts": texts,
        "max_tokens": _limit(document, limit, operation),
        "stream": document.get("stream") is True and operation not in _WHOLE,
    }


def _limit(document: Mapping[str, Any], name: str, operation: str) -> int | None:
    if operation in _WHOLE:
        return None
    value = document.get(name)
    if operation == "chat" and document.get("max_completion_tokens") is not None:
        value = document["max_completion_tokens"]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _texts(operation: str, document: Mapping[str, Any]) -> Iterator[str]:
    if operation == "completions":
        yield from _strings(document.get("prompt"))
    elif operation == "embeddings":
        yield from _strings(document.get("input"))
    elif operation == "responses":
        given = document.get("input")
        yield from _content(document.get("instructions"))
        yield from [given] if isinstance(given, str) else _turns(given)
    else:
        if operation != "chat":
            yield from _content(document.get("system"))
        yield from _turns(document.get("messages"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, str))


def _turns(value: Any) -> Iterator[str]:
    for turn in value if isinstance(value, list) else ():
        if isinstance(turn, dict):
            yield from _content(turn.get("content"))


def _content(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value if isinstance(value, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]

"""A JSON reader for what the fast ones refuse and some upstream takes. Slow, and without recursion.

Any depth (Node, Go to 10,000, nlohmann), integers of any length (Go and Node make floats of them),
control characters in strings, comments and trailing commas (Newtonsoft, Ruby), NaN and Infinity
(Python), and anything after the first value (Go's `json.Decoder`). What it reads it can write.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

Pairs = Callable[[Sequence[tuple[str, Any]]], dict[str, Any]]

_SPACE = r"(?:[ \t\r\n\ufeff]|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+\*/)*+"
_TOKEN = re.compile(
    _SPACE + r"(?:(?P<mark>[\[\]{},:\"])|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>-?[A-Za-z]+))"
)
_WORDS = {
    "true": True, "false": False, "null": None,
    "NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf"),
}  # fmt: skip
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_STRINGS = json.JSONDecoder(strict=False)
_DIGITS = 4000
"""Digits of an integer that are kept; the standard library refuses more than 4,300."""


def integer(digits: str) -> int | float:
    """Read an integer of any length; past `_DIGITS` it is a float, as in Go and Node."""
    return int(digits) if len(digits) <= _DIGITS else float(digits)


def read(text: str, pairs: Pairs) -> Any:
    """Read the first value of a text. Raises `ValueError` where there is none."""
    return _Reader(text, pairs).value()


class _Reader:
    """Reads one value, with the containers that are open on a stack of its own."""

    def __init__(self, text: str, pairs: Pairs) -> None:
        self._text = text
        self._pairs = pairs
        self._at = 0

    def value(self) -> Any:
        """Return the value."""
        open_: list[list[Any]] = []
        """The members of each open array; of an object, keys and values in turn."""
        marks: list[str] = []
        while True:
            mark, value = self._next()
            if mark in ("[", "{"):
                open_.append([])
                marks.append(mark)
                continue
            if mark in ("]", "}"):
                if not marks or (mark == "]") != (marks.pop() == "["):
                    raise self._unexpected()
                value = self._closed(mark, open_.pop())
            elif mark:
                if not marks or (mark == ":") != (marks[-1] == "{" and len(open_[-1]) % 2 == 1):
                    raise self._unexpected()
                continue
            if not open_:
                return value
            open_[-1].append(value)

    def _closed(self, mark: str, members: list[Any]) -> Any:
        if mark == "]":
            return members
        keys = members[::2]
        if len(members) % 2 or not all(type(key) is str for key in keys):
            raise self._unexpected()
        return self._pairs(list(zip(keys, members[1::2], strict=True)))

    def _next(self) -> tuple[str, Any]:
        # A mark, or "" and a value that is no container.
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise self._unexpected()
        self._at = match.end()
        if match["mark"] == '"':
            value, self._at = _STRINGS.raw_decode(self._text, self._at - 1)
            return "", value
        if match["mark"]:
            return match["mark"], None
        if match["number"]:
            return "", self._number(match["number"])
        if match["word"] in _WORDS:
            return "", _WORDS[match["word"]]
        raise self._unexpected()

    def _number(self, digits: str) -> int | float:
        match = _NUMBER.fullmatch(digits)
        if match is None:
            raise self._unexpected()
        return float(digits) if match[1] or match[2] else integer(digits)

    def _unexpected(self) -> json.JSONDecodeError:
        return json.JSONDecodeError("unexpected", self._text, self._at)


class _Mark(bytes):
    """What stands between values."""


_COMMA = _Mark(b",")
_ARRAY, _ARRAY_END, _OBJECT, _OBJECT_END = (_Mark(mark) for mark in (b"[", b"]", b"{", b"}"))


def write(value: Any) -> Iterator[bytes]:
    """Write a value in pieces. Raises `TypeError` or `ValueError` for what is no JSON."""
    pending: list[Any] = [value]
    """What is to be written, the next last."""
    while pending:
        item = pending.pop()
        if isinstance(item, _Mark):
            yield item
        elif isinstance(item, dict):
            pending.append(_OBJECT_END)
            for key, member in reversed(item.items()):
                pending += (member, _Mark(_scalar(key) + b":"), _COMMA)
            pending[-1:] = [_OBJECT] if item else [_OBJECT_END, _OBJECT]
        elif isinstance(item, list | tuple):
            pending.append(_ARRAY_END)
            for member in reversed(item):
                pending += (member, _COMMA)
            pending[-1:] = [_ARRAY] if item else [_ARRAY_END, _ARRAY]
        else:
            yield _scalar(item)


def _scalar(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer past 64 bits, half a surrogate pair
        return json.dumps(value).encode()

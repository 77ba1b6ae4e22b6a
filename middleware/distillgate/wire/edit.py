"""JSON changed in place: whatever is not named keeps every byte it came with.

Reading a document and writing it again changes more than was asked for: integers past 64 bits and
long decimals become other numbers, duplicate keys go, escapes and white space are spelt anew. Here
a value is its bytes. It is cut into its members only where somebody looks into it, and put together
from the same bytes again.

Upstreams differ on which of several keys holds (the last, the first, or, as in Go, the last in
whatever letter case), so a name stands for all its spellings.
"""

import json
import math
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF32_BE
from collections.abc import Iterator
from typing import Any

from distillgate.errors import WireError
from distillgate.wire import document

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = rb"[ \t\r\n]*+"
_FLAT = rb'[\[{][^\[\]{}"]*+(?:' + _STRING + rb'[^\[\]{}"]*+)*+[\]}]'
_SKIPPED = re.compile(_STRING + rb"|" + _FLAT + rb"|[\[\]{}\"]", re.DOTALL)
"""What tells where a container ends: strings, containers without others in them, brackets; and a
quote that begins no string, as of what only `wire.lenient` reads."""
_TEXT = re.compile(_STRING, re.DOTALL)
_SCALAR = re.compile(rb"[^ \t\r\n,\]}\[{\"]++")
_HEAD = re.compile(_SPACE + rb"(" + _STRING + rb")" + _SPACE + rb":" + _SPACE, re.DOTALL)
_BLANK = re.compile(_SPACE)
_OPENING, _CLOSING, _QUOTE = b"[{", b"]}", b'"'


class Item:
    """A member of an object or an element of an array, with the bytes around its value."""

    __slots__ = ("head", "key", "tail", "value")

    def __init__(self, head: bytes, key: str | None, value: "Value", tail: bytes = b"") -> None:
        self.head = head
        """White space, and of a member its key and colon."""
        self.key = key
        """The decoded key; None in an array."""
        self.value = value
        self.tail = tail

    def text(self) -> bytes:
        """Return its bytes."""
        return self.head + self.value.text() + self.tail


class Value:
    """One JSON value as the bytes it came with, or those that were put in their place."""

    __slots__ = ("_close", "_items", "_open", "_raw")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._items: list[Item] | None = None
        self._open = self._close = b""

    def text(self) -> bytes:
        """Return its bytes."""
        if self._items is None:
            return self._raw
        return self._open + b",".join(item.text() for item in self._items) + self._close

    def read(self) -> Any:
        """Read it as `wire.document` does. Raises `WireError`."""
        return document.read(self.text())

    def replace(self, new: Any) -> None:
        """Put another value in its place."""
        self._raw, self._items = document.write(new), None

    @property
    def kind(self) -> bytes:
        """Return its first byte: `{` for an object, `[` for an array, `"` for a string."""
        return (self._raw if self._items is None else self._open)[:1]

    def items(self) -> list[Item]:
        """Return what a container holds; the list may be changed. Empty for any other value.

        Raises `WireError` for bytes that are no JSON.
        """
        if self._items is None:
            if self.kind not in (b"{", b"["):
                return []
            self._items = self._cut()
        return self._items

    def members(self, *path: str) -> Iterator["Value"]:
        """Yield the values under a path of names, each in all its spellings, in order."""
        if not path:
            yield self
            return
        if self.kind != b"{":
            return
        name = path[0].casefold()
        for item in self.items():
            if item.key is not None and item.key.casefold() == name:
                yield from item.value.members(*path[1:])

    def remove(self, name: str) -> None:
        """Take a member out, in all its spellings."""
        if self.kind == b"{":
            items, name = self.items(), name.casefold()
            items[:] = [item for item in items if item.key is None or item.key.casefold() != name]

    def put(self, name: str, new: Any) -> None:
        """Set a member to another value, in all its spellings, or add it in front of the others.

        In front, because where only other spellings were given, an upstream that takes them for
        this name goes by the last.
        """
        exact = False
        for item in self.items():
            if item.key is not None and item.key.casefold() == name.casefold():
                item.value.replace(new)
                exact |= item.key == name
        if not exact:
            self.insert(0, new, name)

    def insert(self, at: int, new: Any, name: str | None = None) -> None:
        """Add a member, or an element where there is no name."""
        head = b"" if name is None else document.write(name) + b":"
        self.items().insert(at, Item(head, name, Value(document.write(new))))

    def extend(self, more: str) -> None:
        """Add to the end of a string."""
        self._raw = self._raw[:-1] + document.write(more)[1:]

    def amend(self, before: Any, after: Any) -> None:
        """Change this value, which reads as `before`, so that it reads as `after`.

        Only what differs is written anew. Of a duplicate key each value is changed alike.
        """
        if _same(before, after):
            return
        if isinstance(before, dict) and isinstance(after, dict) and self.kind == b"{":
            self._amend_members(before, after)
        elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            for item, old, new in zip(self.items(), before, after, strict=True):
                item.value.amend(old, new)
        else:
            self.replace(after)

    def _amend_members(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        items = self.items()
        last = {item.key: item for item in items}
        items[:] = [item for item in items if item.key in after or item.key not in before]
        for item in items:
            if item.key not in before or item.key not in after:
                continue
            old, new = before[item.key], after[item.key]
            if item is last[item.key]:
                item.value.amend(old, new)
            elif not _same(old, new):
                item.value.replace(new)
        for name, value in after.items():
            if name not in before:
                self.insert(len(items), value, name)

    def _cut(self) -> list[Item]:
        raw, keyed = self._raw, self._raw.startswith(b"{")
        end = len(raw) - 1
        first = _blank(raw, 1)
        if first == end:
            self._open, self._close = raw[:end], raw[end:]
            return []
        self._open, self._close = raw[:1], raw[end:]
        items, at = [], 1
        while True:
            start, key = _head(raw, at) if keyed else (_blank(raw, at), None)
            stop = value_end(raw, start)
            after = _blank(raw, stop)
            items.append(Item(raw[at:start], key, Value(raw[start:stop]), raw[stop:after]))
            if after == end:
                return items
            if raw[after : after + 1] != b",":
                raise WireError("the body cannot be changed: a comma is missing")
            at = after + 1


class Body:
    """A whole JSON text: a value, and what stands around it, in the encoding it came in."""

    __slots__ = ("_after", "_before", "_encoding", "root")

    def __init__(self, body: bytes) -> None:
        """Find the value. Raises `WireError` where there is none."""
        self._encoding = _encoding(body)
        if self._encoding:
            body = _recoded(body, self._encoding, "utf-8")
        at = _blank(body, len(BOM_UTF8) if body.startswith(BOM_UTF8) else 0)
        end = value_end(body, at)
        self._before, self.root, self._after = body[:at], Value(body[at:end]), body[end:]

    def text(self) -> bytes:
        """Return its bytes."""
        text = self._before + self.root.text() + self._after
        return _recoded(text, "utf-8", self._encoding) if self._encoding else text


def amended(text: bytes, after: Any) -> bytes:
    """Change a JSON text so that it reads as `after`; what does not differ keeps its bytes."""
    body = Body(text)
    body.root.amend(document.read(text), after)
    return body.text()


def value_end(text: bytes, at: int) -> int:
    """Find where the value that begins at a place ends. Raises `WireError`."""
    first = text[at : at + 1]
    if first in (b"{", b"["):
        depth = 0
        for found in _SKIPPED.finditer(text, at):
            byte, alone = text[found.start()], found.end() == found.start() + 1
            if byte in _QUOTE and alone:
                break
            if byte in _OPENING and alone:
                depth += 1
            elif byte in _CLOSING:
                depth -= 1
            if depth == 0:
                return found.end()
    else:
        end = (_TEXT if first == b'"' else _SCALAR).match(text, at)
        if end is not None:
            return end.end()
    raise WireError("the body cannot be changed: it is not JSON")


def _head(raw: bytes, at: int) -> tuple[int, str]:
    found = _HEAD.match(raw, at)
    if found is None:
        raise WireError("the body cannot be changed: a key is missing")
    key = document.read(found[1])
    return found.end(), str(key)


def _blank(raw: bytes, at: int) -> int:
    found = _BLANK.match(raw, at)
    return at if found is None else found.end()


def _same(one: Any, other: Any) -> bool:
    # Of one type, as true is not 1. NaN equals nothing, itself included.
    if type(one) is not type(other):
        return False
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def _encoding(body: bytes) -> str:
    """Return the encoding of a text that is not UTF-8, with its byte order; empty where it is."""
    found = json.detect_encoding(body)
    if found.startswith("utf-8"):
        return ""
    big = body.startswith((BOM_UTF16_BE, BOM_UTF32_BE))
    return found if found.endswith("e") else f"{found}-{'be' if big else 'le'}"


def _recoded(text: bytes, before: str, after: str) -> bytes:
    try:
        return text.decode(before, "surrogatepass").encode(after, "surrogatepass")
    except UnicodeError as error:
        raise WireError(f"the body cannot be changed: {error}") from error

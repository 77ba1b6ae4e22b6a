"""What is kept of a server-sent event that is too long to hold."""

import re
from collections.abc import Callable

from distillgate.wire.event_frames import with_lf
from distillgate.wire.outline import Outline

NAME_LIMIT = 1024
"""Bytes of an event's name. A longer one says nothing."""

_FIELD = re.compile(rb"^(data|event)(?:: ?([^\n]*))?$", re.MULTILINE)
_LONGEST = len(b"event: ")
"""Bytes of a line that are needed to know what it is."""


class Oversize:
    """Takes one event in pieces; any pieces give the same.

    Keeps its name, and its data up to `limit` bytes; of longer data the outline.
    """

    __slots__ = ("_data", "_limit", "_line", "_more", "_name", "_outline", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line = b""
        """The beginning of a line, while it cannot be told what it is."""
        self._more: Callable[[bytes], None] | None = None
        """Takes the rest of the line that is not complete."""
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._outline: Outline | None = None

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        # A CRLF that is cut in two makes an empty line here: it says nothing.
        text = self._line + with_lf(piece)
        self._line = b""
        at = 0
        if self._more is not None:
            end = text.find(b"\n")
            self._more(text if end < 0 else text[:end])
            if end < 0:
                return
            self._more, at = None, end + 1
        cut = max(at, text.rfind(b"\n", at) + 1)
        for match in _FIELD.finditer(text, at, cut):
            if match[1] == b"data":
                self._begin(match[2] or b"")
            elif len(match[2] or b"") <= NAME_LIMIT:
                self._name = match[2] or b""
        self._open(text[cut:])

    def event(self) -> tuple[bytes, bytes | None]:
        """Return the name, and the data where there is any."""
        if self._outline is not None:
            return self._name, self._outline.document()
        return self._name, b"".join(self._data) if self._data else None

    def _open(self, line: bytes) -> None:
        """Take a line that is not complete."""
        if len(line) < _LONGEST or (line.startswith(b"event") and len(line) <= 2 * NAME_LIMIT):
            self._line = line
        elif line.startswith(b"data:"):
            self._begin(line[6:] if line[5:6] == b" " else line[5:])
            self._more = self._add
        else:
            self._more = _pass

    def _begin(self, value: bytes) -> None:
        """Take a data line, or its beginning."""
        if self._outline is not None:
            value = b"\n" + value
        elif self._data:
            self._add(b"\n")
        self._add(value)

    def _add(self, value: bytes) -> None:
        if self._outline is not None:
            self._outline.feed(value)
            return
        self._data.append(value)
        self._size += len(value)
        if self._size > self._limit:
            self._outline = Outline()
            self._outline.feed(b"".join(self._data))
            self._data.clear()


def _pass(_: bytes) -> None:
    """Take the rest of a line that says nothing here."""

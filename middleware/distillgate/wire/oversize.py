"""What is kept of a server-sent event that is too long to hold."""

from collections.abc import Callable

from distillgate.wire.event_frames import FIELD, NAME_LIMIT, with_lf
from distillgate.wire.outline import Kept

_LONGEST = len(b"event: ")
"""Bytes of a line that are needed to know what it is."""


class Oversize:
    """Takes one event in pieces; any pieces give the same.

    Keeps its name, and its data up to `limit` bytes; of longer data the outline.
    """

    __slots__ = ("_data", "_has_data", "_line", "_more", "_name")

    def __init__(self, limit: int) -> None:
        self._line = b""
        """The beginning of a line, while it cannot be told what it is."""
        self._more: Callable[[bytes], None] | None = None
        """Takes the rest of the line that is not complete."""
        self._name = b""
        self._data = Kept(limit)
        self._has_data = False

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
        for match in FIELD.finditer(text, at, cut):
            if match[1] == b"data":
                self._begin(match[2] or b"")
            elif len(match[2] or b"") <= NAME_LIMIT:
                self._name = match[2] or b""
        self._open(text[cut:])

    def event(self) -> tuple[bytes, bytes | None]:
        """Return the name, and the data where there is any."""
        return self._name, self._data.take() if self._has_data else None

    def _open(self, line: bytes) -> None:
        """Take a line that is not complete."""
        if len(line) < _LONGEST or (line.startswith(b"event") and len(line) <= 2 * NAME_LIMIT):
            self._line = line
        elif line.startswith(b"data:"):
            self._begin(line[6:] if line[5:6] == b" " else line[5:])
            self._more = self._data.feed
        else:
            self._more = _pass

    def _begin(self, value: bytes) -> None:
        """Take a data line, or its beginning."""
        if self._has_data:
            self._data.feed(b"\n")
        self._has_data = True
        self._data.feed(value)


def _pass(_: bytes) -> None:
    """Take the rest of a line that says nothing here."""

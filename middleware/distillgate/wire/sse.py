"""Server-sent events, as bytes (WHATWG HTML 9.2): lines end in CR, LF or CRLF and nowhere else."""

from collections.abc import Iterator
from typing import NamedTuple

EVENT_LIMIT = 1 << 20
"""Bytes of one line, and of one event's data, that are kept; a longer event is dropped whole."""

_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event. `data` joins its data lines with LF, undecoded."""

    name: bytes
    data: bytes


class Reader:
    """Splits a stream of bytes into events; the chunking changes nothing.

    Holds at most one event and one line. As the standard has it, an event that the stream's end
    cuts off before its blank line is none.
    """

    __slots__ = ("_after_cr", "_begun", "_data", "_line", "_line_size", "_lost", "_name", "_size")

    def __init__(self) -> None:
        self._begun = False
        self._after_cr = False
        self._line: list[bytes] = []
        """The line that is not complete, in the pieces it came in."""
        self._line_size = 0
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._lost = False
        """The event is over the limit: whatever comes up to the next blank line goes."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes, give the events they complete. Works even where nobody iterates."""
        events: list[Event] = []
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == 0x0A:  # the LF of a CRLF whose CR already ended the line
                chunk = chunk[1:]
        if not chunk:
            return iter(events)
        lines = chunk.splitlines()  # for bytes: CR, LF and CRLF, no other
        last = chunk[-1]
        rest = b"" if last in b"\r\n" else lines.pop()
        self._after_cr = last == 0x0D
        for line in lines:
            self._take(self._whole(line) if self._line_size or not self._begun else line, events)
        if rest:
            self._keep(rest)
        return iter(events)

    def _keep(self, piece: bytes) -> None:
        self._line_size += len(piece)
        if self._line_size <= EVENT_LIMIT:
            self._line.append(piece)
        else:
            self._line.clear()

    def _whole(self, end: bytes) -> bytes:
        # The line that `end` completes. One over the limit is as long here, but for its bytes.
        self._keep(end)
        if self._line_size > EVENT_LIMIT:
            self._lost = True
            line = b":"
        else:
            line = b"".join(self._line)
            if not self._begun and line.startswith(_BOM):
                line = line[len(_BOM) :]
        self._begun = True
        self._line.clear()
        self._line_size = 0
        return line

    def _take(self, line: bytes, events: list[Event]) -> None:
        if not line:
            self._end(events)
        elif line.startswith(b"data:"):
            self._add(line[6:] if line[5:6] == b" " else line[5:])
        elif line == b"data":
            self._add(b"")
        elif line.startswith(b"event:"):
            self._name = line[7:] if line[6:7] == b" " else line[6:]
        elif line == b"event":
            self._name = b""
        if len(line) > EVENT_LIMIT:
            self._lost = True

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1
        if self._size > EVENT_LIMIT:
            self._lost = True
            self._data.clear()
        if not self._lost:
            self._data.append(value)

    def _end(self, events: list[Event]) -> None:
        if self._data and not self._lost:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append(Event(self._name, data))
        self._name = b""
        self._data.clear()
        self._size = 0
        self._lost = False

"""Server-sent events, as bytes (WHATWG HTML 9.2): lines end in CR, LF or CRLF and nowhere else."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from distillgate.wire.outline import Outline

EVENT_LIMIT = 1 << 20
"""Bytes of one line, and of one event's data, that are kept; of a longer event only its outline."""

_BOM = b"\xef\xbb\xbf"
_LONGEST = len(_BOM + b"data: ")
"""Bytes of a line that are no data: a line longer than them and the limit is a longer event."""

_FIELD = re.compile(rb"^(data|event)(?:: ?([^\n]*))?$", re.MULTILINE)
"""The lines that say something here. All others are passed over without being cut."""


class Event(NamedTuple):
    """One event. `data` joins its data lines with LF, undecoded; above the limit it is the outline
    of the JSON that it holds (`wire.outline`).
    """

    name: bytes
    data: bytes


class Reader:
    """Splits a stream of bytes into events; the chunking changes nothing.

    Holds at most one event and one line. As the standard has it, an event that the stream's end
    cuts off before its blank line is none. Costs a call for each field and each chunk, not for
    each line: a stream of blank lines is searched, not read.
    """

    __slots__ = ("_after_cr", "_begun", "_data", "_line", "_long", "_name", "_outline", "_size")

    def __init__(self) -> None:
        self._begun = False
        self._after_cr = False
        self._line = bytearray()
        """The line that is not complete; empty again where it is `_long`."""
        self._long: Callable[[bytes], None] | None = None
        """The line is over the limit, and this takes the rest of it."""
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0
        self._outline: Outline | None = None
        """The event is over the limit, and this is what is kept of it."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes, return the events they complete. Works even where nobody iterates."""
        events: list[Event] = []
        chunk = self._with_lf(chunk)
        if self._line or self._long is not None or not self._begun:
            end = chunk.find(b"\n")
            self._keep(chunk if end < 0 else chunk[:end])
            if end < 0:
                return iter(events)
            chunk = self._whole() + chunk[end:]
        cut = chunk.rfind(b"\n") + 1
        if cut:
            self._take(chunk, cut, events)
        self._keep(chunk[cut:])
        return iter(events)

    def end(self) -> Iterator[Event]:
        """Return nothing: an event that has not ended is none."""
        return iter(())

    def _with_lf(self, chunk: bytes) -> bytes:
        """Make every line end an LF."""
        if self._after_cr and chunk:
            self._after_cr = False
            if chunk[0] == 0x0A:  # the LF of a CRLF whose CR already ended the line
                chunk = chunk[1:]
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _keep(self, piece: bytes) -> None:
        """Take the next bytes of a line that is not complete."""
        if self._long is not None:
            self._long(piece)
            return
        self._line += piece
        if len(self._line) > EVENT_LIMIT + _LONGEST:
            line, self._long = self._whole(), _pass
            if line.startswith(b"data:"):
                self._long = self._add(line[6:] if line[5:6] == b" " else line[5:])

    def _whole(self) -> bytes:
        """Return the line that is complete now, and a comment where all of it was taken already."""
        line = bytes(self._line) if self._long is None else b":"
        if not self._begun:
            line = line.removeprefix(_BOM)
            self._begun = True
        self._line.clear()
        self._long = None
        return line

    def _take(self, chunk: bytes, end: int, events: list[Event]) -> None:
        """Take whole lines, up to `end`."""
        at = 0
        for match in _FIELD.finditer(chunk, 0, end):
            start = match.start()
            if at < start and _blank(chunk, at, start):
                self._end(events)
            at = match.end() + 1
            if chunk[start] == 0x64:  # data
                self._add(match[2] or b"")
            elif at - start <= EVENT_LIMIT:
                self._name = match[2] or b""
        if _blank(chunk, at, end):
            self._end(events)

    def _add(self, value: bytes) -> Callable[[bytes], None]:
        """Take a data line, and return what takes the rest of one that is long."""
        if self._outline is None:
            self._data.append(value)
            self._size += len(value) + 1
            if self._size <= EVENT_LIMIT:
                return self._data.append
            self._outline = Outline()
            value = b"\n".join(self._data)
            self._data.clear()
        else:
            value = b"\n" + value
        self._outline.feed(value)
        return self._outline.feed

    def _end(self, events: list[Event]) -> None:
        if self._outline is not None:
            events.append(Event(self._name, self._outline.document()))
            self._outline = None
        elif self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append(Event(self._name, data))
        self._name = b""
        self._data.clear()
        self._size = 0


def _blank(chunk: bytes, at: int, end: int) -> bool:
    """Return whether one of the lines in between is blank."""
    return chunk.startswith(b"\n", at, end) or chunk.find(b"\n\n", at, end) >= 0


def _pass(_: bytes) -> None:
    """Take the rest of a line that says nothing here."""

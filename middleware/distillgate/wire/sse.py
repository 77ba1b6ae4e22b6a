"""Server-sent events, read: one frame, or a stream of which no bytes are wanted back."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from distillgate.wire.event_frames import (
    BEGIN,
    FIELD,
    NAME_LIMIT,
    NEAR,
    OVERLAP,
    EventFrames,
    with_lf,
)
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


EVENT_LIMIT = 1 << 20
"""Bytes of one event that a `Reader` holds; of more data than this it keeps the outline."""

_PLAIN = re.compile(rb"(?:event: ?([^\r\n]{0,%d}+)\r?\n)?data: ?([^\r\n]*+)\r?\n\r?\n" % NAME_LIMIT)
"""An event as almost all servers write it, read at once."""


class Event(NamedTuple):
    """One event. `data` joins its data lines with LF, undecoded; above the limit it is the outline
    of the JSON that it holds (`wire.outline`).
    """

    name: bytes
    data: bytes


class Reader:
    """Splits a stream of bytes into events; the chunking changes nothing.

    Holds at most one event. As the standard has it, an event that the stream's end cuts off before
    its blank line is none. A stream of lines that say nothing is searched, not read.
    """

    __slots__ = ("_frames", "_held", "_oversize")

    def __init__(self) -> None:
        self._frames = EventFrames()
        self._held = NEAR + 1
        """How much of an event has come; more than is joined where it may not be a beginning."""
        self._oversize: Oversize | None = None
        """The event is over the limit, and this is what is kept of it."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes, return the events they complete. Works even where nobody iterates."""
        events: list[Event] = []
        at = 0
        if self._held <= NEAR and len(chunk) < EVENT_LIMIT - NEAR:
            if self._held:
                chunk = self._frames.rest() + chunk
                self._held = 0
            while (plain := _PLAIN.match(chunk, at)) is not None:
                events.append(Event(plain[1] or b"", plain[2]))
                at = plain.end()
            if at == len(chunk):
                return iter(events)
        for frame in self._frames.feed(chunk[at:]):
            event = self._read(frame)
            if event is not None:
                events.append(event)
        self._held = held = len(self._frames)
        if held > EVENT_LIMIT or (self._oversize is not None and held > OVERLAP):
            self._take(self._frames.drain())
        if self._oversize is not None or not self._frames.begun:
            self._held = NEAR + 1
        return iter(events)

    def end(self) -> Iterator[Event]:
        """Return nothing: an event that has not ended is none."""
        return iter(())

    def _read(self, frame: bytes) -> Event | None:
        if self._oversize is None and len(frame) <= EVENT_LIMIT:
            return read(frame)
        if self._oversize is None and not frame.startswith(BEGIN):
            return None  # a long run of lines before an event
        name, data = self._take(frame).event()
        self._oversize = None
        return None if data is None else Event(name, data)

    def _take(self, piece: bytes) -> Oversize:
        if self._oversize is None:
            self._oversize = Oversize(EVENT_LIMIT)
        self._oversize.feed(piece)
        return self._oversize


def read(frame: bytes) -> Event | None:
    """Read one frame; None where it holds no data."""
    if (plain := _PLAIN.fullmatch(frame)) is not None:
        return Event(plain[1] or b"", plain[2])
    if not frame.startswith(BEGIN):
        return None
    name, lines = b"", []
    for match in FIELD.finditer(with_lf(frame)):
        value = match[2] or b""
        if match[1] == b"data":
            lines.append(value)
        elif len(value) <= NAME_LIMIT:
            name = value
    return Event(name, lines[0] if len(lines) == 1 else b"\n".join(lines)) if lines else None

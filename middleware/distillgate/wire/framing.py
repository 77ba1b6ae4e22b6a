"""The pieces of a streamed answer that are no server-sent events: lines of JSON, or one array."""

import re
from collections.abc import Iterator
from typing import Protocol

from distillgate.wire.outline import STRING, Kept
from distillgate.wire.sse import EVENT_LIMIT, Event

OUTSIDE = re.compile(rb'["\[\]{}]')


class Frames(Protocol):
    """Cuts a stream of bytes into events; the chunking changes nothing."""

    def feed(self, chunk: bytes, /) -> Iterator[Event]:
        """Take bytes, return the events they complete."""

    def end(self) -> Iterator[Event]:
        """Return what the stream's end completes."""


class Lines:
    """Lines of JSON; the last needs no end."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept = Kept(EVENT_LIMIT)

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes, return the lines they complete."""
        *whole, rest = chunk.split(b"\n")
        lines = []
        for line in whole:
            self._kept.feed(line)
            lines.append(self._kept.take())
        self._kept.feed(rest)
        return _events(lines)

    def end(self) -> Iterator[Event]:
        """Return the last line."""
        return _events([self._kept.take()])


def _events(lines: list[bytes]) -> Iterator[Event]:
    return (Event(b"", line) for line in lines if line and not line.isspace())


class Elements:
    """The objects of one JSON array as they come; an object that stands in none is one as well."""

    __slots__ = ("_depth", "_in_string", "_kept", "_rest")

    def __init__(self) -> None:
        self._kept = Kept(EVENT_LIMIT)
        self._depth = 0
        """Objects that are open, and what is open in the outermost of them."""
        self._in_string = False
        self._rest = b""
        """A backslash whose second half has not come."""

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """Take bytes, return the objects they complete."""
        chunk, events = self._rest + chunk, []
        at = begin = 0
        self._rest = b""
        while at < len(chunk):
            if self._in_string:
                found = STRING.match(chunk, at)
                assert found is not None  # it matches nothing, too
                self._in_string = not found[1]
                at = found.end()
                if self._in_string:
                    self._rest, chunk = chunk[at:], chunk[:at]  # at most a backslash
                continue
            mark = OUTSIDE.search(chunk, at)
            if mark is None:
                break
            at = mark.end()
            if mark[0] == b'"':
                self._in_string = True
            elif self._depth:
                self._depth += 1 if mark[0] in b"[{" else -1
                if not self._depth:
                    self._kept.feed(chunk[begin:at])
                    events.append(Event(b"", self._kept.take()))
            elif mark[0] == b"{":
                self._depth, begin = 1, mark.start()
        if self._depth:
            self._kept.feed(chunk[begin:])
        return iter(events)

    def end(self) -> Iterator[Event]:
        """Return nothing: an object that has not ended is none."""
        return iter(())

"""A stream of server-sent events cut into its events, each with every byte it came with.

`wire.sse` reads events; this keeps them, so that those that are not changed pass as they are.
"""

import re
from collections.abc import Iterator

from distillgate.errors import WireError

FRAME_LIMIT = 8 << 20
"""Bytes of one event that are held. The last one of a Responses stream repeats the answer."""

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
"""The end of a line, and the empty line after it that ends an event."""

_IDLE = re.compile(rb"(?:[\r\n]++|:[^\r\n]*+[\r\n]++)++")
"""Empty lines and comments before an event: what keeps a connection alive."""

_BOM = b"\xef\xbb\xbf"


class Frames:
    """Cuts a stream into events; the chunking changes no event."""

    __slots__ = ("_at", "_begun", "_held", "_seen")

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0
        """How much of the held bytes was yielded."""
        self._seen = 0
        """How far they were searched."""
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes, yield the events they complete, each to the end of its empty line.

        Empty lines and comments between events wait for no event: each run is a frame of its own.

        Raises `WireError` where an event is larger than `FRAME_LIMIT`. What was not yielded, for
        this reason or because nobody asked, is left in `rest`.
        """
        held = self._held
        if self._at:
            del held[: self._at]
            self._seen, self._at = max(0, self._seen - self._at), 0
        held += chunk
        while (end := self._next()) > self._at:
            frame = bytes(held[self._at : end])
            self._at = end
            yield frame
        if len(held) - self._at > FRAME_LIMIT:
            raise WireError(f"an event is larger than {FRAME_LIMIT} bytes")

    def rest(self) -> bytes:
        """Return what is left: the beginning of an event, or nothing."""
        rest = bytes(self._held[self._at :])
        self._held.clear()
        self._at = self._seen = 0
        return rest

    def _next(self) -> int:
        """Find the end of the next frame; where there is none yet, its beginning."""
        held, at = self._held, self._at
        if not self._begun and len(held) >= len(_BOM):
            self._begun = True
            if held.startswith(_BOM):
                return len(_BOM)
        if (idle := _IDLE.match(held, at)) is not None:
            return idle.end()
        if held[at : at + 1] == b":":
            return at
        end = _END.search(held, max(at, self._seen))
        if end is not None:
            return end.end()
        self._seen = max(at, len(held) - 3)
        return at


def data(frame: bytes) -> bytes:
    """Read an event's data: its data lines joined with LF, as the standard has it."""
    return b"\n".join(line for line in map(_data, frame.splitlines()) if line is not None)


def name(frame: bytes) -> bytes:
    """Read an event's name; empty where it has none."""
    names = [line[6:].strip() for line in frame.splitlines() if line.startswith(b"event:")]
    return names[-1] if names else b""


def with_data(frame: bytes, new: bytes) -> bytes:
    """Put other data into an event; its other lines, and how its data lines begin and end, stay.

    Each line of the data takes the place of one; the last line takes what has none, and lines of
    which nothing is left go.
    """
    lines = frame.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if _data(line) is not None]
    texts = new.split(b"\n", len(places) - 1)
    for number, text in zip(places, texts, strict=False):
        line = lines[number]
        end = line[len(line.rstrip(b"\r\n")) :]
        head = b"data:" if line.startswith(b"data:") and line[5:6] != b" " else b"data: "
        lines[number] = head + text.replace(b"\n", (end or b"\n") + head) + end
    for number in places[len(texts) :]:
        lines[number] = b""
    return b"".join(lines)


def _data(line: bytes) -> bytes | None:
    line = line.rstrip(b"\r\n")
    if line.startswith(b"data:"):
        return line[6:] if line[5:6] == b" " else line[5:]
    return b"" if line == b"data" else None

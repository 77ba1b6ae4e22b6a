"""A stream of server-sent events cut into its events, each with every byte it came with.

`wire.sse` reads events; this keeps them, so that those that are not changed pass as they are.
"""

import re
from collections.abc import Iterator
from itertools import chain

from distillgate.errors import WireError

FRAME_LIMIT = 8 << 20
"""Bytes of one event that are held. The last one of a Responses stream repeats the answer."""

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
"""The end of a line, and the empty line after it that ends an event."""


class Frames:
    """Cuts a stream into events; the chunking changes nothing."""

    __slots__ = ("_held", "_seen")

    def __init__(self) -> None:
        self._held = bytearray()
        self._seen = 0
        """How far the held bytes were searched."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes, yield the events they complete, each to the end of its empty line.

        Raises `WireError` where an event is larger than `FRAME_LIMIT`. What was not yielded, for
        this reason or because nobody asked, is left in `rest`.
        """
        held = self._held
        held += chunk
        while (end := _END.search(held, self._seen)) is not None:
            if end.end() == len(held) and held.endswith(b"\r"):
                break  # a LF may follow that belongs to it
            frame = bytes(held[: end.end()])
            del held[: end.end()]
            self._seen = 0
            yield frame
        self._seen = max(0, len(held) - 3)
        if len(held) > FRAME_LIMIT:
            raise WireError(f"an event is larger than {FRAME_LIMIT} bytes")

    def rest(self) -> bytes:
        """Give what is left: the beginning of an event, or nothing."""
        rest = bytes(self._held)
        self._held.clear()
        self._seen = 0
        return rest


def data(frame: bytes) -> bytes:
    """Read an event's data: its data lines joined with LF, as the standard has it."""
    return b"\n".join(line for line in map(_data, frame.splitlines()) if line is not None)


def name(frame: bytes) -> bytes:
    """Read an event's name; empty where it has none."""
    names = [line[6:].strip() for line in frame.splitlines() if line.startswith(b"event:")]
    return names[-1] if names else b""


def with_data(frame: bytes, new: bytes) -> bytes:
    """Put other data (without a line end in it) into an event; its other lines stay."""
    lines = frame.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if _data(line) is not None)
    end = lines[first][len(lines[first].rstrip(b"\r\n")) :]
    others = (line for line in lines[first + 1 :] if _data(line) is None)
    return b"".join(chain(lines[:first], (b"data: ", new, end), others))


def _data(line: bytes) -> bytes | None:
    line = line.rstrip(b"\r\n")
    if line.startswith(b"data:"):
        return line[6:] if line[5:6] == b" " else line[5:]
    return b"" if line == b"data" else None

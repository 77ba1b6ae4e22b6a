"""A stream of server-sent events (WHATWG HTML 9.2) cut into its events, with every byte of them.

Lines end in CR, LF or CRLF and nowhere else.
"""

import re

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
"""The end of a line, and the empty line after it that ends an event."""

_IDLE = re.compile(rb"(?:(?!data|event)[^\r\n]*+[\r\n]++)++")
"""Lines before an event that are none of it: empty ones, comments (which keep a connection alive),
and fields that the next event is read the same without."""

_BREAK = re.compile(rb"[\r\n]")

_COMMENT = re.compile(rb"(?<=\n):[^\r\n]*+\r?+\n")
"""A comment between an event's lines. Without it they read the same, as an LF stands before it."""

NEAR = 1024
"""Bytes of a comment's or an event's beginning that are looked at once more."""

BEGIN = (b"data", b"event")
FIELD = re.compile(rb"^(data|event)(?:: ?([^\n]*))?$", re.MULTILINE)
"""The lines that say something here, of a text whose lines all end in LF."""
NAME_LIMIT = 1024
"""Bytes of an event's name. A longer one says nothing."""

_BOM = b"\xef\xbb\xbf"
OVERLAP = 3
"""Bytes at the end of what is held in which the end of an event may have begun."""


class EventFrames:
    """Cuts a stream into frames; the chunking changes no event.

    A frame is an event to the end of its empty line, or a run of lines that wait for none. Joined
    they are the stream again, but that a comment inside an event which is not complete goes first.
    """

    __slots__ = ("_held", "_inside", "_seen", "begun")

    def __init__(self) -> None:
        self._held = bytearray()
        self._seen = 0
        """How far it was searched for an end."""
        self.begun = False
        """Whether the stream's first bytes were seen: a byte order mark stands nowhere else."""
        self._inside = False
        """What is held is no beginning: more of the event was drained."""

    def __len__(self) -> int:
        """Return how many bytes are held."""
        return len(self._held)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take bytes, return the frames they complete."""
        before = len(self._held)
        self._held += chunk
        frames = self._cut()
        if self._held and not self._inside:
            self._hoist(max(0, before - NEAR) if not frames else 0, frames)
        return frames

    def drain(self) -> bytes:
        """Return what is held of an event, but for bytes in which its end may have begun."""
        drained = bytes(self._held[:-OVERLAP])
        del self._held[:-OVERLAP]
        self._seen = 0
        self._inside = True
        return drained

    def rest(self) -> bytes:
        """Return what is left: the beginning of an event, or nothing."""
        rest = bytes(self._held)
        self._held.clear()
        self._seen = 0
        return rest

    def _cut(self) -> list[bytes]:
        held, at = self._held, 0
        frames: list[bytes] = []
        if not self.begun:
            if len(held) < len(_BOM) and _BOM.startswith(held):
                return frames
            self.begun = True
            if held.startswith(_BOM):
                frames.append(_BOM)
                at = len(_BOM)
        while True:
            if self._may_idle() and (idle := _IDLE.match(held, at)) is not None:
                frames.append(bytes(idle[0]))
                at = idle.end()
            found = _END.search(held, max(at, self._seen))
            if found is None:
                break
            frames.append(bytes(held[at : found.end()]))
            at, self._seen, self._inside = found.end(), 0, False
        self._seen = max(0, len(held) - at - OVERLAP)
        del held[:at]
        return frames

    def _may_idle(self) -> bool:
        """Return whether what is held may begin with whole lines that are none of an event: of a
        long one only what is new is searched for its end.
        """
        if self._inside:
            return False
        return not self._seen or _BREAK.search(self._held, self._seen) is not None

    def _hoist(self, start: int, frames: list[bytes]) -> None:
        """Take out comments that ended."""
        held = self._held
        if held.find(b"\n:", start) < 0:
            return
        near = bytes(held[start:])
        frames += filter(None, [b"".join(_COMMENT.findall(near))])
        held[start:] = _COMMENT.sub(b"", near)
        self._seen = max(0, len(held) - OVERLAP)


def with_lf(text: bytes) -> bytes:
    """Make every line end an LF."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def with_data(frame: bytes, new: bytes) -> bytes:
    """Put other data into an event; its other lines, and how its data lines begin and end, stay.

    Each line of the data takes the place of one; the last line takes what has none, and lines of
    which nothing is left go.
    """
    lines = frame.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if _is_data(line)]
    texts = new.split(b"\n", len(places) - 1)
    for number, text in zip(places, texts, strict=False):
        line = lines[number]
        end = line[len(line.rstrip(b"\r\n")) :]
        head = b"data:" if line.startswith(b"data:") and line[5:6] != b" " else b"data: "
        lines[number] = head + text.replace(b"\n", (end or b"\n") + head) + end
    for number in places[len(texts) :]:
        lines[number] = b""
    return b"".join(lines)


def _is_data(line: bytes) -> bool:
    return line.startswith(b"data:") or line.rstrip(b"\r\n") == b"data"

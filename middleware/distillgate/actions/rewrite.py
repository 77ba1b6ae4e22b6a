"""Changing an answer while it passes: JSON as a whole, server-sent events one by one.

What is not changed passes byte for byte. Pure: bytes in, bytes out.
"""

from collections import deque
from typing import Protocol

from distillgate.errors import WireError
from distillgate.wire import document, sse
from distillgate.wire.bounds import NARROW
from distillgate.wire.edit import amended
from distillgate.wire.event import Edit, Event
from distillgate.wire.event_frames import EventFrames, with_data

WHOLE_LIMIT = 8 << 20
"""Bytes of a JSON answer that are held to be changed; a longer one passes as it is."""

FRAME_LIMIT = 8 << 20
"""Bytes of one event that are held. The last one of a Responses stream repeats the answer."""

_BLANK = b" \t\r\n"


class Rewriter(Protocol):
    """Changes one answer's body: takes its bytes, gives those to send on. Any chunking will do.

    `held` says whether the answer's headers can wait for what becomes of it.

    May raise anything; then `rest` gives what was taken and not given back, and the bytes that
    come later are to pass as they are.
    """

    held: bool
    changed: bool
    """Whether anything was changed so far."""

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Take the next bytes."""

    def rest(self) -> bytes:
        """Return up: what was taken and not given back yet, unchanged."""


def rewriter(edit: Edit, *, status: int, content_type: str) -> Rewriter | None:
    """Make what changes an answer; None for those that are never changed: errors, and other media.

    Its bytes are those before any content coding.
    """
    kind = content_type.partition(";")[0].strip().lower()
    stream = kind == "text/event-stream"
    if not 200 <= status < 300 or not (stream or kind.endswith(("/json", "+json"))):
        return None
    return _Stream(edit) if stream else _Whole(edit)


class _Whole:
    """One JSON document: held to its end, but for the white space that servers keep it alive with
    before its beginning.
    """

    held = True

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._held = bytearray()
        self.changed = False

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        waiting = b""
        if not self._held:
            begun = chunk.lstrip(_BLANK)
            waiting, chunk = chunk[: len(chunk) - len(begun)], begun
        self._held += chunk
        if len(self._held) > WHOLE_LIMIT:
            raise WireError(f"the answer is larger than {WHOLE_LIMIT} bytes")
        return waiting + self._changed() if last else waiting

    def rest(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held

    def _changed(self) -> bytes:
        answer = document.read(bytes(self._held), NARROW) if self._held else None
        if isinstance(answer, dict) and self._edit.whole(answer):
            changed = amended(bytes(self._held), answer)
            self.changed = True
            return changed
        return self.rest()


class _Stream:
    """Server-sent events: each is passed on, changed or not, as soon as it is complete."""

    held = False

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._frames = EventFrames()
        self._next: deque[bytes] = deque()
        """EventFrames that are complete, and not looked at."""
        self._out: list[bytes] = []
        self._now = b""
        """The event that is being changed."""
        self._named = False
        self.changed = False

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        self._next += self._frames.feed(chunk)
        while self._next:
            self._take(self._next.popleft())
        if len(self._frames) > FRAME_LIMIT:
            raise WireError(f"an event is larger than {FRAME_LIMIT} bytes")
        if last:
            # Clients differ on an event without its empty line: some take it.
            if frame := self._frames.rest():
                self._take(frame)
            self._out += map(self._write, self._edit.rest())
        return self._give()

    def rest(self) -> bytes:
        now, self._now = self._now, b""
        waiting = b"".join(self._next)
        self._next.clear()
        return self._give() + now + waiting + self._frames.rest()

    def _give(self) -> bytes:
        out = b"".join(self._out)
        self._out.clear()
        return out

    def _take(self, frame: bytes) -> None:
        self._now = frame
        self._out += self._instead(frame)
        self._now = b""

    def _instead(self, frame: bytes) -> list[bytes]:
        found = sse.read(frame)
        if found is None:
            return [frame]
        name, data = found
        if data.startswith(b"[DONE]"):
            return [*map(self._write, self._edit.rest()), frame]
        try:
            read = document.read(data, NARROW)
        except WireError:
            return [frame]
        if not isinstance(read, dict):
            return [frame]
        self._named = bool(name)
        event = Event(data, read)
        instead = self._edit.event(event)
        if instead is None:
            return [frame]
        self.changed = True
        return [
            with_data(frame, one.text()) if one is event else self._write(one) for one in instead
        ]

    def _write(self, event: Event) -> bytes:
        head = b""
        if self._named:
            head = b"event: " + str(event.document.get("type")).encode() + b"\n"
        lines = event.text().replace(b"\n", b"\ndata: ")
        return head + b"data: " + lines + b"\n\n"

"""Changing an answer while it passes: JSON as a whole, server-sent events one by one.

What is not changed passes byte for byte. Pure: bytes in, bytes out.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from distillgate.actions import frames
from distillgate.errors import WireError
from distillgate.wire import document

WHOLE_LIMIT = 8 << 20
"""Bytes of a JSON answer that are held to be changed; a longer one passes as it is."""


class Edit(Protocol):
    """What is changed, in one answer; made anew for each."""

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a whole answer in place; say whether there was anything to change."""

    def event(self, event: dict[str, Any]) -> Sequence[Mapping[str, Any]] | None:
        """Say what to send in place of an event, itself changed or not; None passes it as it is."""

    def rest(self) -> Sequence[Mapping[str, Any]]:
        """Give what is still held back, as events, at the end of the stream."""


class Rewriter(Protocol):
    """Changes one answer's body: takes its bytes, gives those to send on. Any chunking will do.

    May raise anything; then `rest` gives what was taken and not given back, and the bytes that
    come later are to pass as they are.
    """

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        """Take the next bytes."""

    def rest(self) -> bytes:
        """Give up: what was taken and not given back yet, unchanged."""


def rewriter(edit: Edit, *, status: int, content_type: str, encoding: str) -> Rewriter | None:
    """Make what changes an answer; None for those that are never changed: errors, and other media.

    Raises `WireError` for an answer that is compressed although it was asked not to be.
    """
    kind = content_type.partition(";")[0].strip().lower()
    stream = kind == "text/event-stream"
    if not 200 <= status < 300 or not (stream or kind.endswith(("/json", "+json"))):
        return None
    if encoding.strip().lower() not in ("", "identity"):
        raise WireError("the answer is compressed, though it was asked not to be")
    return _Stream(edit) if stream else _Whole(edit)


class _Whole:
    """One JSON document: held to its end."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._held = bytearray()

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        self._held += chunk
        if len(self._held) > WHOLE_LIMIT:
            raise WireError(f"the answer is larger than {WHOLE_LIMIT} bytes")
        if not last:
            return b""
        answer = document.read(bytes(self._held)) if self._held else None
        if isinstance(answer, dict) and self._edit.whole(answer):
            return document.write(answer)
        return self.rest()

    def rest(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


class _Stream:
    """Server-sent events: each is passed on, changed or not, as soon as it is complete."""

    def __init__(self, edit: Edit) -> None:
        self._edit = edit
        self._frames = frames.Frames()
        self._out: list[bytes] = []
        self._now = b""
        """The event that is being changed."""
        self._named = False

    def feed(self, chunk: bytes, *, last: bool) -> bytes:
        for frame in self._frames.feed(chunk):
            self._take(frame)
        if last:
            # Clients differ on an event without its empty line: some take it.
            if frame := self._frames.rest():
                self._take(frame)
            self._out += map(self._write, self._edit.rest())
        return self._give()

    def rest(self) -> bytes:
        now, self._now = self._now, b""
        return self._give() + now + self._frames.rest()

    def _give(self) -> bytes:
        out = b"".join(self._out)
        self._out.clear()
        return out

    def _take(self, frame: bytes) -> None:
        self._now = frame
        self._out += self._changed(frame)
        self._now = b""

    def _changed(self, frame: bytes) -> list[bytes]:
        data = frames.data(frame)
        if data.startswith(b"[DONE]"):
            return [*map(self._write, self._edit.rest()), frame]
        try:
            event = document.read(data)
        except WireError:
            return [frame]
        if not isinstance(event, dict):
            return [frame]
        self._named = bool(frames.name(frame))
        instead = self._edit.event(event)
        if instead is None:
            return [frame]
        return [
            frames.with_data(frame, document.write(one)) if one is event else self._write(one)
            for one in instead
        ]

    def _write(self, event: Mapping[str, Any]) -> bytes:
        head = b"event: " + str(event.get("type")).encode() + b"\n" if self._named else b""
        return head + b"data: " + document.write(event) + b"\n\n"

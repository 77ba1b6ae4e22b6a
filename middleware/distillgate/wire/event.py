"""An answer that is changed as it passes: one event of a stream, and what changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from distillgate.wire import document
from distillgate.wire.edit import amended


class Event:
    """An event's JSON. What of `document` is not changed is written as it came."""

    __slots__ = ("_text", "document")

    def __init__(self, text: bytes, document: dict[str, Any]) -> None:
        self._text = text
        self.document = document

    @classmethod
    def of(cls, members: dict[str, Any]) -> Event:
        """Make an event that is like none that came."""
        return cls(document.write(members), members)

    def like(self, **members: Any) -> Event:
        """Make another that differs in these members."""
        return Event(self._text, {**self.document, **members})

    def text(self) -> bytes:
        """Return its JSON."""
        return amended(self._text, self.document)


class Edit(Protocol):
    """What is changed, in one answer; made anew for each."""

    def whole(self, answer: dict[str, Any]) -> bool:
        """Change a whole answer in place; return whether there was anything to change."""

    def event(self, event: Event) -> Sequence[Event] | None:
        """Return what to send in place of an event, itself changed or not; None passes it."""

    def rest(self) -> Sequence[Event]:
        """Return what is still held back, as events, at the end of the stream."""

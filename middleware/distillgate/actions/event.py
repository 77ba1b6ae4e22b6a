"""One event of a streamed answer: as it reads, to be changed, and the bytes it came with."""

from __future__ import annotations

from typing import Any

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

"""What this process wrote and has not seen come back: kept, so that it can be appended again."""

from collections import deque
from typing import Generic, NamedTuple, TypeVar

from distillgate.fleet.transport import Envelope

Entry = TypeVar("Entry")

_OVERHEAD = 200
"""Bytes that keeping an envelope takes beside its data."""


class Sent(NamedTuple, Generic[Entry]):
    """An own entry, and what carries it."""

    envelope: Envelope
    entry: Entry
    since: float
    """When it was added, in seconds of a clock that nobody sets."""


class Outbox(Generic[Entry]):
    """Own entries in the order of their numbers, from the oldest that has not come back.

    Bounded by bytes: beyond, the oldest go, and whoever adds is told how many.
    """

    def __init__(self, origin: int, limit: int) -> None:
        self.origin = origin
        self.bytes = 0
        self.oldest: float | None = None
        """Since when the oldest waits to come back, were it let go meanwhile."""
        self._limit = limit
        self._kept: deque[Sent[Entry]] = deque()
        self._number = 0
        self._next = 1
        """The number of the next to append."""

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, entry: Entry, data: bytes, at: float, since: float) -> int:
        """Keep an entry under the next number; give how many old ones had to go for it."""
        self._number += 1
        if self.oldest is None:
            self.oldest = since
        self._kept.append(Sent(Envelope(self.origin, self._number, at, data), entry, since))
        self.bytes += len(data) + _OVERHEAD
        dropped = 0
        while self.bytes > self._limit and len(self._kept) > 1:
            self._drop()
            dropped += 1
        return dropped

    @property
    def waiting(self) -> bool:
        """Whether anything is to be appended."""
        return self._next <= self._number

    def batch(self, limit: int) -> list[Envelope]:
        """Give the next to append: some bytes, and one at least."""
        taken: list[Envelope] = []
        size = 0
        for place in range(self._place(self._next), len(self._kept)):
            envelope = self._kept[place].envelope
            size += len(envelope.data)
            if taken and size > limit:
                break
            taken.append(envelope)
        return taken

    def appended(self, number: int) -> None:
        """Note that all up to a number were appended."""
        self._next = max(self._next, number + 1)

    def again(self) -> None:
        """Append everything that has not come back once more."""
        self._next = self._kept[0].envelope.number if self._kept else self._number + 1

    def returned(self, number: int) -> None:
        """Let go of all up to a number: they came back."""
        while self._kept and self._kept[0].envelope.number <= number:
            self._drop()
        self.oldest = self._kept[0].since if self._kept else None
        self._next = max(self._next, number + 1)

    def get(self, number: int) -> Sent[Entry] | None:
        """Give one that is kept, by its number."""
        sent = self.after(number - 1)
        return sent if sent is not None and sent.envelope.number == number else None

    def after(self, number: int) -> Sent[Entry] | None:
        """Give the first that is kept after a number."""
        place = self._place(number + 1)
        return self._kept[place] if place < len(self._kept) else None

    def _place(self, number: int) -> int:
        return max(0, number - self._kept[0].envelope.number) if self._kept else 0

    def _drop(self) -> None:
        self.bytes -= len(self._kept.popleft().envelope.data) + _OVERHEAD

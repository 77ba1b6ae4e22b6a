"""What this process wrote and has not seen come back: kept, so that it can be appended again."""

from collections import deque
from collections.abc import Iterator
from itertools import islice

import msgspec

from distillgate.engine.entries import Entry, decode

_OVERHEAD = 200
"""Bytes that keeping an entry takes beside its data..."""
_OBJECTS = 1024
"""...but for the newest, which are kept as objects, too: these take five times as much, and where a
log is away, or load is more than can be learned of, very many wait."""


class Sent(msgspec.Struct):
    """An own entry on its way."""

    number: int
    data: bytes
    read: Entry | None
    """The entry as an object; None where many wait that were added later."""
    since: float
    """When it was added, in seconds of a clock that nobody sets."""
    applied: bool = False
    """It was applied before it came back."""

    @property
    def entry(self) -> Entry:
        """The entry."""
        return decode(self.data) if self.read is None else self.read


class Outbox:
    """Own entries in the order of their numbers, from the oldest that has not come back.

    Bounded by bytes: beyond, the oldest go.
    """

    def __init__(self, origin: int, limit: int) -> None:
        self.origin = origin
        self.bytes = 0
        self._limit = limit
        self._kept: deque[Sent] = deque()
        self._number = 0
        self.next = 1
        """The number of the next to append."""

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Sent]:
        return iter(self._kept)

    def add(self, entry: Entry, data: bytes, since: float) -> list[Sent]:
        """Keep an entry under the next number; return the old ones that had to go for it."""
        self._number += 1
        self._kept.append(Sent(self._number, data, entry, since))
        self.bytes += len(data) + _OVERHEAD
        if len(self._kept) > _OBJECTS:
            self._kept[-_OBJECTS - 1].read = None
        gone = []
        while self.bytes > self._limit and len(self._kept) > 1:
            gone.append(self._drop())
        return gone

    @property
    def newest(self) -> int:
        """The number of the entry that was added last."""
        return self._number

    @property
    def waiting(self) -> bool:
        """Return whether anything is to be appended."""
        return self.next <= self._number

    @property
    def oldest(self) -> Sent | None:
        """The oldest that has not come back."""
        return self._kept[0] if self._kept else None

    @property
    def first_waiting(self) -> Sent | None:
        """The oldest that was not appended."""
        place = self._place(self.next)
        return self._kept[place] if place < len(self._kept) else None

    def batch(self, limit: int) -> list[Sent]:
        """Return the next to append: some bytes, and one at least."""
        taken: list[Sent] = []
        size = 0
        for sent in islice(self._kept, self._place(self.next), None):
            size += len(sent.data)
            if taken and size > limit:
                break
            taken.append(sent)
        return taken

    def appended(self, number: int) -> None:
        """Note that all up to a number were appended."""
        self.next = max(self.next, number + 1)

    def again(self) -> None:
        """Append everything that has not come back once more."""
        self.next = self._kept[0].number if self._kept else self._number + 1

    def returned(self, number: int) -> None:
        """Let go of all up to a number: they came back."""
        while self._kept and self._kept[0].number <= number:
            self._drop()
        self.next = max(self.next, number + 1)

    def get(self, number: int) -> Sent | None:
        """Return one that is kept, by its number."""
        place = self._place(number)
        sent = self._kept[place] if place < len(self._kept) else None
        return sent if sent is not None and sent.number == number else None

    def after(self, number: int) -> Sent | None:
        """Return the first that is kept after a number."""
        place = self._place(number + 1)
        return self._kept[place] if place < len(self._kept) else None

    def _place(self, number: int) -> int:
        return max(0, number - self._kept[0].number) if self._kept else 0

    def _drop(self) -> Sent:
        gone = self._kept.popleft()
        self.bytes -= len(gone.data) + _OVERHEAD
        return gone


_CALM_SECONDS, _MOST = 60.0, 32
"""A process that was not local for so long is as patient as ever; at most so many times more."""


class Patience:
    """Decides when a process is *local*: applies its own entries at once. `now` is an argument.

    To and fro would make the state anew again and again, so each time makes it twice as patient.
    """

    def __init__(self, seconds: float) -> None:
        self._first = self.seconds = seconds
        self.local = False
        self._together = -_CALM_SECONDS
        """Since when it is not local."""

    def over(self, outbox: Outbox, now: float, silent: float) -> bool:
        """Return whether own entries wait too long: the log does not take them, or it gives nothing
        back and has been silent for so many seconds.
        """
        unsent, oldest = outbox.first_waiting, outbox.oldest
        if unsent is not None and now - unsent.since > self.seconds:
            return True
        waits = oldest is not None and now - oldest.since > self.seconds
        return waits and silent > self.seconds

    def change(self, *, local: bool, now: float) -> bool:
        """Be local or not; return whether that is new."""
        if self.local == local:
            return False
        self.local = local
        if not local:
            self._together = now
        elif now - self._together < _CALM_SECONDS:
            self.seconds = min(2 * self.seconds, _MOST * self._first)
        else:
            self.seconds = self._first
        return True

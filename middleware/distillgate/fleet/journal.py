"""The journal of one machine's workers: their batches in one order, the latest of them kept."""

import secrets
from typing import NamedTuple

import msgspec


class Placed(NamedTuple):
    """A batch in its place. Its envelopes stay encoded: the hub has no use for what is in them."""

    position: str
    at: float
    envelopes: msgspec.Raw


class Journal:
    """Batches in the order in which they came, bounded by their bytes.

    `name` is drawn for each journal: a position of another one is told from its own.
    """

    def __init__(self, kept_bytes: int, name: str | None = None) -> None:
        self._kept_bytes = kept_bytes
        self._at = 0.0
        self._name = name or secrets.token_hex(8)
        self._batches: dict[int, Placed] = {}
        """By their numbers, from `_first` on without a hole."""
        self._first = 1
        self._bytes = 0

    def now(self, clock: float) -> float:
        """Give the journal's time: the clock's, but never before what it was already."""
        self._at = max(self._at, clock)
        return self._at

    def append(self, envelopes: msgspec.Raw, clock: float) -> Placed:
        """Add a batch behind all others; the earliest go where there are too many bytes."""
        number = self._first + len(self._batches)
        placed = Placed(f"{self._name}-{number}", self.now(clock), envelopes)
        self._batches[number] = placed
        self._bytes += len(envelopes)
        while self._bytes > self._kept_bytes and len(self._batches) > 1:
            self._bytes -= len(self._batches.pop(self._first).envelopes)
            self._first += 1
        return placed

    @property
    def last(self) -> str | None:
        """The position behind which nothing is yet."""
        batch = self._batches.get(self._first + len(self._batches) - 1)
        return None if batch is None else batch.position

    def after(self, position: str | None, at_most: int) -> list[Placed]:
        """Give some batches after a position, about `at_most` bytes of them, if any one at all.

        From the earliest kept where the journal does not reach back so far, or never had it.
        """
        number = self._number(position)
        number = self._first if number is None else max(number + 1, self._first)
        found: list[Placed] = []
        size = 0
        while size < at_most and number in self._batches:
            found.append(self._batches[number])
            size += len(found[-1].envelopes)
            number += 1
        return found

    def reaches(self, position: str) -> bool:
        """Say whether all that was appended after a position is still there."""
        number = self._number(position)
        return number is not None and self._first - 1 <= number < self._first + len(self._batches)

    def _number(self, position: str | None) -> int | None:
        """Read a position of this journal; None for any other."""
        name, _, number = (position or "").rpartition("-")
        return int(number) if name == self._name and number.isdecimal() else None

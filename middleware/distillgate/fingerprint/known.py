"""What this service has seen of whom: a bounded, forgetful set of keyed hashes.

A direct-mapped table that all principals share, so memory is bounded and no account carries a list
of what it sent. What was overwritten counts as new again: a repeat may be read twice, and nothing
new is ever taken for a repeat (but for one in four billion by chance).
"""

from collections.abc import Iterable

import numpy as np

from distillgate.records.places import Places

_PLACES = 1 << 22
"""Hashes remembered, at four bytes each; the system gives memory only to those that are written."""


class KnownContent:
    """Hashes of contents that were sent before, and of answers that were given."""

    def __init__(self, places: int = _PLACES) -> None:
        self._size = places
        self._table = np.zeros(places, np.uint32).data
        self.places = Places(np.frombuffer(self._table, np.uint32))

    def __contains__(self, mark: object) -> bool:
        """Return whether a 64-bit hash was noted."""
        return isinstance(mark, int) and self._table[mark % self._size] == (mark >> 32 or 1)

    def note(self, marks: Iterable[int]) -> None:
        """Remember hashes."""
        table, size = self._table, self._size
        for mark in marks:
            table[mark % size] = mark >> 32 or 1  # 0 is an empty place

    def forget(self, mark: int) -> None:
        """Forget a hash that was noted."""
        self._table[mark % self._size] = 0

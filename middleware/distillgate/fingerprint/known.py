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

    def __init__(self) -> None:
        self._table = np.zeros(_PLACES, np.uint32).data
        self.places = Places(np.frombuffer(self._table, np.uint32))

    def __contains__(self, mark: object) -> bool:
        """Return whether a 64-bit hash was noted."""
        return isinstance(mark, int) and self._table[mark % _PLACES] == mark >> 32

    def note(self, marks: Iterable[int]) -> None:
        """Remember hashes."""
        table = self._table
        for mark in marks:
            table[mark % _PLACES] = mark >> 32

"""Which texts an account had answered before: a budget of different texts does not count repeats.

A direct-mapped table that all accounts share, so memory is bounded and no account carries a list of
its texts. What was overwritten counts as new again: a repeat may be charged twice, a new text is
never taken for a repeat (but for one in four billion by chance).
"""

from array import array

import numpy as np
import xxhash

from distillgate.records.places import Places
from distillgate.wire import document
from distillgate.wire.request import Request

_PLACES = 1 << 20
"""Texts remembered, at four bytes each."""


class Sightings:
    """The texts that were answered, as hashes of whom they were answered and what they were."""

    def __init__(self) -> None:
        self._table = array("I", bytes(4 * _PLACES))
        self.places = Places(np.frombuffer(self._table, np.uint32))

    def unseen(self, unit: int, request: Request) -> int | None:
        """Give the key to `note` where the content is new to its unit; None where it is a repeat.

        All of the content counts, not only what is read of it: else pictures, token ids and the
        middle of a long text would pass for repeats. About 0.4 ms a megabyte.
        """
        asked = request.operation.api.content
        whole = document.write([request.document.get(name) for name in asked])
        key = xxhash.xxh3_64_intdigest(whole, seed=unit)
        return None if self._table[key % _PLACES] == key >> 32 else key

    def note(self, key: int) -> None:
        """Remember a content as answered."""
        self._table[key % _PLACES] = key >> 32

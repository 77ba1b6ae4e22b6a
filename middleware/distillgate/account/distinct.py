"""How many different things were seen, in bounded memory.

A bottom-k (KMV) sketch keeps the k smallest hashes (Bar-Yossef et al. 2002; Beyer et al. 2007):
the k-th smallest tells how many there are, and the kept ones are a uniform sample of the distinct
things, whatever their frequency. The relative error of the count is about 1/sqrt(k - 2).
"""

import sys
from array import array
from bisect import bisect_left
from itertools import pairwise

_SPAN = float(2**64)
_MOST = 2**64 - 1


class Distinct(bytes):
    """A uniform sample of the distinct 64-bit hashes seen: 8 bytes each, as one value.

    Adding gives another: nothing to grow, and nothing for the garbage collector to follow.
    """

    __slots__ = ()

    @classmethod
    def of(cls, size: int) -> "Distinct":
        """Return an empty sample of at most `size` hashes."""
        return cls(array("Q", (size,)))

    @property
    def sound(self) -> bool:
        """Return whether these bytes are a sample at all: hashes in their order, none too many."""
        if not self or len(self) % 8:
            return False
        size, *kept = memoryview(self).cast("Q")
        return len(kept) <= size and all(one < other for one, other in pairwise(kept))

    @property
    def size(self) -> int:
        """The hashes kept at most."""
        return memoryview(self).cast("Q")[0]

    @property
    def is_full(self) -> bool:
        """Return whether another hash is kept in the place of one, or not at all."""
        view = memoryview(self).cast("Q")
        return len(view) > view[0]

    @property
    def values(self) -> list[int]:
        """The kept hashes, the smallest first."""
        return memoryview(self).cast("Q").tolist()[1:]

    @property
    def largest(self) -> int:
        """The largest hash that may be kept: nearly none of many is as small."""
        view = memoryview(self).cast("Q")
        return view[-1] if len(view) > view[0] else _MOST

    def place(self, value: int) -> tuple[int, bool] | None:
        """Return where a hash stands among those kept, and whether it is one; None for out of
        them.
        """
        view = memoryview(self).cast("Q")
        count = len(view)
        if count > view[0] and value > view[-1]:
            return None
        at = bisect_left(view, value, 1)
        return at - 1, at < count and view[at] == value

    def add(self, value: int) -> "Distinct":
        """Count a uniformly distributed 64-bit hash."""
        place = self.place(value)
        return self if place is None or place[1] else self.insert(place[0], value)

    def insert(self, place: int, value: int) -> "Distinct":
        """Keep a hash that is not kept yet, at its `place`; the largest goes for want of room."""
        at = 8 * (place + 1)
        grown = self[:at] + value.to_bytes(8, sys.byteorder) + self[at:]
        return Distinct(grown[: 8 * (self.size + 1)])

    def resized(self, size: int) -> "Distinct":
        """Return the sample with another size; a larger one of what it left out is none."""
        return Distinct(size.to_bytes(8, sys.byteorder) + self[8 : 8 * (size + 1)])

    def estimate(self) -> float:
        """Estimate how many distinct hashes were added; exact below the sketch's size."""
        view = memoryview(self).cast("Q")
        kept = len(view) - 1
        if kept < view[0]:
            return float(kept)
        return (kept - 1) * _SPAN / (view[-1] + 1)

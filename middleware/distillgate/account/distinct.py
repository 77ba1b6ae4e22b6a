"""How many different things were seen, and how often each came back, in bounded memory.

A bottom-k (KMV) sketch keeps the k smallest hashes (Bar-Yossef et al. 2002; Beyer et al. 2007):
the k-th smallest tells how many there are, and the kept ones are a uniform sample of the distinct
things, whatever their frequency. The relative error of the count is about 1/sqrt(k - 2).
"""

from array import array
from bisect import bisect_left

_SPAN = float(2**64)


class Distinct:
    """A uniform sample of the distinct 64-bit hashes seen, each with how often it was counted."""

    __slots__ = ("_counts", "_size", "_values")

    def __init__(self, size: int) -> None:
        self._size = size
        self._values = array("Q")
        self._counts = array("L")

    @property
    def counts(self) -> dict[int, int]:
        """Kept hashes and how often each was added."""
        return dict(zip(self._values, self._counts, strict=True))

    def add(self, value: int) -> None:
        """Count one occurrence of a uniformly distributed 64-bit hash."""
        values, counts = self._values, self._counts
        full = len(values) >= self._size
        if full and value > values[-1]:
            return
        place = bisect_left(values, value)
        if place < len(values) and values[place] == value:
            counts[place] += 1
            return
        if full:
            del values[-1], counts[-1]
        values.insert(place, value)
        counts.insert(place, 1)

    def estimate(self) -> float:
        """Estimate how many distinct hashes were added; exact below the sketch's size."""
        kept = len(self._values)
        if kept < self._size:
            return float(kept)
        return (kept - 1) * _SPAN / (self._values[-1] + 1)

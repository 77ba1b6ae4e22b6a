"""How many different things were seen, and how often each came back, in bounded memory.

A bottom-k (KMV) sketch keeps the k smallest hashes (Bar-Yossef et al. 2002; Beyer et al. 2007):
the k-th smallest tells how many there are, and the kept ones are a uniform sample of the distinct
things, whatever their frequency. The relative error of the count is about 1/sqrt(k - 2).
"""

import heapq

_SPAN = float(2**64)


class Distinct:
    """A uniform sample of the distinct 64-bit hashes seen, each with how often it was counted."""

    __slots__ = ("_heap", "_size", "counts")

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[int] = []
        self.counts: dict[int, int] = {}
        """Kept hashes and how often each was added."""

    def add(self, value: int) -> None:
        """Count one occurrence of a uniformly distributed 64-bit hash."""
        if value in self.counts:
            self.counts[value] += 1
            return
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, -value)
        elif value < -self._heap[0]:
            del self.counts[-heapq.heapreplace(self._heap, -value)]
        else:
            return
        self.counts[value] = 1

    def estimate(self) -> float:
        """Estimate how many distinct hashes were added; exact below the sketch's size."""
        kept = len(self._heap)
        if kept < self._size:
            return float(kept)
        return (kept - 1) * _SPAN / (-self._heap[0] + 1)

"""What an account always sends: the segments that come back in most of its requests."""

from array import array
from collections.abc import Sequence

_LIMIT = 32
"""Segments watched of one account, and remembered of its latest request."""
_FIXED = 0.4
"""Share of the requests since it first came back that a fixed segment is in; chance repeats are
not, and a wrapper survives a half of ordinary traffic."""


class Skeleton:
    """The fixed text of one account, as hashes of segments, found without keeping any text.

    A segment that comes back in the very next request is watched; it is fixed as long as it is in
    enough of the requests since.
    """

    __slots__ = ("_hits", "_latest", "_requests")

    def __init__(self) -> None:
        self._hits: dict[int, tuple[int, int]] = {}
        self._latest = b""
        """64 bits a segment: an eighth of a set, and nothing for the garbage collector."""
        self._requests = 0

    def __contains__(self, segment: int) -> bool:
        return segment in self._hits

    def __len__(self) -> int:
        return len(self._hits)

    def learn(self, segments: Sequence[int]) -> None:
        """Count one request's segments."""
        self._requests += 1
        present = frozenset(segments[:_LIMIT])
        for segment, (since, before) in list(self._hits.items()):
            hits = before + (segment in present)
            if hits < _FIXED * (self._requests - since):
                del self._hits[segment]
            else:
                self._hits[segment] = (since, hits)
        for segment in sorted(present.intersection(memoryview(self._latest).cast("Q"))):
            if segment not in self._hits and len(self._hits) < _LIMIT:
                self._hits[segment] = (self._requests - 2, 2)
        self._latest = array("Q", present).tobytes()

"""What an account always sends: the segments that come back in most of its requests."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress

_LIMIT = 32
"""Segments watched of one account, and remembered of its latest request."""
_FIXED = 0.4
"""Share of the requests since it first came back that a fixed segment is in; chance repeats are
not, and a wrapper survives a half of ordinary traffic."""
_TAG = 0xFFFFFFFF
"""Bits kept of a segment: of so few, hardly two share them."""
_HEAD = 2


class Skeleton(bytes):
    """The fixed text of one account, as hashes of segments, found without keeping any text.

    A segment that comes back in the very next request is watched; it is fixed as long as it is in
    enough of the requests since. A value of 32-bit words: how many requests, how many segments are
    watched; of each its tag, the request since and the hits; then the latest request's tags.
    """

    __slots__ = ()

    @classmethod
    def none(cls) -> "Skeleton":
        """Return the skeleton of an account that sent nothing yet."""
        return _NONE

    def of(self, segments: Sequence[int]) -> set[int]:
        """Return those of some segments that are fixed."""
        words = memoryview(self).cast("I")
        fixed = set(words[_HEAD : _HEAD + words[1]])
        return {segment for segment in segments if segment & _TAG in fixed} if fixed else set()

    @property
    def fixes(self) -> bool:
        """Return whether any segment came back."""
        return memoryview(self).cast("I")[1] > 0

    @lru_cache(64)  # noqa: B019 - a value: looking and learning ask the same a moment apart
    def learn(self, segments: tuple[int, ...]) -> "Skeleton":
        """Count one request's segments."""
        words = memoryview(self).cast("I").tolist()
        requests, watched = words[0] + 1, words[1]
        latest = _HEAD + 3 * watched
        present = {segment & _TAG for segment in segments[:_LIMIT]}
        if not watched and present.isdisjoint(words[latest:]):  # nearly all of new text
            return Skeleton(array("I", (requests, 0, *present)))
        tags = words[_HEAD : _HEAD + watched]
        since = words[_HEAD + watched : _HEAD + 2 * watched]
        before = words[_HEAD + 2 * watched : latest]
        hits = [count + (tag in present) for tag, count in zip(tags, before, strict=True)]
        kept = [
            count >= _FIXED * (requests - first) for count, first in zip(hits, since, strict=True)
        ]
        if not all(kept):
            tags, since, hits = (list(compress(column, kept)) for column in (tags, since, hits))
        again = sorted(present.intersection(words[latest:]).difference(tags))
        again = again[: _LIMIT - len(tags)]
        tags += again
        since += [requests - 2] * len(again)
        hits += [2] * len(again)
        return Skeleton(array("I", (requests, len(tags), *tags, *since, *hits, *present)))


_NONE = Skeleton(array("I", (0, 0)))

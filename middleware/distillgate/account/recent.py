"""A mapping in the order of use, in many small dicts: none is ever large enough to grow slowly.

A dict of a million entries takes a tenth of a second to grow (measured); one of a thousand, tens of
microseconds. An order of use costs nothing more: a dict keeps that of insertion.
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_SHARD = 1024
"""Entries of one dict at most."""


class Recent(Generic[Key, Value]):
    """At most `limit` entries, each in the dict that `place` names: the same in every process."""

    def __init__(self, limit: int, place: Callable[[Key], int]) -> None:
        count = max(1, limit // _SHARD)
        self.room = limit // count
        """Entries of one dict at most."""
        self._place = place
        self._shards: list[dict[Key, Value]] = [{} for _ in range(count)]

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def __iter__(self) -> Iterator[Value]:
        return (value for shard in self._shards for value in shard.values())

    def shard(self, key: Key) -> dict[Key, Value]:
        """Give the dict that a key belongs to, the longest unused entry first."""
        return self._shards[self._place(key) % len(self._shards)]

    def get(self, key: Key) -> Value | None:
        """Look an entry up without counting it as used."""
        return self.shard(key).get(key)

    def use(self, key: Key) -> Value | None:
        """Look an entry up and count it as used."""
        shard = self.shard(key)
        value = shard.pop(key, None)
        if value is not None:
            shard[key] = value
        return value

    def put(self, key: Key, value: Value) -> None:
        """Set an entry, as the latest used; the longest unused goes where there is no room."""
        shard = self.shard(key)
        shard.pop(key, None)
        while len(shard) >= self.room:
            del shard[next(iter(shard))]
        shard[key] = value

    def pop(self, key: Key) -> Value | None:
        """Take an entry out."""
        return self.shard(key).pop(key, None)

"""A mapping in the order of use, in many small dicts: none is ever large enough to grow slowly.

A dict of a million entries takes a tenth of a second to grow (measured); one of a thousand, tens of
microseconds. An order of use costs nothing more: a dict keeps that of insertion.

Entries may have worth. Those that are passed over for it are kept apart, up to half of the room, so
that newcomers push only newcomers out and finding the one to go never means looking at all of them
(the two segments of SLRU, Karedla et al. 1994, with worth in the place of a second use).
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

_SHARD = 1024
"""Entries of one shard at most."""
_COMPARED = 16
"""Of the longest unused, how many are compared where all are worth something."""
_PIECE = 64
"""Entries that are written at once."""


class Shard(NamedTuple, Generic[Key, Value]):
    """Some of the entries, the longest unused first."""

    plain: dict[Key, Value]
    spared: dict[Key, Value]
    """Those that were once passed over for their worth."""

    def of(self, key: Key) -> dict[Key, Value]:
        """Return the dict that an entry is in, or belongs in while it is in none."""
        return self.spared if key in self.spared else self.plain

    def __len__(self) -> int:
        return len(self.plain) + len(self.spared)


def _worthless(_: object) -> float:
    return 0.0


class Recent(Generic[Key, Value]):
    """At most `limit` entries, each in the shard that `place` names: the same in every process that
    has its key.

    Where there is no room the longest unused of no worth goes.
    """

    def __init__(
        self,
        limit: int,
        place: Callable[[Key], int],
        worth: Callable[[Value], float] = _worthless,
    ) -> None:
        count = max(1, limit // _SHARD)
        self.room = limit // count
        """Entries of one shard at most."""
        self._place = place
        self._worth = worth
        self._shards = [Shard[Key, Value]({}, {}) for _ in range(count)]
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Value]:
        """Return all values. Entries may come and go meanwhile."""
        return (value for shard in self._shards for part in shard for value in list(part.values()))

    def keys(self) -> Iterator[Key]:
        """Return all keys. Entries may come and go meanwhile."""
        return (key for shard in self._shards for part in shard for key in list(part))

    def shard(self, key: Key) -> Shard[Key, Value]:
        """Return the shard that a key belongs to."""
        return self._shards[self._place(key) % len(self._shards)]

    def get(self, key: Key) -> Value | None:
        """Look an entry up without counting it as used."""
        shard = self.shard(key)
        value = shard.plain.get(key)
        return shard.spared.get(key) if value is None else value

    def use(self, key: Key) -> Value | None:
        """Look an entry up and count it as used."""
        part = self.shard(key).of(key)
        value = part.pop(key, None)
        if value is not None:
            part[key] = value
        return value

    def put(self, key: Key, value: Value) -> list[Key]:
        """Set an entry, as the latest used; give the keys of those that went for want of room."""
        shard = self.shard(key)
        part = shard.of(key)
        self._count += part.pop(key, None) is None
        gone = []
        while len(shard.plain) + len(shard.spared) >= self.room:
            gone.append(self._evict(shard))
        self._count -= len(gone)
        part[key] = value
        return gone

    def pop(self, key: Key) -> Value | None:
        """Take an entry out."""
        value = self.shard(key).of(key).pop(key, None)
        self._count -= value is not None
        return value

    def pieces(self) -> Iterator[tuple[bool, list[tuple[Key, Value]]]]:
        """Return all entries, some at a time in the order of use, and whether they were spared."""
        for shard in self._shards:
            for spared, part in enumerate(shard):
                left = iter(part.items())
                while some := list(islice(left, _PIECE)):
                    yield bool(spared), some

    def restore(self, key: Key, value: Value, *, spared: bool) -> None:
        """Set an entry behind those of its part, as `pieces` gave it."""
        shard = self.shard(key)
        self._count += 1
        (shard.spared if spared else shard.plain)[key] = value

    def _evict(self, shard: Shard[Key, Value]) -> Key:
        plain, spared = shard.plain, shard.spared
        while plain and len(spared) < self.room // 2:
            key = next(iter(plain))
            value = plain.pop(key)
            if self._worth(value) <= 0.0:
                return key
            spared[key] = value
        for part in (spared, plain):
            for key in islice(part, 1):
                if self._worth(part[key]) <= 0.0:
                    del part[key]
                    return key
        part = plain or spared
        least = min(islice(part, _COMPARED), key=lambda key: self._worth(part[key]))
        del part[least]
        return least

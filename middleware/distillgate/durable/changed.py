"""What changed since somebody last asked, as keys of records; and who has such records."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

Key = TypeVar("Key")


class Changed(Generic[Key]):
    """Keys of changed records. Nothing is noted until somebody asks: a replay keeps nothing."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: set[Key] | None = None

    @property
    def watched(self) -> bool:
        """Whether somebody asks: noting is not for nothing."""
        return self._keys is not None

    def add(self, key: Key) -> None:
        """Note one record."""
        if self._keys is not None:
            self._keys.add(key)

    def update(self, keys: Iterable[Key]) -> None:
        """Note several."""
        if self._keys is not None:
            self._keys.update(keys)

    def ignore(self) -> None:
        """Note nothing until somebody asks again."""
        self._keys = None

    def take(self) -> set[Key]:
        """Give what was noted since the last call, and note from now on."""
        keys, self._keys = self._keys or set(), set()
        return keys


class Kept(Protocol[Key]):
    """Something whose records outlive the process.

    A key is a text, a number of 64 bits, or a pair of such numbers; a record is a plain value, or
    one of a class that the store's codec lists.
    """

    @property
    def changed(self) -> Changed[Key]:
        """Which records changed."""

    @property
    def layout(self) -> str:
        """What a record looks like; of another layout none is loaded."""

    def kept(self) -> Iterable[Key]:
        """Give every record's key; what changes meanwhile may be in it or not."""

    def dump(self, keys: Iterable[Key]) -> Iterator[tuple[Key, Any]]:
        """Give records as they are now; None for those that are gone."""

    def load(self, records: Iterable[tuple[Key, Any]]) -> None:
        """Take records up, into something empty."""


Parts = Mapping[str, Kept[Any]]
"""Several of them, by name, in the order in which to load them."""


class Lookup(Generic[Key]):
    """The records of a plain dict: its entries."""

    layout = "entries"

    def __init__(self, entries: dict[Key, Any]) -> None:
        self.entries = entries
        self.changed: Changed[Key] = Changed()

    def kept(self) -> list[Key]:
        """Give every entry's key."""
        return list(self.entries)

    def dump(self, keys: Iterable[Key]) -> Iterator[tuple[Key, Any]]:
        """Give entries."""
        gone = object()
        for key in keys:
            value = self.entries.get(key, gone)
            # An entry may itself be None: one of a tuple's length tells the two apart.
            yield key, None if value is gone else (value,)

    def load(self, records: Iterable[tuple[Key, Any]]) -> None:
        """Take entries up."""
        self.entries.update((key, value) for key, (value,) in records)

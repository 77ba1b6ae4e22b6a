"""One record that changes with everything: a few kilobytes, compared before they are written."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from distillgate.durable.changed import Changed


class Always(Changed[str]):
    """Its one record may always have changed."""

    __slots__ = ()

    def take(self) -> set[str]:
        """Give the one record."""
        return {""}


class Single:
    """One record, given by one function and taken by another."""

    layout = "single"

    def __init__(self, give: Callable[[], Any], take: Callable[[Any], None]) -> None:
        self.changed = Always()
        self._give = give
        self._take = take

    def kept(self) -> list[str]:
        """Give the one key."""
        return [""]

    def dump(self, keys: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Give the record."""
        return ((key, self._give()) for key in keys)

    def load(self, records: Iterable[tuple[str, Any]]) -> None:
        """Take the record up."""
        for _, value in records:
            self._take(value)

"""Up to which number each process's entries were applied."""

from distillgate.log.log import Batch

_ORIGINS = 1024
"""Processes, started again ones too; beyond, those that were heard of longest ago are forgotten."""


class Offsets:
    """The last number of each origin, in the order in which they were heard of."""

    def __init__(self, known: list[tuple[int, int]] | None = None) -> None:
        self._numbers: dict[int, int] = dict(known or ())

    def number(self, origin: int) -> int:
        """Return the last number of an origin; 0 of one that is not known."""
        return self._numbers.get(origin, 0)

    def missing(self, batch: Batch) -> int:
        """Return how many entries of a known origin never came before a batch."""
        last = self._numbers.get(batch.origin)
        return 0 if last is None else max(0, batch.number - last - 1)

    def note(self, origin: int, number: int) -> None:
        """Note that an entry was applied."""
        self._numbers.pop(origin, None)
        self._numbers[origin] = number
        if len(self._numbers) > _ORIGINS:
            del self._numbers[next(iter(self._numbers))]

    def dump(self) -> list[tuple[int, int]]:
        """Return all of them."""
        return [*self._numbers.items()]

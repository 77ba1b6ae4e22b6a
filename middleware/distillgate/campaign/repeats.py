"""How the same items come back over a group's units: a crowd's benchmark, or a dealt work list.

A bottom-k (KMV) sample of the distinct varying texts (Bar-Yossef et al. 2002; Beyer et al. 2007),
each with the units that sent it. People who draw from one small set (a benchmark, a class) each
cover much of it, and items repeat as by chance; a list dealt k times for rejection sampling repeats
more evenly than chance would; a list dealt once does not repeat at all.
"""

import math
from typing import NamedTuple

from distillgate.account.distinct import Distinct
from distillgate.account.packed import Packed
from distillgate.records import Record

_UNITS = 24


class Multiplicity(NamedTuple):
    """How the sampled texts repeat over units."""

    distinct: float
    """Different texts in all, estimated."""
    repeated: float
    """Share of them that several units sent, in [0, 1]."""
    mean: float
    """Units a text, on average."""
    evenness: float
    """Variance of that number over what chance would give (a Poisson that is at least one)."""


class Repeats(Record):
    """A uniform sample of a group's distinct texts (64-bit hashes), with the units of each.

    In parallel: 16 bytes a text of one unit, a tenth of what a heap and a dict take.
    """

    _values: bytes
    _units: list[int | tuple[int, ...]] = []  # each instance has a list of its own

    values = Packed(Distinct)
    """The sampled hashes."""

    @classmethod
    def new(cls, size: int) -> "Repeats":
        """Return an empty sample of at most `size` texts."""
        return cls(bytes(Distinct.of(size)))

    def add(self, value: int, unit: int) -> None:
        """Note that `unit` sent the text with this hash."""
        found = self.values.place(value)
        if found is None:
            return
        place, known = found
        if known:
            senders = _all(self._units[place])
            if unit not in senders and len(senders) < _UNITS:
                self._units[place] = (*senders, unit)
            return
        self.values = self.values.insert(place, value)
        self._units.insert(place, unit)
        del self._units[self.values.size :]

    @property
    def units(self) -> dict[int, tuple[int, ...]]:
        """The sampled hashes, with the units that sent each."""
        return dict(zip(self.values.values, map(_all, self._units), strict=True))

    def absorb(self, other: "Repeats") -> None:
        """Add what another sample saw; the union's smallest hashes are a sample of the union."""
        for value, units in other.units.items():
            for unit in units:
                self.add(value, unit)

    def distinct(self) -> float:
        """Estimate how many different texts were sent; exact below the sample's size."""
        return self.values.estimate()

    def read(self) -> Multiplicity:
        """Describe how texts repeat over units."""
        counts = [len(_all(units)) for units in self._units]
        if not counts:
            return Multiplicity(0.0, 0.0, 0.0, 1.0)
        mean = sum(counts) / len(counts)
        variance = sum((count - mean) ** 2 for count in counts) / len(counts)
        repeated = sum(count > 1 for count in counts) / len(counts)
        chance = mean * (1 + _rate(mean) - mean)
        evenness = variance / chance if chance > 1e-9 else 1.0
        return Multiplicity(self.distinct(), repeated, mean, evenness)


def _all(units: int | tuple[int, ...]) -> tuple[int, ...]:
    return units if isinstance(units, tuple) else (units,)


def _rate(mean: float) -> float:
    """Solve mean = rate / (1 - exp(-rate)), the mean of a Poisson that is at least one."""
    rate = max(1e-12, min(mean, 2 * (mean - 1)))  # near one the step is slow: start close
    for _ in range(30):
        rate = mean * -math.expm1(-rate)
    return rate

"""Prior distributions, and how a set of parameters is drawn from the priors of its fields."""

import math
import random
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, get_type_hints

Drawn = TypeVar("Drawn")


class Prior(Protocol):
    """A distribution that a parameter is drawn from."""

    def draw(self, dice: random.Random) -> Any:
        """Draw a value."""

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""


@dataclass(frozen=True, slots=True)
class Uniform:
    """All numbers between two are equally likely."""

    low: float
    high: float

    def draw(self, dice: random.Random) -> float:
        """Draw a value."""
        return round(dice.uniform(self.low, self.high), 4)

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""
        return bool(self.low <= value <= self.high)


@dataclass(frozen=True, slots=True)
class LogUniform:
    """All orders of magnitude between two numbers are equally likely."""

    low: float
    high: float
    whole: bool = False

    def draw(self, dice: random.Random) -> float:
        """Draw a value."""
        value = math.exp(dice.uniform(math.log(self.low), math.log(self.high)))
        return round(value) if self.whole else round(value, 4)

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""
        return bool(self.low - 1e-4 <= value <= self.high + 1e-4)


@dataclass(frozen=True, slots=True)
class Pareto:
    """As many in all from each order of magnitude: a number twice as large is half as likely."""

    low: float
    high: float

    def draw(self, dice: random.Random) -> int:
        """Draw a value."""
        return round(1 / (1 / self.low - dice.random() * (1 / self.low - 1 / self.high)))

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""
        return bool(self.low <= value <= self.high)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, each with its weight."""

    weights: tuple[tuple[Any, float], ...]

    def draw(self, dice: random.Random) -> Any:
        """Draw a value."""
        values = [value for value, _ in self.weights]
        return dice.choices(values, [weight for _, weight in self.weights])[0]

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""
        return any(value == known for known, _ in self.weights)


@dataclass(frozen=True, slots=True)
class Often:
    """One value with some probability, else another prior's."""

    value: Any
    probability: float
    other: Prior

    def draw(self, dice: random.Random) -> Any:
        """Draw a value."""
        return self.value if dice.random() < self.probability else self.other.draw(dice)

    def holds(self, value: Any) -> bool:
        """Return whether a value can have come from it."""
        return bool(value == self.value or self.other.holds(value))


def evenly(*values: Any) -> Choice:
    """Return the prior under which all of some values are equally likely."""
    return Choice(tuple((value, 1.0) for value in values))


def priors(kind: type[Any]) -> dict[str, Prior]:
    """Return the prior of every field of a class: what its annotation carries."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def draw(kind: type[Drawn], seed: str, /, **fixed: Any) -> Drawn:
    """Draw an object of a class; `fixed` fields have the values given.

    Every field has random numbers of its own, so that a new field changes no other.
    """
    values = {
        name: prior.draw(random.Random(f"{seed}/{name}")) for name, prior in priors(kind).items()
    }
    return kind(**{**values, **fixed})

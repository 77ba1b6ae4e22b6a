"""A trick and its register; what tricks do to a line."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
"""One line of the traffic log."""
Lines = Sequence[Record]
Dice = random.Random


@dataclass(frozen=True, slots=True)
class Trick:
    """One way to look different."""

    name: str
    price: str
    change: Callable[[Lines, Dice], Iterable[Record]]


TRICKS: list[Trick] = []


def each(name: str, price: str) -> Callable[[Callable[[Record, Dice], object]], None]:
    """Register a trick that changes every request by itself."""

    def register(change: Callable[[Record, Dice], object]) -> None:
        def changed(lines: Lines, dice: Dice) -> Iterator[Record]:
            for line in lines:
                copy = deepcopy(line)
                change(copy, dice)
                yield copy

        TRICKS.append(Trick(name, price, changed))

    return register


def together(name: str, price: str) -> Callable[[Callable[[Lines, Dice], Iterable[Record]]], None]:
    """Register a trick that changes the requests together."""

    def register(change: Callable[[Lines, Dice], Iterable[Record]]) -> None:
        TRICKS.append(Trick(name, price, lambda lines, dice: change(deepcopy(lines), dice)))

    return register


def turns(line: Record) -> list[Record]:
    """Return the turns of a request."""
    found: list[Record] = line["request"]["messages"]
    return found


def whole(line: Record) -> str:
    """Return all that a request says."""
    return "\n\n".join(turn["content"] for turn in turns(line))


def only(line: Record, *said: tuple[str, str]) -> None:
    """Put roles and texts in the place of all turns."""
    line["request"]["messages"] = [{"role": role, "content": text} for role, text in said]


def move(line: Record, text: str) -> str:
    """Put another text in the newest turn's place, and return what stood there."""
    newest = turns(line)[-1]
    task: str = newest["content"]
    newest["content"] = text
    return task

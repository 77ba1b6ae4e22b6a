"""When things happen: people's habits, machines' runs, gaps of recorded traces."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

from distillgate_lab.scenarios.text import Session

START = 1_771_286_400.0
"""The first moment of every world: Tuesday, 17 February 2026, 00:00 UTC."""
DAY = 86_400.0
HOUR = 3_600.0
DAYS = 14
"""Days of a world, unless it is asked for longer."""


class Habits(NamedTuple):
    """How much the accounts of a world send, and how they talk."""

    volume: float = 1.0
    """Factor of what an account sends in all."""
    spread: float = 0.9
    """Log-normal sigma of what an account sends."""
    talk: float = 1.0
    """Probability that a conversation goes on after a request, where its text does."""

    @property
    def reach(self) -> float:
        """Factor of the most that an account sends: a wider distribution reaches further."""
        return math.exp(2.0 * (self.spread - 0.9))


USUAL = Habits()


class Clock:
    """Draws times. Between the requests of one sitting lie the gaps of a recorded session."""

    def __init__(
        self,
        sessions: Sequence[Session],
        clients: Sequence[Session],
        dice: random.Random,
        days: int = DAYS,
        habits: Habits = USUAL,
    ) -> None:
        self.days = days
        """Days of the world from `START`."""
        self.habits = habits
        self.end = START + days * DAY
        """The first moment after the world."""
        self._dice = dice
        self._gaps = [gap for s in sessions for gap in s.gaps if 2.0 < gap < HOUR] or [
            20.0,
            45.0,
            90.0,
            240.0,
        ]
        self._machine = [gap for s in clients for gap in s.gaps if gap > 0] or [0.5, 1.0, 2.0, 5.0]

    def think(self) -> float:
        """Return the seconds between two turns of a person."""
        return self._dice.choice(self._gaps)

    def tick(self) -> float:
        """Return the seconds between two requests of a machine."""
        return min(600.0, self._dice.choice(self._machine))

    def volume(self, median: float = 5.0, least: int = 3, most: int = 60) -> int:
        """Return how much one account sends in all: so much a fortnight, heavy-tailed."""
        factor = self.habits.volume
        found = self.number(
            median * factor, max(1, round(least * factor)), round(most * factor * self.habits.reach)
        )
        return max(1, round(found * self.days / DAYS))

    def number(self, median: float, least: int, most: int) -> int:
        """Return how much there is of what does not grow with time: heavy-tailed."""
        dice = self._dice
        while True:
            count = round(median * dice.lognormvariate(0.0, self.habits.spread))
            if least <= count <= most:
                return count

    def person(self, count: int, start: float = START, end: float | None = None) -> list[float]:
        """Return the times of `count` sittings of somebody with a day, a night and weekends."""
        dice = self._dice
        end = self.end if end is None else end
        hour = dice.gauss(14.0, 2.5) * HOUR + dice.choice((-8, -5, 0, 0, 1, 2, 8)) * HOUR
        works = dice.random() < 0.5
        times: list[float] = []
        while len(times) < count:
            day = dice.randrange(max(1, round((end - start) / DAY)))
            weekend = int((start - START) / DAY + day + 1) % 7 in (5, 6)
            if weekend and works and dice.random() < 0.8:
                continue
            at = start + day * DAY + (hour + dice.gauss(0.0, 3.0 * HOUR)) % DAY
            if start <= at < end:
                times.append(at)
        return sorted(times)

    def run(self, count: int, at: float) -> list[float]:
        """Return the times of one run of a machine that starts at `at`."""
        times: list[float] = []
        for _ in range(count):
            times.append(at)
            at += self.tick()
        return times

    def steady(self, count: int, start: float, end: float) -> list[float]:
        """Return times spread evenly at random, round the clock."""
        return sorted(self._dice.uniform(start, end) for _ in range(count))

"""What happened lately, for people to look at: counts in bins of time, bounded, beside the engine.

Nothing is decided by it. It is this process's own, begins empty at each start, and holds counts and
names of accounts, no text. An exchange costs it a microsecond or two.
"""

from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Action, Decision

BINS = 336
"""Bins that are kept..."""
WIDTHS = (60.0, 300.0, 900.0, 3600.0)
"""...and the seconds of one: wider when the first no longer fits. The widest hold a fortnight."""
ACCOUNTS = 4096
"""Accounts whose bins are kept, at 2.7 KB each; those that act with a group go last."""
MARKED = ("killed", "resumed", "reloaded", "reload_failed")
"""Events of the gate itself that are kept as marks."""
_AWAY = ("throttled", "challenged", "refused")
"""What clients got that were turned away."""
_MARKS = 256
_MOST = 65_535

Table = NDArray[np.uint32]


class Fate(IntEnum):
    """What became of an exchange, as a column of an account's bins."""

    SENT = 0
    """It came at all."""
    JUDGED = 1
    """Evidence would have it restricted, whether or not that was done."""
    CUT = 2
    """It was answered, without what serves extraction."""
    AWAY = 3
    """It was turned away, with a wait or a no."""


class Mark(NamedTuple):
    """Something that happened to the gate itself."""

    at: float
    event: str


class Ring:
    """Counts of the last bins in so many columns; a bin's place is used again once it is over.

    In 16 bits, which stop at their largest, or 32. Written without numpy: a single number in one of
    its arrays costs ten times as much.
    """

    __slots__ = ("_cells", "_columns", "_latest", "_nothing", "width")

    def __init__(self, columns: int, width: float, now: float, kind: Literal["H", "I"]) -> None:
        self._nothing = array(kind, [0]) * columns
        self._cells = self._nothing * BINS
        self._columns = columns
        self._latest = int(now // width)
        self.width = width

    def add(self, now: float, column: int) -> None:
        """Count one; a clock that steps back counts into the latest bin."""
        self._pass_to(int(now // self.width))
        at = self._latest % BINS * self._columns + column
        if self._cells[at] < _MOST or self._cells.itemsize > 2:
            self._cells[at] += 1

    def read(self, now: float) -> Table:
        """Return the bins up to and with that of `now`, the oldest first."""
        self._pass_to(int(now // self.width))
        table = np.array(self._cells, np.uint32).reshape(BINS, self._columns)
        return np.roll(table, -(self._latest % BINS) - 1, axis=0)

    def widen(self, width: float) -> None:
        """Go on with wider bins, each of so many whole ones of before."""
        table, factor = self.read(self._latest * self.width), round(width / self.width)
        bins = np.arange(self._latest - BINS + 1, self._latest + 1) // factor
        latest = self._latest // factor
        wider = np.zeros((BINS, self._columns), np.uint32)
        np.add.at(wider, bins % BINS, table)
        most = _MOST if self._cells.itemsize == 2 else np.iinfo(np.uint32).max
        flat = np.minimum(wider, most).ravel().tolist()
        self._cells = array(self._cells.typecode, flat)
        self._latest, self.width = latest, width

    def _pass_to(self, latest: int) -> None:
        """Empty the bins in which nothing came."""
        if latest <= self._latest:
            return
        for passed in range(max(self._latest, latest - BINS) + 1, latest + 1):
            at = passed % BINS * self._columns
            self._cells[at : at + self._columns] = self._nothing
        self._latest = latest


class History:
    """Counts exchanges over time: of everybody by action, of accounts by what became of them."""

    def __init__(self, clock: Callable[[], float], accounts: int = ACCOUNTS) -> None:
        self._clock = clock
        self._limit = accounts
        self._all: Ring | None = None
        self._plain: OrderedDict[str, Ring] = OrderedDict()
        """Accounts, the longest idle first..."""
        self._grouped: OrderedDict[str, Ring] = OrderedDict()
        """...and those that a group's evidence reached."""
        self._marks: deque[Mark] = deque(maxlen=_MARKS)
        self.width = WIDTHS[0]
        """Seconds of a bin."""
        self.since: float | None = None
        """When the first exchange was counted."""

    def add(self, decision: Decision, effect: Effect) -> None:
        """Count one exchange that has ended."""
        now = self._clock()
        if self._all is None:
            self._all, self.since = Ring(len(Action), self.width, now, "I"), now
        self._widen(now)
        self._all.add(now, decision.action)
        ring = self._ring(decision, now)
        ring.add(now, Fate.SENT)
        if decision.unadjusted.restricts:
            ring.add(now, Fate.JUDGED)
        if effect.result in _AWAY:
            ring.add(now, Fate.AWAY)
        elif effect.measures:
            ring.add(now, Fate.CUT)

    def mark(self, event: str) -> None:
        """Keep an event, where it is one of `MARKED`."""
        if event in MARKED:
            self._marks.append(Mark(self._clock(), event))

    def first(self, now: float) -> float:
        """Return when the oldest bin begins."""
        return (int(now // self.width) - BINS + 1) * self.width

    def last(self, seconds: float) -> int:
        """Return how many bins hold the last seconds, the one that is not over included."""
        return min(BINS, int(seconds // self.width) + 1)

    def actions(self, now: float) -> Table:
        """Return everybody's exchanges: bins, the oldest first, by actions."""
        if self._all is None:
            return np.zeros((BINS, len(Action)), np.uint32)
        return self._all.read(now)

    def account(self, name: str, now: float) -> Table | None:
        """Return an account's exchanges: bins by `Fate`; None where they are not kept."""
        ring = self._grouped.get(name) or self._plain.get(name)
        if ring is None:
            return None
        if ring.width < self.width:
            ring.widen(self.width)
        return ring.read(now)

    def drop(self, name: str) -> None:
        """Forget what an account sent; what everybody sent stays as it is."""
        self._plain.pop(name, None)
        self._grouped.pop(name, None)

    def total(self, names: Iterable[str], now: float) -> tuple[Table, int]:
        """Return what accounts sent in all, as of one of them, and of how many it is kept."""
        found = [table for name in names if (table := self.account(name, now)) is not None]
        nothing = np.zeros((BINS, len(Fate)), np.uint32)
        return sum(found, nothing), len(found)

    def marks(self, now: float) -> Iterator[Mark]:
        """Return what happened to the gate in the time that is kept, the oldest first."""
        return (mark for mark in list(self._marks) if mark.at >= self.first(now))

    def _widen(self, now: float) -> None:
        """Take wider bins where the first exchange no longer fits into those that are kept."""
        assert self._all is not None
        assert self.since is not None
        while self.since < self.first(now) and self.width < WIDTHS[-1]:
            self.width = next(width for width in WIDTHS if width > self.width)
            self._all.widen(self.width)

    def _ring(self, decision: Decision, now: float) -> Ring:
        """Return an account's ring, as the latest used; made where it has none."""
        name = decision.account
        ring = self._grouped.get(name)
        if ring is not None:
            self._grouped.move_to_end(name)
        else:
            ring = self._plain.pop(name, None) or Ring(len(Fate), self.width, now, "H")
            (self._plain if decision.group_code is None else self._grouped)[name] = ring
            while len(self._plain) + len(self._grouped) > self._limit:
                (self._plain or self._grouped).popitem(last=False)
        if ring.width < self.width:
            ring.widen(self.width)
        return ring

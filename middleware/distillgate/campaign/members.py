"""The units of all groups, as rows of a few arrays: what a group's evidence is computed from."""

import math

import numpy as np
from numpy.typing import NDArray

from distillgate.account.windows import DAY
from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch

CLOCK = 4
"""Cosine and sine of the hour of the day and of the day of the week."""


Entry = NDArray[np.float32]
"""One text as a row to add: its topic, style, squares of style, and clock."""

_STYLE = slice(TOPIC, TOPIC + STYLE)
_SQUARES = slice(TOPIC + STYLE, TOPIC + 2 * STYLE)
_CLOCK = slice(TOPIC + 2 * STYLE, TOPIC + 2 * STYLE + CLOCK)


def entry(sketch: Sketch, now: float) -> Entry:
    """Make a text's sketch, sent at `now`, an entry."""
    day = 2 * math.pi * now / DAY
    week = day / 7
    clock = (math.cos(day), math.sin(day), math.cos(week), math.sin(week))
    style = sketch.style
    return np.concatenate((sketch.topic, style, style * style, clock), dtype=np.float32)


_HAND = 4096
"""Rows looked at to find room; of them the quiet half is given up."""


class Members:
    """One row a member: how many texts, and the sums of their entries; 420 bytes each.

    The arrays are reserved at their bound, so that none is ever copied to grow; the operating
    system gives memory only to rows in use. When all are, rows are given up a few thousand at a
    time, the longest unused of those the hand passes (CLOCK). A row carries its member's mark: a
    reference to a row that is another's by now is stale, and told by its mark.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.texts = np.zeros(limit, np.float32)
        self.marks = np.zeros(limit, np.uint64)
        self._used_at = np.zeros(limit, np.float64)
        self._sums = np.zeros((limit, _CLOCK.stop), np.float32)
        self.topic = self._sums[:, :TOPIC]
        self.style = self._sums[:, _STYLE]
        self.style_squares = self._sums[:, _SQUARES]
        self.clock = self._sums[:, _CLOCK]
        self._free: list[int] = []
        self._used = 0
        self._hand = 0
        self._now = 0.0

    def __len__(self) -> int:
        return self._used - len(self._free)

    def allot(self, mark: int) -> int:
        """Give an empty row to the member with this mark (64 bits, not 0)."""
        if not self._free and self._used >= self.limit:
            self._give_up()
        if self._free:
            row = self._free.pop()
        else:
            row = self._used
            self._used += 1
        self.marks[row] = mark
        self._used_at[row] = self._now  # or the next to allot could give it up at once
        return row

    def holds(self, row: int | None, mark: int) -> bool:
        """Whether a reference to a row is still good."""
        return row is not None and int(self.marks[row]) == mark

    def release(self, row: int) -> None:
        """Take a row back and empty it."""
        self.texts[row] = 0
        self.marks[row] = 0
        self._sums[row] = 0
        self._free.append(row)

    def add(self, row: int, text: Entry, now: float) -> None:
        """Add one text, sent at `now`, to a row."""
        self.texts[row] += 1
        self._used_at[row] = self._now = now
        self._sums[row] += text

    def _give_up(self) -> None:
        passed = np.arange(self._hand, min(self._hand + _HAND, self.limit))
        self._hand = 0 if passed[-1] + 1 >= self.limit else int(passed[-1]) + 1
        quiet = passed[np.argsort(self._used_at[passed], kind="stable")[: (len(passed) + 1) // 2]]
        for row in quiet.tolist():
            self.release(row)

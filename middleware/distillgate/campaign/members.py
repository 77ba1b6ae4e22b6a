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


class Members:
    """One row a member: how many texts, and the sums of their entries; 404 bytes each.

    The arrays are reserved at their bound, so that none is ever copied to grow; the operating
    system gives memory only to rows in use. A released row is used again.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.texts = np.zeros(limit, np.float32)
        self._sums = np.zeros((limit, _CLOCK.stop), np.float32)
        self.topic = self._sums[:, :TOPIC]
        self.style = self._sums[:, _STYLE]
        self.style_squares = self._sums[:, _SQUARES]
        self.clock = self._sums[:, _CLOCK]
        self._free: list[int] = []
        self._used = 0

    def __len__(self) -> int:
        return self._used - len(self._free)

    def allot(self) -> int | None:
        """Give an empty row, or None where all are in use."""
        if self._free:
            return self._free.pop()
        if self._used >= self.limit:
            return None
        self._used += 1
        return self._used - 1

    def release(self, row: int) -> None:
        """Take a row back and empty it."""
        self.texts[row] = 0
        self._sums[row] = 0
        self._free.append(row)

    def add(self, row: int, text: Entry) -> None:
        """Add one text to a row."""
        self.texts[row] += 1
        self._sums[row] += text

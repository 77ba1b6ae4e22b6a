"""Counts over sliding windows, in a few numbers each, with time as an argument."""

import math
from array import array
from typing import NamedTuple

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_WIDTHS = (MINUTE, HOUR, DAY)
_START, _CURRENT, _PREVIOUS = range(3)
_VALUE, _AT = 9, 10
_EMPTY = array("d", [-math.inf, 0.0, 0.0] * 3 + [0.0, 0.0])


class Counts(NamedTuple):
    """One quantity over the last minute, hour and day, and in the fading memory."""

    minute: float
    hour: float
    day: float
    memory: float


class Windows:
    """One quantity over a minute, an hour, a day, and a fading memory of weeks, in 88 bytes.

    A window is the sliding-window counter of the rate limiters: the previous window's count fades
    out linearly as the current one fills; exact for even traffic, off by at most the previous
    count. The memory fades exponentially. The weeks matter: of 25,000 accounts at 25.6 requests a
    day, an hourly window sees one to three requests each. A clock that steps back counts into the
    current window.
    """

    __slots__ = ("_state",)

    def __init__(self) -> None:
        self._state = array("d", _EMPTY)

    def add(self, amount: float, now: float, half_life: float) -> None:
        """Count `amount` at `now`; the memory halves in `half_life` seconds."""
        state = self._state
        self._roll(now)
        for base in (0, 3, 6):
            state[base + _CURRENT] += amount
        state[_VALUE] = faded(state[_VALUE], now - state[_AT], half_life) + amount
        state[_AT] = max(state[_AT], now)

    def read(self, now: float, half_life: float) -> Counts:
        """Give the counts at `now`."""
        state = self._state
        self._roll(now)
        minute, hour, day = (
            state[base + _CURRENT]
            + state[base + _PREVIOUS] * (1.0 - min(1.0, max(0.0, (now - state[base]) / width)))
            for base, width in zip((0, 3, 6), _WIDTHS, strict=True)
        )
        return Counts(minute, hour, day, faded(state[_VALUE], now - state[_AT], half_life))

    def _roll(self, now: float) -> None:
        state = self._state
        for base, width in zip((0, 3, 6), _WIDTHS, strict=True):
            elapsed = now - state[base + _START]
            if elapsed < width:
                continue
            if elapsed < 2 * width:
                state[base + _PREVIOUS] = state[base + _CURRENT]
                state[base + _START] += width
            else:
                state[base + _PREVIOUS] = 0.0
                state[base + _START] = now
            state[base + _CURRENT] = 0.0


def faded(value: float, elapsed: float, half_life: float) -> float:
    """Give what is left of `value` after `elapsed` seconds; nothing fades backwards."""
    if elapsed <= 0 or not value:
        return value
    return float(value * 0.5 ** (elapsed / half_life))

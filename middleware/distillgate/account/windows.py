"""Counts over sliding windows, in one packed value an account, with time as an argument."""

import math
import struct
from dataclasses import dataclass
from typing import NamedTuple

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HALF_LIFE = 45.0 * DAY
"""Half-life of the long memory: a slow campaign is weeks long (45 days in one disclosure)."""
_WIDTHS = (MINUTE, HOUR, DAY)
_LAYOUT = struct.Struct("<4d21f")
"""When each window began and when the memory was true; then each window's current and previous
counts, and the memory, of the three quantities."""
_AT = struct.Struct("<d")
_TIMES, _QUANTITIES = 4, 3
_MEMORY = _TIMES + 2 * _QUANTITIES * len(_WIDTHS)


class Counts(NamedTuple):
    """One quantity over the last minute, hour and day, and in the fading memory."""

    minute: float
    hour: float
    day: float
    memory: float


@dataclass(frozen=True, slots=True)
class Activity:
    """How much an account did over the last minute, hour and day, and in the fading memory."""

    requests: Counts
    prompt_tokens: Counts
    output_tokens: Counts


class Usage(bytes):
    """Requests and tokens over a minute, an hour, a day, and a fading memory of weeks; 116 bytes.

    A window is the sliding-window counter of the rate limiters: the previous window's count fades
    out linearly as the current one fills; exact for even traffic, off by at most the previous
    count. The memory fades exponentially. The weeks matter: of 25,000 accounts at 25.6 requests a
    day, an hourly window sees one to three requests each. A clock that steps back counts into the
    current window. A value: adding gives another, and the collector has nothing to follow.
    """

    __slots__ = ()

    @classmethod
    def none(cls) -> "Usage":
        """Return the usage of an account that did nothing yet."""
        return _NONE

    @property
    def at(self) -> float:
        """The latest time that something was counted; 0 while nothing was."""
        at: float = _AT.unpack_from(self, 3 * 8)[0]
        return at

    def add(self, amounts: tuple[float, float, float], now: float) -> "Usage":
        """Count requests, prompt and output tokens at `now`."""
        state = self._rolled(now)
        left = faded(1.0, now - state[3])
        for place, amount in enumerate(amounts):
            state[_TIMES + place] += amount
            state[_TIMES + 6 + place] += amount
            state[_TIMES + 12 + place] += amount
            state[_MEMORY + place] = state[_MEMORY + place] * left + amount
        state[3] = max(state[3], now)
        return Usage(_LAYOUT.pack(*state))

    def read(self, now: float) -> Activity:
        """Return the counts at `now`."""
        state = self._rolled(now)
        passed = [min(1.0, max(0.0, (now - at) / w)) for at, w in zip(state, _WIDTHS, strict=False)]
        found = []
        for place in range(_QUANTITIES):
            current = state[_TIMES + place : _MEMORY : 6]
            previous = state[_TIMES + 3 + place : _MEMORY : 6]
            minute, hour, day = (
                c + p * (1.0 - q) for c, p, q in zip(current, previous, passed, strict=True)
            )
            memory = faded(state[_MEMORY + place], now - state[3])
            found.append(Counts(minute, hour, day, memory))
        return Activity(*found)

    def _rolled(self, now: float) -> list[float]:
        state = list(_LAYOUT.unpack(self))
        for place, width in enumerate(_WIDTHS):
            elapsed = now - state[place]
            if elapsed < width:
                continue
            at = _TIMES + 6 * place
            if elapsed < 2 * width:
                state[at + 3 : at + 6] = state[at : at + 3]
                state[place] += width
            else:
                state[at + 3 : at + 6] = _ZEROS
                state[place] = now
            state[at : at + 3] = _ZEROS
        return state


_ZEROS = [0.0] * _QUANTITIES
_NONE = Usage(_LAYOUT.pack(*[-math.inf] * len(_WIDTHS), *[0.0] * (1 + 21)))


def faded(value: float, elapsed: float, half_life: float = HALF_LIFE) -> float:
    """Return what is left of `value` after `elapsed` seconds; nothing fades backwards."""
    if elapsed <= 0 or not value:
        return value
    return float(value * 0.5 ** (elapsed / half_life))

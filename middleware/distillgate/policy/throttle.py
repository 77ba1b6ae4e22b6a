"""How being held back feels: whose turn comes when.

A plan's rate and a suspicion deal turns in the same way, so that a refusal says nothing of which of
them it was.
"""

from typing import ClassVar, NamedTuple

import msgspec
from pydantic import PositiveInt

from distillgate.settings import Settings
from distillgate.wire.refusal import RETRY_LIMIT


class ThrottleSettings(Settings):
    """How throttling feels."""

    concurrent: PositiveInt = 2
    """Exchanges that a restricted account may have in flight."""
    max_wait: ClassVar[float] = RETRY_LIMIT
    """Longest wait told, in seconds: the OpenAI SDK gives up on longer ones."""
    spacing: ClassVar[float] = 1.0
    """Seconds between the turns told where no rate says how far apart they are: past a number of
    exchanges in flight, and to a restricted account whose plan has no rate."""
    jitter: ClassVar[float] = 0.25
    """Share of the time between two turns by which a wait is lengthened at random, so that clients
    do not come back at the same moment."""


class Presence(msgspec.Struct):
    """What of an account is one process's alone."""

    in_flight: int = 0
    turn: float = 0.0
    """When the last call that was refused may come back."""


class Turn(NamedTuple):
    """What one more call of an account has to wait for."""

    wait: float
    """Seconds until there would be room for it, were it the only one to wait."""
    spacing: float
    """Seconds until there is room for the next one after it; 0 where all fit again at once."""


def deal(here: Presence, turn: Turn, now: float, chance: float, limit: float) -> float:
    """Deal a refused call its turn: return the seconds it is told to wait.

    Each call comes after the one before, so that clients that wait find room. All that is kept is
    when the last turn is, and it lets nobody in or out: a client that ignores its waits uses up
    turns, not room, and a turn that nobody takes is over when its time is. Past `limit` seconds
    nothing is dealt. `chance` (0 to 1) lengthens the wait by that share of the spacing.
    """
    wait = max(turn.wait, here.turn - now + turn.spacing) if turn.spacing else turn.wait
    if wait > limit:
        return limit
    if turn.spacing:
        here.turn = now + wait
    return min(wait + turn.spacing * chance, limit)

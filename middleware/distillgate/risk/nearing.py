"""When it is told that one operator nears, or is past, what one actor may take.

A company that never declared its keys hears of it before anything is held against it.
"""

from typing import NamedTuple

from distillgate.risk.actor import Actor
from distillgate.signals.signal import Family

_TOLD_AT = (0.5, 1.0)
"""Shares of the budget at which it is told; each once, while the group is remembered."""


class Nearing(NamedTuple):
    """A group that one operator feeds, and how far it is into its budget."""

    group: str
    at: float
    accounts: int
    used: float
    """Share of its budget that it has used."""
    evidence: str
    """What it took of what it may take, and what makes that more or less."""


def nearing(actor: Actor, now: float) -> Nearing | None:
    """Return what is to be told of an actor that was examined, and note it as told."""
    group, used = actor.group, actor.used
    reached = max((share for share in _TOLD_AT if used >= share), default=0.0)
    if reached <= group.told:
        return None
    group.told = reached
    text = "; ".join(s.text for s in actor.signals if s.family is Family.HARVEST)
    return Nearing(group.id, now, len(group.rows), round(used, 3), text)

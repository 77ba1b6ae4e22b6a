"""An account's risk: its own evidence, and that of the group it acts with that makes most of it."""

from collections.abc import Iterable
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.campaign.group import Group
from distillgate.campaign.members import Brought
from distillgate.risk.actor import compared, inherited
from distillgate.risk.calibration import class_of, margin, shifted
from distillgate.risk.fuse import NO_RISK, Risk, fuse
from distillgate.signals.catalog import of_account
from distillgate.stages import EngineSettings
from distillgate.state import State

OWN_TEXTS = 3
"""Texts of its own from which an account is held to a group's evidence beyond the first rung."""


class Asked(NamedTuple):
    """Whose risk is asked for."""

    account: Account
    groups: Iterable[Group]
    """The groups of the exchange at hand, and those its principal was seen in."""
    brought: Brought | None = None
    """The texts that the exchange packs, where it packs several."""


class Assessment(NamedTuple):
    """An account's risk, and whom it acts with."""

    risk: Risk
    group: Group | None = None
    """The group whose evidence makes most of the risk."""
    groups: tuple[int, ...] = ()
    """Every group whose evidence alone would restrict the account."""
    presumed: bool = False
    """It is taken for one of the group by what it shares: it sent hardly any text of its own."""


def assess(state: State, settings: EngineSettings, asked: Asked, now: float) -> Assessment:
    """Weigh what is known of an account and of those it acts with; learns nothing."""
    account = asked.account
    kind = class_of(account, now)
    null = settings.risk.null(kind)
    own = shifted(of_account(account, now, settings.signals), null.shifts)
    chance = margin(null, kind)
    best, group = (fuse([*own, *chance], settings.risk) if own else NO_RISK), None
    if now < account.pardoned_until:
        return Assessment(best)
    members, examine = state.groups.members, settings.campaign.examine
    restricting = []
    for found in asked.groups:
        actor = state.actor(found.key)
        if actor is None:
            continue
        shared = inherited(actor, account, members, examine, asked.brought)
        risk = fuse([*own, *shifted(shared, null.shifts), *chance], settings.risk)
        # A group that speaks for its members does not speak for what one of them does alone.
        if shared and (risk.total > best.total or (group is None and not own)):
            best, group = risk, found
        if shared and risk.total >= settings.policy.ladder.throttle:
            restricting.append(found.key)
    presumed = group is not None and _is_new(group, asked, state)
    return Assessment(best, group, tuple(restricting), presumed)


def _is_new(group: Group, asked: Asked, state: State) -> bool:
    unit, members = asked.account.unit, state.groups.members
    return compared(group, unit, members, asked.brought) < OWN_TEXTS

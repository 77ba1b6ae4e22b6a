"""An account's risk: its own evidence, and that of the group it acts with that makes most of it."""

import math
from collections.abc import Collection, Iterable
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.account.history import TEXTS, Event
from distillgate.campaign.comparable import Comparable
from distillgate.campaign.group import Group
from distillgate.campaign.sketch_table import Brought
from distillgate.engine.settings import EngineSettings
from distillgate.engine.state import State
from distillgate.policy.decision import Action, Ruling
from distillgate.policy.directives import Directive
from distillgate.policy.parties import Parties
from distillgate.policy.policy import Bearing, decide
from distillgate.records import FrozenStruct
from distillgate.risk.actor import Actor, compared, inherited
from distillgate.risk.calibration import class_of, margin, shifted
from distillgate.risk.fuse import NO_RISK, Risk, fuse
from distillgate.signals.allowance import allowance
from distillgate.signals.catalog import of_account

WATCHED, STOPPED = 0.5, 2.0
"""Share of its budget from which an actor is watched, and from which its pool gives no more."""
OWN_TEXTS = 3
"""Texts of its own from which an account is held to a group's evidence beyond the first rung."""


class Asked(FrozenStruct, frozen=True):
    """Whose risk is asked for."""

    account: Account
    groups: Iterable[Group]
    """The groups of the exchange at hand, and those its principal was seen in."""
    brought: Brought | None = None
    """The texts that the exchange packs, where it packs several."""
    reported: Collection[str] = ()
    """The reports whose templates the exchange is made from."""

    def who(self, state: State) -> Comparable:
        """Return what its texts are compared by."""
        return state.groups.comparable(self.account.principal, self.brought)


class Assessment(FrozenStruct, frozen=True):
    """An account's risk, and whom it acts with."""

    risk: Risk
    group: Group | None = None
    """The group whose evidence makes most of the risk."""
    groups: tuple[int, ...] = ()
    """Every group whose evidence alone would restrict the account."""
    refill: float = 0.0
    """Output tokens a day that all accounts of those that restrict it get together."""
    bearing: Bearing = Bearing()
    """How a group's evidence bears on the account; it is watched where one of its groups has used
    half of what one actor may take."""

    def event(
        self, change: str, ruling: Ruling, now: float, reference: str, *, enforcing: bool
    ) -> Event:
        """Return what an account's history tells of a change, with the evidence as it stood."""
        shadow = ruling.action.restricts and not enforcing
        reasons = sorted(self.risk.signals, key=lambda signal: -signal.llr)[:TEXTS]
        return Event(
            at=now,
            what=change,
            by=ruling.decided_by,
            action=ruling.action.label,
            until=ruling.expires or 0.0,
            risk=round(ruling.risk, 3),
            group="" if self.group is None else self.group.id,
            texts=tuple(f"{signal.name}: {signal.text}" for signal in reasons),
            reference=reference,
            not_acted_on=ruling.not_enforced or ("shadow" if shadow else ""),
        )


def assess(state: State, settings: EngineSettings, asked: Asked, now: float) -> Assessment:
    """Weigh what is known of an account and of those it acts with; learns nothing."""
    account = asked.account
    kind = class_of(account, now)
    null = settings.risk.null(kind)
    own = shifted(of_account(account, now, settings.signals), null.shifts)
    chance = margin(null, kind)
    best, group = (fuse([*own, *chance], settings.risk) if own else NO_RISK), None
    if now < account.pardoned_until:
        return Assessment(best, refill=refill(None, settings))
    examine = settings.campaign.examine
    restricting: list[Actor] = []
    watched, who = False, None
    for found in asked.groups:
        actor = state.actor(found.key)
        if actor is None or now >= actor.until:
            continue
        who = who or asked.who(state)
        shared = inherited(actor, account, who, examine)
        # A group that speaks for its members does not speak for what one of them does alone.
        if not shared:
            continue
        risk = fuse([*own, *shifted(shared, null.shifts), *chance], settings.risk)
        watched = watched or actor.used >= WATCHED
        if risk.total > best.total or (group is None and not own):
            best, group = risk, found
        if risk.total >= settings.policy.ladder.throttle:
            restricting.append(actor)
    reach = Action.REFUSE
    if group is not None and who is not None:
        reach = _reach(group, who, asked.reported, now)
    lapses = any(actor.group is group and actor.until < math.inf for actor in restricting)
    keys = tuple(actor.group.key for actor in restricting)
    given = min((refill(actor, settings) for actor in restricting), default=refill(None, settings))
    return Assessment(best, group, keys, given, Bearing(reach, lapses, watched))


def refill(actor: Actor | None, settings: EngineSettings) -> float:
    """Return the output tokens a day that an actor past its budget still gets, or an account alone.

    Who has taken twice the budget gets no more than the floor.
    """
    share, budget = settings.policy.group_budget.refill, settings.signals.work_list
    if actor is None or actor.group.evidence is None:
        return share * budget.value_tokens
    if actor.used >= STOPPED:
        return 0.0
    return share * allowance(actor.group.evidence.taken, budget).tokens


def _reach(group: Group, who: Comparable, reported: Collection[str], now: float) -> Action:
    """Return the hardest action that a group's evidence is good for against an account.

    Who is new is nobody yet, and only watched: but where what it just sent was told of, too.
    """
    if compared(group, who) >= OWN_TEXTS:
        return Action.REFUSE
    told = None if group.evidence is None else group.evidence.reported
    is_told = told is not None and now < told.until and told.id in reported
    return Action.THROTTLE if is_told else Action.OBSERVE


class Judgement(NamedTuple):
    """What becomes of an exchange by what is known, and why; its budgets come after."""

    found: Assessment
    ruling: Ruling
    parties: Parties
    """With their pools, where the account is restricted."""
    directive: Directive | None
    """What a person ordered of them."""


def rule(
    state: State,
    settings: EngineSettings,
    parties: Parties,
    now: float,
    asked: Asked | None = None,
) -> Judgement:
    """Decide what becomes of an exchange of these parties by the evidence and by people's words.

    Learns nothing. Where no exchange is `asked` of, the groups count that the account was seen in.
    Whether a restriction is acted on is not looked at.
    """
    account = parties.account
    asked = asked or Asked(account, state.groups.of_principal(account.principal))
    found = assess(state, settings, asked, now)
    directive = state.directives.of(parties.names, now)
    ruling = decide(
        parties, found.risk, now, settings.policy,
        bearing=found.bearing, directive=directive,
    )  # fmt: skip
    return Judgement(found, ruling, parties, directive)

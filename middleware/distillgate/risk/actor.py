"""A linked group is one actor: what it is held to, and how much of that reaches a member."""

import math
from dataclasses import dataclass

from distillgate.account.account import Account
from distillgate.campaign.evidence import log_odds, logit
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.campaign.members import Members
from distillgate.risk.fuse import RiskSettings, fuse
from distillgate.signals.signal import Family, Signal

_BEFORE = 1
"""Requests without what a group shares, after which the first with it is no habit yet."""


@dataclass(slots=True)
class Actor:
    """A group whose linkage says that one operator feeds it."""

    group: Group
    signals: list[Signal]


def judge(group: Group, signals: list[Signal], settings: RiskSettings) -> Actor | None:
    """Make a group an actor, or None where its linkage does not reach."""
    group.link = fuse(signals, settings).families.get(Family.LINKAGE.value, 0.0)
    if group.link < settings.linked:
        return None
    return Actor(group, signals)


def inherited(
    actor: Actor, account: Account, members: Members, settings: ExamineSettings
) -> list[Signal]:
    """Give an actor's signals as far as they reach one of its accounts."""
    share = membership(actor.group, account.unit, members, settings, sent=account.exchanges)
    if share <= 0.0:
        return []
    return [signal._replace(llr=signal.llr * share) for signal in actor.signals]


def membership(
    group: Group, unit: int, members: Members, settings: ExamineSettings, *, sent: float = 0.0
) -> float:
    """Say how surely a unit belongs to its group's core, in [0, 1]; `sent` are all its requests.

    A unit with too few texts of its own belongs where what is shared is distinctive and the group
    is of one piece. In a mixed group honest users are known to be, and who comes late is more
    likely one of them: it must first send texts of the core's making. So must who sent much else:
    a reseller or a company's gateway forwards a user of the same prompt once in a while. One whose
    own subject and manner stray from the core is on its way out, and free where they stray far.
    """
    evidence = group.evidence
    if evidence is None or evidence.core is None:
        return 0.0
    core = evidence.core
    row = group.row(unit, members)
    odds = logit(core.share)
    known = float(members.texts[row]) if row is not None else 0.0
    if group.kind is Kind.USE and known < settings.alike.asked_texts(core.near):
        return 0.0
    if row is not None and known > 0:
        odds = float(log_odds(core, *members.one(row)))
    if group.kind is Kind.USE:
        odds -= math.log1p(core.near)  # each of them is a chance to err
    elsewhere = max(0.0, sent - known) if group.kind.textual else 0.0
    if not known and elsewhere > _BEFORE:
        return 0.0
    presumed = math.log1p(elsewhere)
    if not (group.distinctive and evidence.whole):
        presumed = max(presumed, logit(core.share) - logit(settings.weak_share))
    odds -= presumed
    return min(1.0, max(0.0, (odds - settings.sure) / (settings.certain - settings.sure)))

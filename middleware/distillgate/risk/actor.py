"""A linked group is one actor: what it is held to, and how much of that reaches a member."""

import math
from dataclasses import dataclass

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.campaign.belonging import CERTAIN, reach
from distillgate.campaign.belonging import membership as lies_in
from distillgate.campaign.comparable import Comparable
from distillgate.campaign.evidence import Core, Evidence, log_odds, logit
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.hand import OneHand
from distillgate.campaign.sketch_table import SketchTable
from distillgate.records import FrozenStruct
from distillgate.risk.fuse import RiskSettings, link
from distillgate.signals.allowance import share_used
from distillgate.signals.signal import Family, Signal

_PEOPLES_FOLLOWS, _STRAY_FOLLOWS = (0.15, 0.25, 0.4), 0.05
"""Shares of requests that continue a conversation: of front-ends, whose users mostly ask once
(measured 0.15 to 0.31), up to people that talk with a model; and of whoever takes an answer and
goes on, where some texts look like it."""
_BEFORE = 1
"""Requests without what a group shares, after which the first with it is no habit yet."""
_WITH_KEY = 1 / 12
"""Share of what a principal drew that must come with what a group shares: lists have up to a dozen
prompts, and who asks with a tool's once in sixty times is a gateway."""


_ORGANISED = 0.1
"""Share of a hand's accounts that must declare organisations for one that does to be one of them:
to pass so costs a ring a verified identity for an account, and hides a tenth of them."""
_TEXTS_SAY = CERTAIN + 1.0
"""Log-odds that texts alone bring an account of a hand to, at most: an honest one that lies as near
by its few texts is told by what it does with the answers."""
_PAYLOADS, _NOTHING_ELSE = 3, 0.8
"""Payloads that a principal must have sent to be taken for one of a group of which nothing else is
known, and the share of its requests that they must be."""


@dataclass(slots=True)
class Actor:
    """A group whose linkage says that one operator feeds it."""

    group: Group
    signals: list[Signal]

    @property
    def used(self) -> float:
        """How much of its budget it has used, as a share; more than 1 is past it."""
        return share_used(sum(s.llr for s in self.signals if s.family is Family.HARVEST))

    @property
    def until(self) -> float:
        """Until when its evidence counts: without end, but where it rests on others' report."""
        evidence = self.group.evidence
        return math.inf if evidence is None else evidence.rests_until


def judge(group: Group, signals: list[Signal], settings: RiskSettings) -> Actor | None:
    """Make a group an actor, or None where its linkage does not reach."""
    group.link = link(signals, settings)
    if group.link < settings.linked:
        return None
    return Actor(group, signals)


def inherited(
    actor: Actor, account: Account, who: Comparable, settings: ExamineSettings
) -> list[Signal]:
    """Return an actor's signals as far as they reach one of its accounts."""
    share = belonging(actor.group, account, who, settings)
    if share <= 0.0:
        return []
    if share == 1.0:
        return actor.signals
    return [replace(signal, llr=signal.llr * share) for signal in actor.signals]


class Habits(FrozenStruct, frozen=True):
    """What an account did in all: its requests, and those that continue a conversation."""

    sent: float = 0.0
    follows: float = 0.0
    organised: bool = False
    """It declares an organisation, whose keys are one principal."""


UNKNOWN = Habits()

WEIGHED = 30
"""Microseconds that weighing takes, of one account's belonging or one group's signals: jobs that
weigh many of them pause by it."""


def belonging(group: Group, account: Account, who: Comparable, settings: ExamineSettings) -> float:
    """Return how surely an account belongs to its group's core, in [0, 1]."""
    habits = Habits(account.exchanges, account.follows, account.organisation is not None)
    return membership(group, who, settings, habits)


def compared(group: Group, who: Comparable) -> float:
    """Return how many texts of a principal's own its belonging to a group is judged by."""
    evidence = group.evidence
    known = who.texts(who.row(group)) or float(group.unread.get(who.principal, 0))
    if evidence is not None and _by_draws(group, evidence, who) > 0.0:
        known = max(known, who.texts(who.own))
    return known or (float(who.brought.texts) if who.brought is not None else 0.0)


def membership(
    group: Group, who: Comparable, settings: ExamineSettings, habits: Habits = UNKNOWN
) -> float:
    """Return how surely a principal belongs to its group's core, in [0, 1].

    Where all that a group's principals drew says that they are one hand's, it is asked of all that
    this one drew, too: of a list with several templates each carries few texts.
    An organisation that is declared lies in a hand of strangers by being the mean of many people.
    """
    evidence = group.evidence
    if evidence is None:
        return 0.0
    against = _talks_back(habits, evidence.follows)
    if evidence.one_hand is not None:
        if habits.organised and evidence.taken.openness.organised < _ORGANISED:
            return 0.0
        return _lies_in(evidence.one_hand, who.row(group), who.members, against)
    if evidence.core is None:
        sends = evidence.senders is not None and _sends_payloads(group, who.principal, habits)
        return float(sends)
    odds = _by_what_is_shared(group, evidence, evidence.core, who, settings, habits)
    if not habits.organised:
        odds = max(odds, _by_draws(group, evidence, who))
    odds -= against
    return min(1.0, max(0.0, (odds - settings.sure) / (settings.certain - settings.sure)))


def _by_draws(group: Group, evidence: Evidence, who: Comparable) -> float:
    """Return the log-odds that a principal belongs by all that it drew, where that is known.

    Not of who mostly drew without what the group shares: a gateway's many people lie together where
    a relay's do.
    """
    if evidence.drawn is None:
        return -math.inf
    drawn = who.log_odds(evidence.drawn, who.own)
    if drawn is None or who.texts(who.row(group)) < _WITH_KEY * who.texts(who.own):
        return -math.inf
    return drawn


def _by_what_is_shared(
    group: Group,
    evidence: Evidence,
    core: Core,
    who: Comparable,
    settings: ExamineSettings,
    habits: Habits,
) -> float:
    """Return the log-odds that a principal belongs by its texts with what a group shares.

    A principal with too few texts of its own belongs where what is shared is distinctive and the
    group is of one piece. In a mixed group honest users are known to be, and who comes late is more
    likely one of them: it must first send texts of the core's making. So must who sent much else: a
    reseller or a company's gateway forwards a user of the same prompt once in a while. One whose
    own subject and manner stray from the core is on its way out, and free where they stray far; and
    so is one that talks back where the group does not.
    """
    row = who.row(group)
    odds, known = who.log_odds(core, row), who.texts(row)
    if odds is None and who.brought is not None:
        known = float(who.brought.texts)
        odds = float(log_odds(core, *who.brought[:3]))
    elsewhere = max(0.0, habits.sent - known) if group.kind.textual else 0.0
    if not known and elsewhere > _BEFORE:
        return -math.inf
    presumed = math.log1p(elsewhere)
    if not (group.distinctive and evidence.whole):
        presumed = max(presumed, logit(core.share) - logit(settings.weak_share))
    return (odds if odds is not None else logit(core.share)) - presumed


def _sends_payloads(group: Group, principal: int, habits: Habits) -> bool:
    """Return whether a principal, too, sends payloads and nothing else: all that can be
    compared.
    """
    sent = group.unread.get(principal, 0)
    return sent >= _PAYLOADS and sent >= _NOTHING_ELSE * habits.sent


def _lies_in(found: OneHand, row: int | None, members: SketchTable, against: float) -> float:
    """Return how far the evidence of a hand that was found by its texts reaches a principal."""
    if row is None:
        return 0.0
    odds = lies_in(found, int(members.payers[row]), *members.sums(row))
    return reach(min(odds, _TEXTS_SAY) - against)


def _talks_back(habits: Habits, share: float) -> float:
    """Weigh that an account continues conversations, in a group that does with this share, in nats.

    Never for it: hardly ever to continue one is common.
    """
    share, single = max(share, _STRAY_FOLLOWS), habits.sent - habits.follows
    weighed = [
        habits.follows * math.log(rate / share) + single * math.log((1 - rate) / (1 - share))
        for rate in _PEOPLES_FOLLOWS
        if rate > share
    ]
    # Which of them it is, is not known: each is paid for.
    return max(0.0, max(weighed, default=0.0) - math.log(len(_PEOPLES_FOLLOWS)))

"""A detector of groups: one registration brings its question, its doubt, its row and its turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.hand import ACCOUNTS
from distillgate.campaign.keys import Kind
from distillgate.signals.allowance import AllowanceSettings
from distillgate.signals.detector import Detector, Finding
from distillgate.signals.signal import Doubt, Family, Signal


class Basis(StrEnum):
    """What of a group can be compared."""

    MEETINGS = "meetings"
    """Its accounts go on with what others of them started."""
    ALONE = "texts alone"
    """Texts of accounts that no key ties, chosen by one half of them."""
    DRAWN = "draws"
    """All that accounts drew that share a key: one hand's, by the half of it that was held out."""
    TEXTS = "texts"
    """Texts of accounts that share a key."""
    PAYLOADS = "payloads"
    """Nothing but pictures, sounds or files within one template."""


class Turn(IntEnum):
    """When a detector is asked, since what it says may rest on what others said before it."""

    MEMORY = 0
    """What is remembered of groups before this one."""
    PRIOR = 1
    """What sharing says before looking closer: only asked where memory says nothing."""
    COMPARISON = 2
    """What comparing the accounts says."""
    SUPPORT = 3
    """What adds to a comparison, or takes from it."""
    LINKED = 4
    """What one operator's accounts do together: only asked where the turns before link all of the
    group."""
    TAKEN = 5
    """What was taken, and what was asked for."""


class Case(NamedTuple):
    """A group as it stood when it was last examined."""

    group: Group
    evidence: Evidence
    basis: Basis | None
    examine: ExamineSettings
    allowance: AllowanceSettings

    @property
    def age(self) -> float:
        """Return how old the group was, in seconds."""
        return self.evidence.examined_at - self.group.first_seen


Find = Callable[[Case], Iterator[Finding]]
"""Reads a group that was examined; yields nothing where there is no evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDetector(Detector):
    """A detector of groups as it is registered."""

    find: Find
    turn: Turn
    of: frozenset[Basis] | None = None
    """What must be comparable of a group for it to be asked; None: of every group."""
    signals: tuple[str, ...]
    """The names of its signals."""
    accuses: bool = False
    """It only ever speaks against accounts, so `signals.off` may name it."""

    def __call__(self, case: Case) -> list[Signal]:
        """Return the signals of a group."""
        since, until = case.group.first_seen, case.evidence.examined_at
        return [
            Signal(found.name or self.name, self.family, found.llr, found.text, self.doubt,
                   since, until)
            for found in self.find(case)
        ]  # fmt: skip


def group_detector(
    family: Family,
    asks: str,
    doubt: Doubt,
    *,
    turn: Turn,
    of: frozenset[Basis] | None = None,
    signals: tuple[str, ...] = (),
    accuses: bool = False,
) -> Callable[[Find], GroupDetector]:
    """Register a function of a file in `signals/detectors` as the detector of groups of its name.

    Without `of` it is asked of every group that was examined.
    """

    def register(find: Find) -> GroupDetector:
        name = find.__name__
        return GroupDetector(
            name=name, family=family, asks=asks, doubt=doubt, find=find,
            turn=turn, of=of, signals=signals or (name,), accuses=accuses,
        )  # fmt: skip

    return register


_UNITS = 12
"""Accounts; fewer show nothing by being alike (`campaign.examine.min_units`)."""
_NOTHING_ELSE = 0.8
"""Share of the group's exchanges that must be nothing but payload: of each account, the first holds
words that are new from it."""
_TWICE = 0.02
"""Share of payloads that two accounts sent, from which it is a set that people share."""


def basis(kind: Kind, evidence: Evidence) -> Basis | None:
    """Return what of a group can be compared; None is nothing."""
    if kind is Kind.LINKS:
        return Basis.MEETINGS
    if evidence.one_hand is not None:
        return Basis.ALONE
    drawn = evidence.held_out
    # Front-ends that share a prompt hardly differ, whatever their many people ask: by all they drew
    # they do, and what too few drew to be judged by says nothing.
    if drawn is not None and (drawn.sure or evidence.peopled):
        return Basis.DRAWN
    few = kind.textual and evidence.peopled and evidence.principals < ACCOUNTS
    if evidence.topic is not None and not few:
        return Basis.TEXTS
    if kind.textual and evidence.senders is not None and _only_payloads(evidence):
        return Basis.PAYLOADS
    return None


def _only_payloads(evidence: Evidence) -> bool:
    return (
        evidence.principals >= _UNITS
        and evidence.unread >= _NOTHING_ELSE
        and evidence.repeats <= _TWICE
    )

"""Asking the detectors: of one account with every request, of a group when it was examined."""

from collections.abc import Sequence

from distillgate.account.account import Account
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.signals.detector import Reads
from distillgate.signals.group_detector import Case, GroupDetector, Turn, basis
from distillgate.signals.registry import ACCOUNT, GROUP
from distillgate.signals.settings import SignalsSettings
from distillgate.signals.signal import Family, Signal

_ALWAYS, _TEXTS, _CONDUCT = (
    tuple(detector for detector in ACCOUNT if detector.reads is reads) for reads in Reads
)
_LINKED = 2.0
"""Linkage, in nats, from which a group's life is looked at: else a launch would look alike."""


def of_account(account: Account, now: float, settings: SignalsSettings) -> list[Signal]:
    """Ask every detector of single accounts that is not turned off."""
    asked = _ALWAYS
    if account.texts is not None:
        asked += _TEXTS
    if account.conduct is not None:
        asked += _CONDUCT
    return [
        detector.signal(found, account)
        for detector in asked
        if (found := detector.find(account, now)) is not None and detector.name not in settings.off
    ]


def of_group(group: Group, examine: ExamineSettings, settings: SignalsSettings) -> list[Signal]:
    """Ask every detector of groups; nothing where the group has not been examined."""
    evidence = group.evidence
    if evidence is None:
        return []
    case = Case(group, evidence, basis(group.kind, evidence), examine, settings.work_list)
    signals: list[Signal] = []
    for detector in GROUP:
        if detector.name not in settings.off and _has_its_turn(detector, case, signals):
            signals += detector(case)
    return signals


def _has_its_turn(detector: GroupDetector, case: Case, before: Sequence[Signal]) -> bool:
    if detector.of is not None and case.basis not in detector.of:
        return False
    if detector.turn is Turn.PRIOR:
        return not before
    if detector.turn is Turn.LINKED:
        # Of a mixed group the life is everybody's, its honest users' included.
        return case.evidence.whole and _linkage(before) >= _LINKED
    return True


def _linkage(signals: Sequence[Signal]) -> float:
    return sum(signal.llr for signal in signals if signal.family is Family.LINKAGE)

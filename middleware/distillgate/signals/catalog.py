"""Asking the detectors: of one account with every request, of a group when it was examined."""

from collections.abc import Iterator

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.signals.detector import Reads
from distillgate.signals.detectors.elicitation import elicitation
from distillgate.signals.detectors.even_loads import even_loads
from distillgate.signals.detectors.exchangeability import exchangeability
from distillgate.signals.detectors.life_cycle import life_cycle
from distillgate.signals.detectors.links import links
from distillgate.signals.detectors.one_hand import one_hand
from distillgate.signals.detectors.payloads import payloads
from distillgate.signals.detectors.repeats import repeats
from distillgate.signals.detectors.returned import returned
from distillgate.signals.detectors.shared_key import shared_key
from distillgate.signals.detectors.work_list import work_list
from distillgate.signals.registry import ACCOUNT
from distillgate.signals.settings import SignalsSettings
from distillgate.signals.signal import Signal

_ALWAYS, _TEXTS, _CONDUCT = (
    tuple(detector for detector in ACCOUNT if detector.reads is reads) for reads in Reads
)


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
    linkage = [s for s in _linkage(group, evidence, examine, settings) if s is not None]
    # Of a mixed group the life is everybody's, its honest users' included.
    linked = sum(s.llr for s in linkage) >= settings.life_cycle.linked and evidence.whole
    asked = (
        *linkage,
        *(life_cycle(evidence, settings.life_cycle) if linked else ()),
        work_list(evidence, settings.work_list),
        elicitation(evidence, settings.elicitation),
    )
    since, until = group.first_seen, evidence.examined_at
    return [replace(s, since=since, until=until) for s in asked if s is not None]


def _linkage(
    group: Group, evidence: Evidence, examine: ExamineSettings, settings: SignalsSettings
) -> Iterator[Signal | None]:
    before = returned(evidence, settings.returned)
    yield before
    if group.kind is Kind.LINKS:
        yield links(evidence, settings.links)
    elif evidence.one_hand is not None:
        yield from one_hand(evidence, examine)
        yield even_loads(evidence, settings.even_loads)
    elif evidence.topic is not None:
        if before is None:  # else it says how likely one operator is to begin with
            age = evidence.examined_at - group.first_seen
            yield shared_key(evidence, group.kind, age, settings.shared_key)
        yield from exchangeability(evidence, examine, settings.exchangeability)
        yield even_loads(evidence, settings.even_loads)
        yield repeats(evidence, settings.repeats)
    elif group.kind.textual and evidence.senders is not None:
        shown = payloads(evidence, settings.even_loads.weigh(evidence.senders))
        if shown is not None and before is None:
            age = evidence.examined_at - group.first_seen
            yield shared_key(evidence, group.kind, age, settings.shared_key)
        yield shown

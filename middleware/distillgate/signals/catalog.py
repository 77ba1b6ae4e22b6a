"""Every detector, in order: the one place that knows them all."""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Kind
from distillgate.signals.detectors.breadth import breadth
from distillgate.signals.detectors.countermeasure_probing import countermeasure_probing
from distillgate.signals.detectors.elicitation import elicitation
from distillgate.signals.detectors.elicitation_search import elicitation_search
from distillgate.signals.detectors.embeddings_harvest import embeddings_harvest
from distillgate.signals.detectors.even_loads import even_loads
from distillgate.signals.detectors.exchangeability import exchangeability
from distillgate.signals.detectors.expansion import expansion
from distillgate.signals.detectors.failover import failover
from distillgate.signals.detectors.grading import grading
from distillgate.signals.detectors.instruction_generation import instruction_generation
from distillgate.signals.detectors.known_template import known_template
from distillgate.signals.detectors.life_cycle import life_cycle
from distillgate.signals.detectors.links import links
from distillgate.signals.detectors.logprob_sweep import logprob_sweep
from distillgate.signals.detectors.many_clients import many_clients
from distillgate.signals.detectors.no_ramp import no_ramp
from distillgate.signals.detectors.novelty import novelty
from distillgate.signals.detectors.parameter_extraction import parameter_extraction
from distillgate.signals.detectors.payloads import payloads
from distillgate.signals.detectors.pivot import pivot
from distillgate.signals.detectors.reasoning import reasoning
from distillgate.signals.detectors.relay import relay
from distillgate.signals.detectors.repeats import repeats
from distillgate.signals.detectors.replayed_history import replayed_history
from distillgate.signals.detectors.returned import returned
from distillgate.signals.detectors.round_the_clock import round_the_clock
from distillgate.signals.detectors.scrubbed_metadata import scrubbed_metadata
from distillgate.signals.detectors.shared_key import shared_key
from distillgate.signals.detectors.throughput import throughput
from distillgate.signals.detectors.tool_trajectories import tool_trajectories
from distillgate.signals.detectors.trace_cleaning import trace_cleaning
from distillgate.signals.detectors.variants import variants
from distillgate.signals.detectors.work_list import work_list
from distillgate.signals.settings import SignalsSettings
from distillgate.signals.signal import Signal

Detector = Callable[[Account, Any, float], Signal | None]

OF_TEXTS: tuple[Detector, ...] = (
    reasoning,
    grading,
    trace_cleaning,
    instruction_generation,
    expansion,
    novelty,
    breadth,
    variants,
    known_template,
    elicitation_search,
)
"""Asked of accounts whose varying texts are known."""
OF_CONDUCT: tuple[Detector, ...] = (
    round_the_clock,
    no_ramp,
    many_clients,
    throughput,
    relay,
    scrubbed_metadata,
    failover,
    pivot,
    countermeasure_probing,
    tool_trajectories,
    replayed_history,
    logprob_sweep,
    embeddings_harvest,
)
"""Asked of accounts whose use is remembered."""
ACCOUNT = (parameter_extraction, *OF_TEXTS, *OF_CONDUCT)
"""The detectors of single accounts, in the order they are asked. A detector's name is its signal's
and its settings'; it is asked with every request, so it says None before it calculates."""


def _named(*detectors: Detector) -> tuple[tuple[str, Detector], ...]:
    return tuple((find.__name__, find) for find in detectors)


_ALWAYS, _TEXTS, _CONDUCT = _named(parameter_extraction), _named(*OF_TEXTS), _named(*OF_CONDUCT)


def of_account(account: Account, now: float, settings: SignalsSettings) -> list[Signal]:
    """Ask every detector of single accounts; what is not dated is as old as the account."""
    asked = _ALWAYS
    if account.texts is not None:
        asked += _TEXTS
    if account.conduct is not None:
        asked += _CONDUCT
    found = [
        signal
        for name, find in asked
        if (signal := find(account, getattr(settings, name), now)) is not None
    ]
    return [
        signal
        if signal.since is not None
        else replace(signal, since=account.first_seen, until=account.last_seen)
        for signal in found
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

"""Do the accounts of a group send what one load balancer would deal them?"""

from collections.abc import Iterator

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.exchangeability import (
    BlockSettings,
    Intraclass,
    balanced,
    likelihood_ratio,
)
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "one company may spread its own work over undeclared keys",
    "the accounts declare one organisation, or come to differ in what and how they ask",
)


class ExchangeabilitySettings(Settings):
    """How alike subject and manner are weighed."""

    sharded_ratio: float = 0.5
    """Manner that varies less than this share of subject betrays one hand that sorts by topic
    (measured: dealt 0.05 to 0.54, people 1.0 to 15)."""
    sharded: float = 2.0
    """What a subject that differs still counts against one hand, when the manner is one."""
    sitting: float = 0.85
    """Hours differ between accounts by more than this share: each sent all at one sitting..."""
    own_sitting: float = -4.0
    """...which is how people run one benchmark each. Weighed as far as texts repeat: an operator
    who uses one account after the other, or packs many inputs in a request, deals so too."""
    own_set: float = 0.15
    """Share of the texts that several accounts sent from which accounts that are more alike than
    chance deals are taken to run one set each, as benchmarks do. Without such repeats a constant
    text that every account sends once makes them that alike."""
    core: float = -1.5
    """What it costs that only part of the group is alike: the part was looked for."""
    clear: float = 4.0
    """Clarity of such a part below which it costs more, nat for nat times `blur`."""
    stragglers: Positive = 0.3
    """Share of a group that does not belong at which that cost is full."""
    blur: float = 1.5
    """How dearly a part that is not clear is paid."""


def exchangeability(
    evidence: Evidence, examine: ExamineSettings, settings: ExchangeabilitySettings
) -> Iterator[Signal]:
    """Weigh subject, manner and hours of the texts between accounts against within one."""
    if evidence.topic is None or evidence.style is None:
        return
    # A dealt list does not repeat; a set that everybody runs does.
    runs = min(1.0, evidence.repeats / settings.own_set)
    of_topic = _weigh(evidence.topic, examine.topic, runs)
    of_style = _weigh(evidence.style, examine.style, runs)
    if of_style > 0 and of_topic < 0 and _sharded(evidence.topic, evidence.style, settings):
        of_topic = max(of_topic, -settings.sharded)
    yield _signal("subject", of_topic, evidence.topic)
    yield _signal("manner", of_style, evidence.style)
    if evidence.clock is not None:
        of_clock = likelihood_ratio(evidence.clock, examine.clock)
        if evidence.clock.rho - 2 * evidence.clock.error > settings.sitting:
            of_clock = min(of_clock, settings.own_sitting * runs)
        yield _signal("clock", of_clock, evidence.clock)
    if not evidence.whole and evidence.core is not None:
        share = f"{evidence.core.share:.0%}"
        text = f"only {share} of the group's accounts are alike; a part was looked for"
        blurred = settings.blur * max(0.0, settings.clear - evidence.clarity)
        # Nearly the whole group is hardly a part that was looked for.
        looked = min(1.0, (1.0 - evidence.core.share) / settings.stragglers)
        llr = looked * (settings.core - blurred)
        yield Signal("part_of_group", Family.LINKAGE, llr, text, _DOUBT)


def _weigh(found: Intraclass, block: BlockSettings, runs: float) -> float:
    """Weigh one block; `runs` is how surely what repeats is a set that everybody runs."""
    ratio = likelihood_ratio(found, block)
    return ratio * (1.0 - runs) if ratio > 0 and balanced(found, block) else ratio


def _sharded(topic: Intraclass, style: Intraclass, settings: ExchangeabilitySettings) -> bool:
    upper = style.rho + 2 * style.error
    return upper < settings.sharded_ratio * topic.rho


_PEOPLE = {"subject": "0.01 to 0.13", "manner": "0.07 to 0.5", "clock": "0.1 to 0.8"}


def _signal(what: str, llr: float, found: Intraclass) -> Signal:
    text = (
        f"over {found.principals} accounts and {found.texts} texts, {what} differs between "
        f"accounts by {found.rho:+.3f} ± {found.error:.3f} of all variation (one dealer: 0; "
        f"people: {_PEOPLE[what]})"
    )
    return Signal(f"one_{what}", Family.LINKAGE, llr, text, _DOUBT)

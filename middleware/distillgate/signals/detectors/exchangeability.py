"""Do the accounts of a group send what one load balancer would deal them?"""

from collections.abc import Iterator

from distillgate.campaign.dealt import DEALT
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.exchangeability import Block, Intraclass, balanced, likelihood_ratio
from distillgate.priors import Measured, section
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


class ExchangeabilityWeights(Measured, frozen=True):
    """How alike subject and manner are weighed."""

    sharded_ratio: float
    """Manner that varies less than this share of subject betrays one hand that sorts by topic
    (measured: dealt 0.05 to 0.54, people 1.0 to 15)."""
    sharded: float
    """What a subject that differs still counts against one hand, when the manner is one."""
    sitting: float
    """Hours differ between accounts by more than this share: each sent all at one sitting..."""
    own_sitting: float
    """...which is how people run one benchmark each. Weighed as far as texts repeat: an operator
    who uses one account after the other, or packs many inputs in a request, deals so too."""
    own_set: float
    """Share of the texts that several accounts sent from which accounts that are more alike than
    chance deals are taken to run one set each, as benchmarks do. Without such repeats a constant
    text that every account sends once makes them that alike."""
    core: float
    """What it costs that only part of the group is alike: the part was looked for."""
    clear: float
    """Clarity of such a part below which it costs more, nat for nat times `blur`."""
    stragglers: float
    """Share of a group that does not belong at which that cost is full."""
    blur: float
    """How dearly a part that is not clear is paid."""


_WEIGHTS = section("exchangeability", ExchangeabilityWeights)
_SOME, _ALL = 0.6, 0.9
"""Share of an account's texts that come from others, too, on average over accounts: up to the first
figure, as decoys may be, accounts that are alike are so by their own; from the second on by those
alone. Monitors of one pool came to 0.9, 92 customers of a set of 126 items to 0.97, a campaign that
samples each of a thousand prompts several times to 0.52 to 0.57."""


@group_detector(
    Family.LINKAGE,
    "whether subject, manner and hours differ between accounts as one dealer's do",
    Doubt(
        "one company may spread its own work over undeclared keys",
        "the accounts declare one organisation, or come to differ in what and how they ask",
    ),
    turn=Turn.COMPARISON,
    of=frozenset({Basis.TEXTS}),
    signals=("one_subject", "one_manner", "one_clock", "part_of_group"),
)
def exchangeability(case: Case) -> Iterator[Finding]:
    """Weigh subject, manner and hours of the texts between accounts against within one."""
    evidence, examine = case.evidence, case.examine
    if evidence.topic is None or evidence.style is None:
        return
    # A dealt list does not repeat; a set that everybody runs does.
    runs = min(1.0, evidence.repeats / _WEIGHTS.own_set)
    own = _own_texts(evidence)
    of_topic = _weigh(evidence.topic, examine.topic, runs, own)
    of_style = _weigh(evidence.style, examine.style, runs, own)
    if of_style > 0 and of_topic < 0 and _sharded(evidence.topic, evidence.style):
        of_topic = max(of_topic, -_WEIGHTS.sharded)
    yield _finding("subject", of_topic, evidence.topic)
    yield _finding("manner", of_style, evidence.style)
    if evidence.clock is not None:
        of_clock = likelihood_ratio(evidence.clock, examine.clock)
        if evidence.clock.rho - 2 * evidence.clock.error > _WEIGHTS.sitting:
            of_clock = min(of_clock, _WEIGHTS.own_sitting * runs)
        yield _finding("clock", of_clock, evidence.clock)
    if not evidence.whole and evidence.core is not None:
        share = f"{evidence.core.share:.0%}"
        text = f"only {share} of the group's accounts are alike; a part was looked for"
        blurred = _WEIGHTS.blur * max(0.0, _WEIGHTS.clear - evidence.clarity)
        # Nearly the whole group is hardly a part that was looked for.
        looked = min(1.0, (1.0 - evidence.core.share) / _WEIGHTS.stragglers)
        llr = looked * (_WEIGHTS.core - blurred)
        yield Finding(llr, text, name="part_of_group")


def _weigh(found: Intraclass, block: Block, runs: float, own: float) -> float:
    """Weigh one block; `runs` is how surely what repeats is a set that everybody runs, `own` how
    far what is alike are texts of one's own.
    """
    ratio = likelihood_ratio(found, block)
    if ratio <= 0:
        return ratio
    return ratio * own * (1.0 - runs if balanced(found, block) else 1.0)


def _own_texts(evidence: Evidence) -> float:
    """Return how far texts are accounts' own, in [0, 1]: not where most of them are a few items
    that nobody dealt.
    """
    if evidence.dealt >= DEALT:
        return 1.0
    return 1.0 - min(1.0, max(0.0, (evidence.common - _SOME) / (_ALL - _SOME)))


def _sharded(topic: Intraclass, style: Intraclass) -> bool:
    upper = style.rho + 2 * style.error
    return upper < _WEIGHTS.sharded_ratio * topic.rho


_PEOPLE = {"subject": "0.01 to 0.13", "manner": "0.07 to 0.5", "clock": "0.1 to 0.8"}


def _finding(what: str, llr: float, found: Intraclass) -> Finding:
    text = (
        f"over {found.principals} accounts and {found.texts} texts, {what} differs between "
        f"accounts by {found.rho:+.3f} ± {found.error:.3f} of all variation (one dealer: 0; "
        f"people: {_PEOPLE[what]})"
    )
    return Finding(llr, text, name=f"one_{what}")

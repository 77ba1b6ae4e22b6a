"""Do the same items come back over accounts, and as a crowd's would or as a dealer's would?"""

import math
from collections.abc import Iterator

from distillgate.campaign.dealt import DEALT
from distillgate.campaign.keyed import PUBLIC
from distillgate.priors import Measured, section
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


class RepeatsWeights(Measured, frozen=True):
    """How repeated items are weighed."""

    crowd: float
    """Weight where each account covers much of one set: a benchmark, a class."""
    coverage: float
    """Share of all items one account sends at which that weight is full."""
    chance: float
    """Weight where most items repeat, as often as by chance."""
    dealt: float
    """Weight of items that were dealt several times: sampling for rejection."""
    min_share: float
    """A smaller share of repeated items says nothing: lists hold some items twice."""
    public: float
    """Weight of each halving of the set that the items are from, below what is nobody's set..."""
    first_share: float
    """...from this share of repeated items on, and in full from twice as many."""


_WEIGHTS = section("repeats", RepeatsWeights)


@group_detector(
    Family.LINKAGE,
    "whether the same items come back over accounts, as a crowd's would or as a dealer's",
    Doubt(
        "self-consistency checks over several keys of one firm repeat items too",
        "the accounts declare one organisation",
    ),
    turn=Turn.SUPPORT,
    of=frozenset({Basis.DRAWN, Basis.TEXTS}),
    signals=("dealt_repeats", "common_items"),
)
def repeats(case: Case) -> Iterator[Finding]:
    """Weigh items that several accounts sent. Graded by coverage, and by the size of the set: no
    decoy buys a veto.
    """
    evidence = case.evidence
    if evidence.repeats < _WEIGHTS.first_share:
        return
    covered = min(1.0, evidence.coverage / _WEIGHTS.coverage)
    share = (
        f"{evidence.repeats:.0%} of the varying texts came from several accounts "
        f"({evidence.multiplicity:.1f} on average), one account covers {evidence.coverage:.0%}"
    )
    if evidence.dealt >= DEALT:
        text = f"{share}, each as often as it was dealt: evidence {evidence.dealt:.0f} nats"
        yield Finding(_WEIGHTS.dealt * evidence.repeats, text, name="dealt_repeats")
        return
    llr = 0.0
    if evidence.repeats >= _WEIGHTS.min_share:
        llr = _WEIGHTS.crowd * covered + _WEIGHTS.chance * evidence.repeats * (1 - covered)
    sure = min(1.0, evidence.repeats / _WEIGHTS.first_share - 1.0)
    if evidence.items:
        llr += _WEIGHTS.public * sure * max(0.0, math.log2(PUBLIC / evidence.items))
    text = f"{share}: as in a benchmark or a class, of about {evidence.items:.0f} items"
    yield Finding(llr, text, name="common_items")

"""Do the same items come back over accounts, and as a crowd's would or as a dealer's would?"""

from distillgate.campaign.evidence import Evidence
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "self-consistency checks over several keys of one firm repeat items too",
    "the accounts declare one organisation",
)


class RepeatsSettings(Settings):
    """How repeated items are weighed."""

    crowd: float = -7.0
    """Weight where each account covers much of one set: a benchmark, a class."""
    coverage: float = 0.15
    """Share of all items one account sends at which that weight is full."""
    chance: float = -2.0
    """Weight where most items repeat, as often as by chance."""
    even: float = 0.6
    """Variance over chance's below which repeats were dealt."""
    dealt: float = 0.5
    """Weight of items that come back an even number of times: sampling for rejection."""
    min_share: float = 0.05
    """A smaller share of repeated items says nothing."""


def repeats(evidence: Evidence, settings: RepeatsSettings) -> Signal | None:
    """Weigh items that several accounts sent. Graded by coverage: no decoy buys a veto."""
    if evidence.repeats < settings.min_share:
        return None
    covered = min(1.0, evidence.coverage / settings.coverage)
    share = (
        f"{evidence.repeats:.0%} of the varying texts came from several accounts "
        f"({evidence.multiplicity:.1f} on average), one account covers {evidence.coverage:.0%}"
    )
    if covered < 0.5 and evidence.evenness < settings.even:
        text = f"{share}, and each repeats evenly: dealt for sampling"
        return Signal(
            "dealt_repeats", Family.LINKAGE, settings.dealt * evidence.repeats, text, _DOUBT
        )
    llr = settings.crowd * covered + settings.chance * evidence.repeats * (1 - covered)
    return Signal(
        "common_items", Family.LINKAGE, llr, f"{share}: as in a benchmark or a class", _DOUBT
    )

"""Does a group's traffic ask for the reasoning? Weak by design: auditors and teachers ask too."""

from distillgate.campaign.evidence import Evidence
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "teachers, auditors and evaluation harnesses ask for the reasoning too",
    "fewer requests ask for the reasoning to be written out",
)


class ElicitationSettings(Settings):
    """How little a request for reasoning weighs."""

    weight: float = 0.75
    """Log-likelihood ratio where every exchange asks for the reasoning."""
    min_share: float = 0.5
    """Share of exchanges below which it says nothing."""


def elicitation(evidence: Evidence, settings: ElicitationSettings) -> Signal | None:
    """Weigh the share of exchanges that ask for the reasoning to be written out."""
    if evidence.elicits < settings.min_share:
        return None
    text = f"{evidence.elicits:.0%} of the exchanges ask for the reasoning"
    return Signal("elicitation", Family.CONTENT, settings.weight * evidence.elicits, text, _DOUBT)

"""Do accounts send what those of a restricted group sent before them?"""

from distillgate.account.windows import DAY
from distillgate.campaign.evidence import Evidence
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "whoever uses a public prompt on the same subjects comes after a campaign that used it too",
    "the accounts come to send texts of their own subject and manner",
)


class ReturnedSettings(Settings):
    """How likeness to a remembered group is weighed."""

    prior: float = -1.0
    """Log-odds before comparing texts: people share a campaign's prompt, network or client."""
    half_life_days: float = 60.0
    """Half-life of what is remembered."""


def returned(evidence: Evidence, settings: ReturnedSettings) -> Signal | None:
    """Weigh how like the texts are; never more than the evidence that was held against the first.

    Texts that differ are no evidence for their senders either: none is held against them.
    """
    before = evidence.returned
    if before is None:
        return None
    days = (evidence.examined_at - before.seen_at) / DAY
    most = before.link * 0.5 ** (max(0.0, days) / settings.half_life_days)
    llr = min(most, settings.prior + before.likeness)
    if llr <= 0.0:
        return None
    text = (
        f"what they share was shared by {before.name}, restricted {days:.1f} days before, and "
        f"{before.texts:.0f} of their texts lie where its texts lay"
    )
    return Signal("returned", Family.LINKAGE, llr, text, _DOUBT)

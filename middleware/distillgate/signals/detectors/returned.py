"""Do accounts send what those of a restricted group sent before them?"""

from collections.abc import Iterator

from distillgate.account.windows import DAY
from distillgate.priors import Measured, section
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


class ReturnedWeights(Measured, frozen=True):
    """How likeness to a remembered group is weighed."""

    prior: float
    """Log-odds before comparing texts: people share a campaign's prompt, network or client."""
    half_life_days: float
    """Half-life of what is remembered."""


_WEIGHTS = section("returned", ReturnedWeights)


@group_detector(
    Family.LINKAGE,
    "whether accounts send what those of a restricted group sent before them",
    Doubt(
        "whoever uses a public prompt on the same subjects comes after a campaign that used it too",
        "the accounts come to send texts of their own subject and manner",
    ),
    turn=Turn.MEMORY,
    accuses=True,
)
def returned(case: Case) -> Iterator[Finding]:
    """Weigh how like the texts are; never more than the evidence that was held against the first.

    Texts that differ are no evidence for their senders either: none is held against them.
    """
    evidence = case.evidence
    before = evidence.returned
    if before is None:
        return
    days = (evidence.examined_at - before.seen_at) / DAY
    most = before.link * 0.5 ** (max(0.0, days) / _WEIGHTS.half_life_days)
    llr = min(most, _WEIGHTS.prior + before.likeness)
    if llr <= 0.0:
        return
    text = (
        f"what they share was shared by {before.name}, restricted {days:.1f} days before, and "
        f"{before.texts:.0f} of their texts lie where its texts lay"
    )
    yield Finding(llr, text)

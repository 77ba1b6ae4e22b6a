"""Does a group's traffic ask for the reasoning? Weak by design: auditors and teachers ask too."""

from collections.abc import Iterator

from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_WEIGHT = 0.75
"""Weight, in nats, where every exchange asks for the reasoning."""
_LEAST = 0.5
"""Share of exchanges below which it says nothing."""


@group_detector(
    Family.CONTENT,
    "how many of a group's exchanges ask for the reasoning",
    Doubt(
        "teachers, auditors and evaluation harnesses ask for the reasoning too",
        "fewer requests ask for the reasoning to be written out",
    ),
    turn=Turn.TAKEN,
    accuses=True,
)
def elicitation(case: Case) -> Iterator[Finding]:
    """Weigh the share of exchanges that ask for the reasoning to be written out."""
    share = case.evidence.elicits
    if share >= _LEAST:
        yield Finding(_WEIGHT * share, f"{share:.0%} of the exchanges ask for the reasoning")

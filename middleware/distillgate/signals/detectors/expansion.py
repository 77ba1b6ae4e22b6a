"""Do short tasks come back as long answers, and is the output cap used to its limit?

Honest heavy work mostly compresses (a long record to a short label); a harvest expands. Novelists,
tutors and programmers expand too, so it says little.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.rates import Rate, weigh
from distillgate.signals.signal import Doubt, Family

_RATE = Rate(honest=0.25, harvest=0.85)


@detector(
    Family.CONTENT,
    "how many short tasks came back as long answers, or used their output cap up",
    Doubt(
        "writers, tutors and programmers get long answers to short questions too",
        "answers are asked for at the length that is needed, or work comes with its material",
    ),
    reads=Reads.TEXTS,
)
def expansion(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh the share of short tasks with long answers, or of caps used up: the larger counts."""
    texts = account.texts
    if texts is None:
        return None
    expanded, capped, of = texts[Count.EXPANDED], texts[Count.CAPPED], texts[Count.ANSWERED]
    llr = weigh(max(expanded, capped), of, _RATE)
    if llr is None:
        return None
    text = (
        f"{expanded / of:.0%} of its questions were short and got long answers, "
        f"{capped / of:.0%} used their output cap up"
    )
    return Finding(llr, text)

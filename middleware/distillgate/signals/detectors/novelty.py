"""Does what an account sends stay new, where honest work begins to come back?

Records, questions and files recur (the curve of distinct things bends, Heaps 1978); a work list is
dealt without replacement. Looked at only where an account sent hundreds of texts.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.rates import Rate, weigh
from distillgate.signals.signal import Doubt, Family

_RATE = Rate(0.9, 0.2, 0.995, 0.05, ceiling=0.3)
"""Of the texts that were new when they came, among accounts that sent as many."""
_FROM_DISTINCT = 300.0
"""Different texts from which novelty is expected to fall."""


@detector(
    Family.CONTENT,
    "whether hundreds of texts never come back, where honest work recurs",
    Doubt(
        "translations, data extraction and retrieval send each document once too",
        "nothing needs to change: novelty alone restricts nobody",
    ),
    reads=Reads.TEXTS,
)
def novelty(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh the share of an account's sampled texts that were new when they came."""
    texts = account.texts
    if texts is None:
        return None
    distinct = account.payloads.estimate()
    if distinct < _FROM_DISTINCT:
        return None
    sampled = texts[Count.SAMPLED]
    new = sampled - texts[Count.AGAIN]
    llr = weigh(new, sampled, _RATE)
    if llr is None:
        return None
    text = f"of about {distinct:,.0f} different texts {new / sampled:.0%} were new when they came"
    return Finding(llr, text)

"""Does what an account sends stay new, where honest work begins to come back?

Records, questions and files recur (the curve of distinct things bends, Heaps 1978); a work list is
dealt without replacement. Looked at only where an account sent hundreds of texts.
"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "translations, data extraction and retrieval send each document once too",
    "nothing needs to change: novelty alone restricts nobody",
)


class NoveltySettings(RateSettings):
    """How little it weighs, and from when on it is looked at."""

    honest: Positive = 0.9
    """Mean share of texts that were new, among honest accounts that sent as many."""
    honest_spread: Positive = 0.2
    """How much honest accounts differ."""
    harvest: Positive = 0.995
    """Mean share among harvesting accounts."""
    harvest_spread: Positive = 0.05
    """How much harvesting accounts differ."""
    from_distinct: float = 300.0
    """Different texts from which novelty is expected to fall."""
    ceiling: float = 0.3
    """Highest weight, in nats."""


def novelty(
    account: Account,
    settings: NoveltySettings,
    now: float,  # noqa: ARG001
) -> Signal | None:
    """Weigh the share of an account's sampled texts that were new when they came."""
    texts = account.texts
    if texts is None:
        return None
    distinct = account.payloads.estimate()
    if distinct < settings.from_distinct:
        return None
    sampled = texts[Count.SAMPLED]
    new = sampled - texts[Count.AGAIN]
    llr = weigh(new, sampled, settings)
    if llr is None:
        return None
    text = f"of about {distinct:,.0f} different texts {new / sampled:.0%} were new when they came"
    return Signal("novelty", Family.CONTENT, llr, text, _DOUBT)

"""Is one seed expanded into variants: text after text that says nearly the same in other words?"""

from distillgate.account.account import Account
from distillgate.account.texts import Count
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.rates import Rate, weigh
from distillgate.signals.signal import Doubt, Family

_RATE = Rate(honest=0.2, harvest=0.8)


@detector(
    Family.CONTENT,
    "how many texts say what the one before said, in other words",
    Doubt(
        "people who polish one prompt, and records of one form, vary little too",
        "nothing needs to change: variants alone restrict nobody",
    ),
    reads=Reads.TEXTS,
)
def variants(account: Account, now: float) -> Finding | None:  # noqa: ARG001
    """Weigh the share of an account's texts that vary the one before."""
    texts = account.texts
    if texts is None:
        return None
    llr = weigh(texts[Count.VARIED], texts[Count.TEXTS], _RATE)
    if llr is None:
        return None
    share = texts.share(Count.VARIED)
    return Finding(llr, f"{share:.0%} of its texts say what the one before said, in other words")

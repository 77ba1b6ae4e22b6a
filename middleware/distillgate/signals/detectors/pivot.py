"""Did an account move to a new model on its first day? Advisory AA26-251A, indicator 9.

Agent vendors, release-day benchmarkers and everybody with an alias for the latest model do.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait, Word
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.rates import Rate, weigh_trait
from distillgate.signals.signal import Doubt, Family

# Most honest accounts stay for weeks, a few move all they do; one disclosed campaign moved about
# half of its traffic within 24 hours.
_RATE = Rate(0.15, 0.62, 0.5, 0.4, ceiling=0.5)
_BEFORE = 20
"""Requests before the release below which an account only began with the new model."""


@detector(
    Family.CONDUCT,
    "whether it moves to a model on the model's first day",
    Doubt(
        "release-day benchmarkers, and whoever asks for the latest model by an alias, move at once "
        "too",
        "time: it fades by half in a month",
    ),
    reads=Reads.CONDUCT,
    indicator=9,
)
def pivot(account: Account, now: float) -> Finding | None:
    """Weigh the share of a model's first day's requests that went to it."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.BEFORE] < _BEFORE:
        return None
    found = weigh_trait(account, Trait.MOVED, _RATE, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.share:.0%} of {tally.trials:.0f} requests went to a new model within 24 hours of "
        f"its release, after {conduct.words[Word.BEFORE]} requests to others"
    )
    return Finding(llr, text, tally.since, tally.until)

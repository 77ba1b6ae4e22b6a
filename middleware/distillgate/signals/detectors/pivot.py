"""Did an account move to a new model on its first day? Advisory AA26-251A, indicator 9.

Agent vendors, release-day benchmarkers and everybody with an alias for the latest model do.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait, Word
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "release-day benchmarkers, and whoever asks for the latest model by an alias, move at once too",
    "time: it fades by half in a month",
)


class PivotSettings(RateSettings):
    """How a move to a model on its first day is weighed."""

    honest: Positive = 0.15
    """Honest accounts: most stay for weeks, a few move all they do."""
    honest_spread: Positive = 0.62
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.5
    """One disclosed campaign moved about half of its traffic within 24 hours."""
    harvest_spread: Positive = 0.4
    """How much harvesting accounts differ."""
    least: float = 20.0
    """Requests on the model's first day below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""
    before: int = 20
    """Requests before the release below which an account only began with the new model."""


def pivot(account: Account, settings: PivotSettings, now: float) -> Signal | None:
    """Weigh the share of a model's first day's requests that went to it."""
    conduct = account.conduct
    if conduct is None or conduct.words[Word.BEFORE] < settings.before:
        return None
    found = weigh_trait(account, Trait.MOVED, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.share:.0%} of {tally.trials:.0f} requests went to a new model within 24 hours of "
        f"its release, after {conduct.words[Word.BEFORE]} requests to others"
    )
    return Signal("pivot", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until)

"""Is an account used without rest or idle hours? Advisory AA26-251A, indicator 1.

Every batch service and every product with customers on two continents is; so it weighs little.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "services, nightly suites and products with users everywhere never rest either",
    "the work pauses a few hours a day, or the account is declared a service by its plan",
)


class RoundTheClockSettings(RateSettings):
    """How days without a rest are weighed."""

    honest: Positive = 0.15
    """Honest accounts: people always rest, services never."""
    honest_spread: Positive = 0.67
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.6
    """Harvests are paced to last, most without a night."""
    harvest_spread: Positive = 0.4
    """How much harvesting accounts differ."""
    least: float = 3.0
    """Busy days below which nothing is said."""
    ceiling: float = 0.6
    """Highest weight, in nats."""


def round_the_clock(account: Account, settings: RoundTheClockSettings, now: float) -> Signal | None:
    """Weigh the share of busy days in which hardly an hour passed without a request."""
    found = weigh_trait(account, Trait.SLEEPLESS, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} busy days had requests in 20 or more hours: "
        "no rest as people take it"
    )
    return Signal("round_the_clock", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until)

"""Does an account use far more than its plan is for? Advisory AA26-251A, indicator 4.

What is much is said a plan, in `account.conduct`; an account without a plan says nothing.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a small team may simply have much to do, as after a migration or in a backfill",
    "the account moves to a plan for that volume, or the operator raises the plan's figure",
)


class ThroughputSettings(RateSettings):
    """How days past a plan's usual volume are weighed."""

    honest: Positive = 0.05
    """Honest accounts: few outgrow their plan, those that do stay there."""
    honest_spread: Positive = 0.67
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.4
    """Cheap plans are what a harvest is bought on."""
    harvest_spread: Positive = 0.5
    """How much harvesting accounts differ."""
    least: float = 3.0
    """Days of use below which nothing is said."""
    ceiling: float = 0.6
    """Highest weight, in nats."""


def throughput(account: Account, settings: ThroughputSettings, now: float) -> Signal | None:
    """Weigh the share of days on which more tokens were used than the plan is for."""
    found = weigh_trait(account, Trait.HEAVY, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"on {tally.hits:.0f} of {tally.trials:.0f} days it used more tokens than its plan is for: "
        "an enterprise's throughput on another plan"
    )
    return Signal("throughput", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until)

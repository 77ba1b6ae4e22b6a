"""Does an account check its answers for countermeasures? Advisory AA26-251A, indicator 10.

A few requests are watched for whether they come again and again. An output-drift monitor repeats
everything, people nearly nothing; a harvest with canaries in it repeats a share.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "health checks and drift monitors beside other work repeat a few requests too",
    "the repeated checks move to an account of their own, or end",
)


class CountermeasureProbingSettings(RateSettings):
    """How requests that come again and again are weighed."""

    honest: Positive = 0.12
    """Honest accounts: nearly none of the watched, or (a monitor) nearly all."""
    honest_spread: Positive = 0.71
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.3
    """A quality harness beside the harvest."""
    harvest_spread: Positive = 0.2
    """How much harvesting accounts differ."""
    least: float = 8.0
    """Watched requests below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""


def countermeasure_probing(
    account: Account, settings: CountermeasureProbingSettings, now: float
) -> Signal | None:
    """Weigh the share of watched requests that came again at least twice, well apart."""
    found = weigh_trait(account, Trait.CANARY, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} watched requests came again and again, "
        "between others that never do: as one checks answers for countermeasures"
    )
    return Signal(
        "countermeasure_probing", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until
    )

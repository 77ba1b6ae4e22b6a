"""Does an account come back by another way when it is refused? Advisory AA26-251A, indicator 8.

Coming back through another *account* is what `links` sees; routers of honest customers do both.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "routers and autoscaled workers retry from another machine too",
    "what was refused is retried by the same client, as `Retry-After` says",
)


class FailoverSettings(RateSettings):
    """How comebacks after a refusal are weighed."""

    honest: Positive = 0.15
    """Honest accounts: most retry from where they were refused."""
    honest_spread: Positive = 0.56
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.6
    """Pools turn to their next address at once."""
    harvest_spread: Positive = 0.4
    """How much harvesting accounts differ."""
    least: float = 6.0
    """Comebacks below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""


def failover(account: Account, settings: FailoverSettings, now: float) -> Signal | None:
    """Weigh the share of refused requests that came again from another network or client."""
    found = weigh_trait(account, Trait.FAILOVER, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} refused requests came again within two minutes "
        "from another network or client"
    )
    return Signal("failover", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until)

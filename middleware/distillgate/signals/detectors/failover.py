"""Does an account come back by another way when it is refused? Advisory AA26-251A, indicator 8.

Coming back through another *account* is what `links` sees; routers of honest customers do both.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.rates import Rate, weigh_trait
from distillgate.signals.signal import Doubt, Family

# Most honest accounts retry from where they were refused; pools turn to their next address at once.
_RATE = Rate(0.15, 0.56, 0.6, 0.4, least=6.0, ceiling=0.5)


@detector(
    Family.CONDUCT,
    "whether what was refused comes again by another way",
    Doubt(
        "routers and autoscaled workers retry from another machine too",
        "what was refused is retried by the same client, as `Retry-After` says",
    ),
    reads=Reads.CONDUCT,
    indicator=8,
)
def failover(account: Account, now: float) -> Finding | None:
    """Weigh the share of refused requests that came again from another network or client."""
    found = weigh_trait(account, Trait.FAILOVER, _RATE, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} refused requests came again within two minutes "
        "from another network or client"
    )
    return Finding(llr, text, tally.since, tally.until)

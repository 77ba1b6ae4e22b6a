"""Was what a client tells of itself taken away? Advisory AA26-251A, indicator 6.

Company gateways take it away too, and hand-written clients never had it.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "company gateways and hand-written clients send no or rewritten client headers too",
    "the client's own headers are passed on",
)


class ScrubbedMetadataSettings(RateSettings):
    """How requests without the client's own description are weighed."""

    honest: Positive = 0.1
    """Honest accounts: a program does so always or never."""
    honest_spread: Positive = 0.71
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.4
    """Relays rewrite headers to fit the account."""
    harvest_spread: Positive = 0.56
    """How much harvesting accounts differ."""
    least: float = 24.0
    """Requests with known headers below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""


def scrubbed_metadata(
    account: Account, settings: ScrubbedMetadataSettings, now: float
) -> Signal | None:
    """Weigh the share of requests without a client's name, or with a vendor's name alone."""
    found = weigh_trait(account, Trait.SCRUBBED, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} requests do not tell their client, "
        "or claim a vendor's without its headers"
    )
    return Signal("scrubbed_metadata", Family.CONDUCT, llr, text, _DOUBT, tally.since, tally.until)

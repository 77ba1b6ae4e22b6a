"""Do an account's conversations begin elsewhere? Their answers were then never given here.

Stored sessions of other services are replayed so. Routers share conversations between providers,
and benchmarks of dialogue bring them along: weak.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "routers over providers, trimmed histories and benchmarks of dialogue bring such turns too",
    "conversations begin and go on here, or fewer foreign ones are sent",
)


class ReplayedHistorySettings(RateSettings):
    """How conversations that began elsewhere are weighed."""

    honest: Positive = 0.15
    """Honest accounts: most begin theirs here, routers half."""
    honest_spread: Positive = 0.5
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.8
    """Replays bring every conversation along."""
    harvest_spread: Positive = 0.33
    """How much harvesting accounts differ."""
    least: float = 16.0
    """Conversations below which nothing is said."""
    ceiling: float = 0.7
    """Highest weight, in nats."""


def replayed_history(
    account: Account, settings: ReplayedHistorySettings, now: float
) -> Signal | None:
    """Weigh the share of conversations whose first turn never came through this account."""
    found = weigh_trait(account, Trait.FOREIGN, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} conversations arrived with answers in them "
        "that were not given here"
    )
    return Signal("replayed_history", Family.CONTENT, llr, text, _DOUBT, tally.since, tally.until)

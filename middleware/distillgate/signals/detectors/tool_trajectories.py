"""Does an account draw a new set of tools with nearly every request?

Function-calling data is made so, from a library of tools. An application offers the few sets it
has. Episodes of one harness with one set of tools look like an agent vendor's: budgets bound those.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a gateway for many developers' agents, and a benchmark of tool use, offer many sets too",
    "each application behind the account names its end user or has a key of its own",
)


class ToolTrajectoriesSettings(RateSettings):
    """How new sets of tools are weighed."""

    honest: Positive = 0.06
    """Honest accounts: an application's few sets recur."""
    honest_spread: Positive = 0.5
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.6
    """Sets drawn from a library, a new one for nearly every task."""
    harvest_spread: Positive = 0.25
    """How much harvesting accounts differ."""
    least: float = 24.0
    """Requests with tools below which nothing is said."""
    ceiling: float = 0.7
    """Highest weight, in nats."""


def tool_trajectories(
    account: Account, settings: ToolTrajectoriesSettings, now: float
) -> Signal | None:
    """Weigh the share of requests with tools whose set of tools was not seen before."""
    found = weigh_trait(account, Trait.TOOLS, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} requests with tools bring a set of tools not seen "
        "before: drawn from a library, not an application's own"
    )
    return Signal("tool_trajectories", Family.CONTENT, llr, text, _DOUBT, tally.since, tally.until)

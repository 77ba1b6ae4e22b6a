"""Are the token probabilities after single words read off, one word after the other?

One of the ways of reading out a model (Finlayson et al. 2024, arXiv:2403.09539). Lexical scoring
does it in good faith, so only the walk over biased tokens weighs more (`parameter_extraction`).
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "lexical and psycholinguistic scoring reads probabilities of single words too",
    "log-probabilities are left out, or the words are scored in one request",
)


class LogprobSweepSettings(RateSettings):
    """How probes of single words are weighed."""

    honest: Positive = 0.02
    """Honest accounts: nearly none, a few always."""
    honest_spread: Positive = 0.77
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.4
    """A sweep is most of what its account does."""
    harvest_spread: Positive = 0.5
    """How much harvesting accounts differ."""
    least: float = 48.0
    """Requests below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""


def logprob_sweep(account: Account, settings: LogprobSweepSettings, now: float) -> Signal | None:
    """Weigh the share of requests for one token's probabilities after hardly a word."""
    found = weigh_trait(account, Trait.SINGLE, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} requests read one token's probabilities "
        "after a prompt of hardly a word"
    )
    return Signal("logprob_sweep", Family.SURFACE, llr, text, _DOUBT, tally.since, tally.until)

"""Does an account have the vocabulary embedded, word by word?

Whole texts are what everybody has embedded, a backfill millions of them: budgets bound those.
"""

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.settings import Positive
from distillgate.signals.rates import RateSettings, weigh_trait
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "keyword and tag collections are embedded word by word too",
    "whole texts are embedded, or the words are sent once",
)


class EmbeddingsHarvestSettings(RateSettings):
    """How embeddings of single words are weighed."""

    honest: Positive = 0.08
    """Honest accounts: texts; a few have only keywords."""
    honest_spread: Positive = 0.71
    """How much honest accounts differ: most are near none or near all."""
    harvest: Positive = 0.5
    """A walk over the vocabulary is most of what its account does."""
    harvest_spread: Positive = 0.5
    """How much harvesting accounts differ."""
    least: float = 48.0
    """Requests for embeddings below which nothing is said."""
    ceiling: float = 0.5
    """Highest weight, in nats."""


def embeddings_harvest(
    account: Account, settings: EmbeddingsHarvestSettings, now: float
) -> Signal | None:
    """Weigh the share of requests for embeddings whose inputs are single words."""
    found = weigh_trait(account, Trait.VOCABULARY, settings, now)
    if found is None:
        return None
    llr, tally = found
    text = (
        f"{tally.hits:.0f} of {tally.trials:.0f} requests for embeddings are of nothing "
        "but single words: a walk over the vocabulary"
    )
    return Signal("embeddings_harvest", Family.SURFACE, llr, text, _DOUBT, tally.since, tally.until)

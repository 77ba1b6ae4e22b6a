"""Is an account reading out the model's parameters through token probabilities?

Logit bias with log-probabilities recovers a model's projection matrix (Carlini et al. 2024,
arXiv:2403.06634). The attack biases new tokens in every request; a classifier biases its labels,
however many they are, in every request again. So two things must hold: many different tokens, and
no token that most requests have in common.
"""

import math

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.account.windows import DAY
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "classifiers bias tokens too: the same labels in every request",
    "the same tokens are biased in every request, or log-probabilities are left out",
)


class ParameterExtractionSettings(Settings):
    """How a walk over the vocabulary is told from a classifier."""

    tokens: float = 48.0
    """Distinct biased token ids that a classifier hardly needs."""
    sets: float = 12.0
    """Different sets of labels that one account's classifiers have, at most: the requests, over
    how often each token came."""
    min_probes: int = 24
    """Requests before anything is said."""
    single_share: float = 0.8
    """Share of probes that ask for one token only."""
    weight: float = 2.0
    """Nats a doubling of the distinct biased tokens past the allowance."""
    ceiling: float = 8.0
    """Highest weight."""
    half_life_days: float = 30.0
    """Half-life of the evidence after the last probe, in whole days."""


def parameter_extraction(
    account: Account, settings: ParameterExtractionSettings, now: float
) -> Signal | None:
    """Weigh how many different tokens an account biased in its single-token probes."""
    probing = account.probing
    if probing is None or probing.requests < settings.min_probes:
        return None
    distinct = probing.tokens
    single = probing.single_tokens / probing.requests
    if distinct <= settings.tokens or single < settings.single_share:
        return None
    sets = probing.requests * distinct / probing.biased
    if sets < settings.sets:
        return None
    tally = account.conduct.tally(Trait.PROBE, now) if account.conduct is not None else None
    since, until = (tally.since, tally.until) if tally is not None else (None, now)
    llr = min(settings.ceiling, settings.weight * math.log2(distinct / settings.tokens))
    llr *= 0.5 ** ((now - until) // DAY / settings.half_life_days)
    text = (
        f"{probing.requests} requests for single tokens biased about {distinct:.0f} different "
        f"token ids, as if from {sets:.0f} different sets of labels: a walk over the vocabulary"
    )
    return Signal("parameter_extraction", Family.SURFACE, llr, text, _DOUBT, since, until)

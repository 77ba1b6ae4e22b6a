"""Is an account reading out the model's parameters through token probabilities?

Logit bias with log-probabilities recovers a model's projection matrix (Carlini et al. 2024,
arXiv:2403.06634); the attack biases new tokens in every request, a classifier the same few always.
"""

import math

from distillgate.account.account import Account
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "classifiers bias tokens too: the same few in every request",
    "the same tokens are biased in every request, or log-probabilities are left out",
)


class ParameterExtractionSettings(Settings):
    """How a walk over the vocabulary is told from a classifier."""

    tokens: float = 48.0
    """Distinct biased token ids that a classifier hardly needs."""
    min_probes: int = 24
    """Requests before anything is said."""
    single_share: float = 0.8
    """Share of probes that ask for one token only."""
    weight: float = 2.0
    """Nats a doubling of the distinct biased tokens past the allowance."""
    ceiling: float = 8.0
    """Highest weight."""


def parameter_extraction(
    account: Account,
    settings: ParameterExtractionSettings,
    now: float,  # noqa: ARG001  (a walk does not fade)
) -> Signal | None:
    """Weigh how many different tokens an account biased in its single-token probes."""
    probing = account.probing
    if probing is None or probing.requests < settings.min_probes:
        return None
    distinct = probing.tokens.estimate()
    single = probing.single_tokens / probing.requests
    if distinct <= settings.tokens or single < settings.single_share:
        return None
    llr = min(settings.ceiling, settings.weight * math.log2(distinct / settings.tokens))
    text = (
        f"{probing.requests} requests for single tokens biased about {distinct:.0f} different "
        "token ids: a walk over the vocabulary"
    )
    return Signal("parameter_extraction", Family.SURFACE, llr, text, _DOUBT)

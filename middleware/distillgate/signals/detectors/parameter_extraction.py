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
from distillgate.signals.detector import Finding, detector
from distillgate.signals.signal import Doubt, Family

_TOKENS = 48.0
"""Distinct biased token ids that a classifier hardly needs."""
_SETS = 12.0
"""Different sets of labels that one account's classifiers have, at most: the requests, over how
often each token came."""
_MIN_PROBES = 24
"""Requests before anything is said."""
_SINGLE_SHARE = 0.8
"""Share of probes that ask for one token only."""
_WEIGHT = 2.0
"""Nats a doubling of the distinct biased tokens past the allowance."""
_CEILING = 8.0
"""Highest weight, in nats."""
_HALF_LIFE_DAYS = 30.0
"""Half-life of the evidence after the last probe, in whole days."""


@detector(
    Family.SURFACE,
    "whether an account walks over the vocabulary through token probabilities",
    Doubt(
        "classifiers bias tokens too: the same labels in every request",
        "the same tokens are biased in every request, or log-probabilities are left out",
    ),
)
def parameter_extraction(account: Account, now: float) -> Finding | None:
    """Weigh how many different tokens an account biased in its single-token probes."""
    probing = account.probing
    if probing is None or probing.requests < _MIN_PROBES:
        return None
    distinct = probing.tokens
    single = probing.single_tokens / probing.requests
    if distinct <= _TOKENS or single < _SINGLE_SHARE:
        return None
    sets = probing.requests * distinct / probing.biased
    if sets < _SETS:
        return None
    tally = account.conduct.tally(Trait.PROBE, now) if account.conduct is not None else None
    since, until = (tally.since, tally.until) if tally is not None else (None, now)
    llr = min(_CEILING, _WEIGHT * math.log2(distinct / _TOKENS))
    llr *= 0.5 ** ((now - until) // DAY / _HALF_LIFE_DAYS)
    text = (
        f"{probing.requests} requests for single tokens biased about {distinct:.0f} different "
        f"token ids, as if from {sets:.0f} different sets of labels: a walk over the vocabulary"
    )
    return Finding(llr, text, since, until)

"""The weight of an amount: how far it lies from honest accounts' towards harvesters'.

One observation of an account, not one a request: its logarithm varies from account to account as a
normal, and more of the same does not make it say more.
"""

import math
from typing import NamedTuple


class Level(NamedTuple):
    """How an amount varies from account to account: its binary logarithm, as a normal."""

    mean: float
    """Mean of the logarithm."""
    sd: float
    """Standard deviation of the logarithm."""


def level_llr(amount: float, honest: Level, harvest: Level, ceiling: float) -> float:
    """Weigh an amount, to `ceiling` nats at most; 0 where it says nothing, or speaks for somebody.

    More than the mean of `harvest` says no more than that mean.
    """
    x = min(math.log2(max(1.0, amount)), harvest.mean)
    far = ((x - honest.mean) / honest.sd) ** 2 - ((x - harvest.mean) / harvest.sd) ** 2
    llr = far / 2 + math.log(honest.sd / harvest.sd)
    return max(0.0, min(ceiling, llr)) if x > honest.mean else 0.0

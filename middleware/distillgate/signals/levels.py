"""The weight of an amount: how far it lies from honest accounts' towards harvesters'.

One observation of an account, not one a request: its logarithm varies from account to account as a
normal, and more of the same does not make it say more.
"""

import math

from distillgate.settings import Settings


class Level(Settings):
    """How an amount varies from account to account: its binary logarithm, as a normal."""

    mean: float
    """Mean of the logarithm."""
    sd: float
    """Standard deviation of the logarithm."""


class LevelSettings(Settings):
    """How an amount is weighed."""

    honest: Level
    """The amount among honest accounts."""
    harvest: Level
    """The amount among accounts that harvest; more than its mean says no more."""
    ceiling: float
    """Highest weight, in nats."""


def level_llr(amount: float, settings: LevelSettings) -> float:
    """Weigh an amount; 0 where it says nothing, or speaks for the account."""
    honest, harvest = settings.honest, settings.harvest
    x = min(math.log2(max(1.0, amount)), harvest.mean)
    far = ((x - honest.mean) / honest.sd) ** 2 - ((x - harvest.mean) / harvest.sd) ** 2
    llr = far / 2 + math.log(honest.sd / harvest.sd)
    return max(0.0, min(settings.ceiling, llr)) if x > honest.mean else 0.0

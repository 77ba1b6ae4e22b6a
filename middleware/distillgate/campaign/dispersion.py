"""How evenly work lies over accounts: a balancer's counts are chance's, people's are heavy-tailed.

Counts are compared only from some number on, so the yardstick is a Poisson cut off below it.
"""

import math
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from distillgate.records import FrozenRecord

Array = NDArray[np.float64]


_LEAST = 2
"""Payloads of a principal from which it is counted with: who tries something once tells nothing."""

_EVENEST = 0.05
"""Dispersion below which counts are as good as equal."""


class Loads(FrozenRecord, frozen=True):
    """How evenly a group's texts lie over its principals."""

    dispersion: float
    """Variance of the counts over what dealing at random gives: 1 for a balancer, below it for a
    quota, 3 and more for independent users."""
    error: float
    """Its standard error."""
    mean: float
    """Texts a principal."""

    def evenness(self, spread: float, honest: float, honest_spread: float) -> float:
        """Return how much more likely a balancer's counts are so even than people's, in nats.

        `spread` is that of the dispersion's logarithm among balancers, beyond sampling error;
        `honest` the median of people's dispersion, and `honest_spread` that of its logarithm.
        """
        # A balancer may keep to a quota, and people cannot: more even than chance is less theirs.
        log = math.log(max(_EVENEST, self.dispersion))
        deviation = math.hypot(spread, self.error)
        one_hand = -0.5 * (max(0.0, log) / deviation) ** 2 - math.log(deviation)
        z = (log - math.log(honest)) / honest_spread
        return one_hand + 0.5 * z * z + math.log(honest_spread)


def loads(counts: Array, least: int) -> Loads | None:
    """Describe the counts of principals that sent at least `least` texts; None for fewer than
    two.
    """
    if len(counts) < 2:
        return None
    mean = float(counts.mean())
    rate = _rate(mean, least)
    tail = _tail(rate, least)
    square = rate * rate * _tail(rate, least - 2) / tail + mean
    chance = max(1e-6, square - mean * mean)
    return Loads(float(counts.var()) / chance, math.sqrt(2.0 / len(counts)), mean)


def payload_loads(sent: Collection[int]) -> Loads | None:
    """Describe how payloads lie over principals; None where hardly anybody sends any."""
    counts = np.fromiter(sent, np.float64, len(sent))
    return loads(counts[counts >= _LEAST], _LEAST)


def _rate(mean: float, least: int) -> float:
    """Find the rate of the Poisson whose mean, cut off below `least`, this is."""
    low, high = 1e-3, max(1e-3, mean)
    for _ in range(40):
        middle = (low + high) / 2
        if middle * _tail(middle, least - 1) < mean * _tail(middle, least):
            low = middle
        else:
            high = middle
    return high


def _tail(rate: float, least: int) -> float:
    """Return the chance that a Poisson count is at least `least`."""
    term, below = math.exp(-rate), 0.0
    for i in range(least):
        below += term
        term *= rate / (i + 1)
    return max(1e-12, 1.0 - below)

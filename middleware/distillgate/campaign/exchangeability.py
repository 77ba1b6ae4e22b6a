"""Are these accounts fed by one hand? The heart of campaign detection, as plain functions of sums.

A load balancer deals one pool of work over its accounts, so what varies *between* the accounts is
no more than what varies *within* one: the intraclass correlation of their varying text is zero.
Independent users of one tool differ from each other in subject and, more, in manner. The statistic
is the one-way analysis of variance (Fisher 1925; the ICC(1) of Shrout & Fleiss 1979),

    rho = (F - 1) / (F - 1 + n0),   F = MS_between / MS_within,

which no constant moves: a shared template cancels. It proves one operator, not a harvest.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.priors import Measured
from distillgate.records import FrozenRecord

Array = NDArray[np.float64]


class Spread(FrozenRecord, frozen=True):
    """How distances of a block are distributed, among true members and among others."""

    dimensions: float
    """A true member's scaled squared distance is chi-square over its dimensions, this many."""
    honest: float
    """Variance of an independent user's own mean, in units of the variance within users."""
    dealt: float = 0.0
    """Variance of a true member's own mean in the same principals: of a list sorted before it is
    dealt, above zero."""


class Block(Measured, frozen=True):
    """What is known of one block of features (subject, or manner)."""

    dimensions: float
    """Effective number of independent dimensions; correlated ones count less."""
    spread: float
    """Standard deviation of rho around zero among accounts of one hand, beyond sampling error."""
    honest_median: float
    """Median of rho among independent users of one prompt."""
    honest_spread: float
    """Spread of its logarithm."""
    floor: float
    """Lowest log-likelihood ratio the block may give."""
    ceiling: float
    """Highest log-likelihood ratio the block may give."""

    @property
    def distances(self) -> Spread:
        """How principals of this block lie about a core: `rho` is the share of variance between."""
        return Spread(self.dimensions, self.honest_median / (1.0 - self.honest_median))


_NOTHING = 1e-6
"""Variance below which nothing varies: what is left of it is rounding."""


class Sums(NamedTuple):
    """Streaming sums of a set of principals (accounts, or organisations): all the test needs.

    `texts` (principals,), `total` (principals, features); `squares` (features,) summed over all
    principals.
    """

    texts: Array
    total: Array
    squares: Array


class Intraclass(FrozenRecord, frozen=True):
    """The intraclass correlation and its standard error; `principals` and `texts` say of how
    many.
    """

    rho: float
    error: float
    principals: int
    texts: int


class Compared(NamedTuple):
    """How much of each block's variation lies between principals; None where nothing can be
    compared.
    """

    topic: Intraclass | None
    style: Intraclass | None
    clock: Intraclass | None

    def differs(self, topic: Block, style: Block) -> bool:
        """Return whether principals differ beyond doubt, in subject or in manner."""
        return _mixed(self.topic, topic) or _mixed(self.style, style)


def _mixed(found: Intraclass | None, block: Block) -> bool:
    return found is not None and found.rho > 3.0 * found.error + 6.0 * block.spread


def intraclass(sums: Sums, dimensions: float, *, pooled: bool) -> Intraclass | None:
    """Estimate rho; None where there is nothing to compare (no varying text, too few principals).

    `pooled` weighs features by their variance (parts of one vector); otherwise each counts alike.
    """
    principals = len(sums.texts)
    texts = float(sums.texts.sum())
    if principals < 2 or texts - principals < 1:
        return None
    between = (sums.total**2 / sums.texts[:, None]).sum(axis=0)
    overall = sums.total.sum(axis=0) ** 2 / texts
    within_mean = (sums.squares - between) / (texts - principals)
    between_mean = (between - overall) / (principals - 1)
    if pooled:
        within_total, between_total = float(within_mean.sum()), float(between_mean.sum())
        if max(within_total, between_total) <= _NOTHING:
            return None
        # Principals that each send at one moment, or one text only, differ by all there is.
        ratio = between_total / max(within_total, _NOTHING)
    else:
        varies = within_mean > 1e-6 * (1.0 + np.abs(sums.squares) / texts)
        if not varies.any():
            return None
        ratio = float((between_mean[varies] / within_mean[varies]).mean())
    size = (texts - float((sums.texts**2).sum()) / texts) / (principals - 1)
    rho = (ratio - 1.0) / (ratio - 1.0 + size)
    variance = (2.0 / (principals - 1) + 2.0 / (texts - principals)) / dimensions
    return Intraclass(rho, float(np.sqrt(variance)) / size, principals, int(texts))


_UNCLEAN = 3.0
"""How much wider an unclean dealer's rho spreads."""

_BALANCED = 3.0
"""Deviations below zero from which rho is no dealer's: dealing leaves chance differences."""

_GRID = np.linspace(-3.0, 3.0, 41)
_GRID_STEP = float(_GRID[1] - _GRID[0])
_GRID_WEIGHTS = np.exp(-(_GRID**2) / 2) / np.exp(-(_GRID**2) / 2).sum()


def likelihood_ratio(found: Intraclass, block: Block) -> float:
    """Weigh "one hand" (rho about zero) against "independent users" (rho log-normal), in nats.

    Who is more alike than chance deals is no more independent than who is as alike (`balanced`).
    """
    return max(_ratio(found.rho, found, block), _ratio(max(0.0, found.rho), found, block))


def _ratio(rho: float, found: Intraclass, block: Block) -> float:
    # Half of the dealers deal cleanly; what the others wrap round their items leaves a little.
    deviations = np.hypot(found.error, block.spread * np.array([1.0, _UNCLEAN]))
    one_hand = float(_normal(rho, np.zeros(2), deviations).mean())
    honest = block.honest_median * np.exp(block.honest_spread * _GRID)
    # Each point stands for all up to the next: with many texts the error is far smaller than that,
    # and an honest rho between two points would look like nobody's.
    widths = np.hypot(found.error, block.honest_spread * _GRID_STEP * honest)
    independent = float(_normal(rho, honest, widths) @ _GRID_WEIGHTS)
    ratio = np.log(max(one_hand, 1e-300)) - np.log(max(independent, 1e-300))
    return float(np.clip(ratio, block.floor, block.ceiling))


def balanced(found: Intraclass, block: Block) -> bool:
    """Return whether principals are more alike than chance deals, as where each runs one whole
    set.
    """
    return found.rho < -_BALANCED * float(np.hypot(found.error, block.spread))


def _normal(value: float, means: Array, deviation: float | Array) -> Array:
    z = (value - means) / deviation
    return np.asarray(np.exp(-0.5 * z * z) / deviation)

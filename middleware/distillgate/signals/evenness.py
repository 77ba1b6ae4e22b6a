"""The weight of how evenly work lies over accounts."""

from distillgate.campaign.dispersion import Loads
from distillgate.priors import Measured, section


class LoadsWeights(Measured, frozen=True):
    """How evenness is weighed. People's volumes are heavy-tailed (log-normal on public traces)."""

    spread: float
    """Spread of the dispersion's logarithm among balancers, beyond sampling error."""
    honest: float
    """Dispersion of independent users' counts, median..."""
    honest_spread: float
    """...and the spread of its logarithm."""
    floor: float
    """Lowest weight."""
    ceiling: float
    """Highest weight."""


LOADS = section("loads", LoadsWeights)


def evenness(found: Loads) -> float:
    """Return how much more likely a balancer's counts are so even than people's, in nats."""
    return found.evenness(LOADS.spread, LOADS.honest, LOADS.honest_spread)

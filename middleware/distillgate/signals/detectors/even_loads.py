"""Does work lie over the accounts of a part that was looked for as evenly as a balancer lays it?"""

import math

from distillgate.campaign.evidence import Evidence
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a firm's own balancer over undeclared keys lays work evenly too",
    "the accounts declare one organisation",
)


_EVENEST = 0.05
"""Dispersion below which counts are as good as equal."""


class EvenLoadsSettings(Settings):
    """How evenness is weighed. People's volumes are heavy-tailed (log-normal on public traces)."""

    spread: float = 0.25
    """Spread of the dispersion's logarithm among balancers, beyond sampling error."""
    honest: Positive = 4.0
    """Dispersion of independent users' counts, median..."""
    honest_spread: Positive = 1.0
    """...and the spread of its logarithm."""
    floor: float = -3.0
    """Lowest weight."""
    ceiling: float = 3.0
    """Highest weight."""


def even_loads(evidence: Evidence, settings: EvenLoadsSettings) -> Signal | None:
    """Weigh how evenly the units of a core that was looked for are loaded.

    Where they share a key, evenness says no more for one hand; unevenness speaks against it.
    """
    found = evidence.loads
    if found is None:
        return None
    # A balancer may keep to a quota, and people cannot: more even than chance is the less theirs.
    log = math.log(max(_EVENEST, found.dispersion))
    deviation = math.hypot(settings.spread, found.error)
    one_hand = -0.5 * (max(0.0, log) / deviation) ** 2 - math.log(deviation)
    z = (log - math.log(settings.honest)) / settings.honest_spread
    independent = -0.5 * z * z - math.log(settings.honest_spread)
    most = 0.0 if evidence.keyed else settings.ceiling
    llr = min(most, max(settings.floor, one_hand - independent))
    text = (
        f"accounts sent {found.mean:.0f} texts each, and their counts vary "
        f"{found.dispersion:.1f} times as much as a balancer's (people's: 3 and more)"
    )
    return Signal("even_loads", Family.LINKAGE, llr, text, _DOUBT)

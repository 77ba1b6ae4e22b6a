"""Does work lie over the accounts of a part that was looked for as evenly as a balancer lays it?"""

from distillgate.campaign.dispersion import Loads
from distillgate.campaign.evidence import Evidence
from distillgate.settings import Positive, Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a firm's own balancer over undeclared keys lays work evenly too",
    "the accounts declare one organisation",
)


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

    def weigh(self, loads: Loads) -> float:
        """Return how much more likely a balancer's counts are so even than people's, in nats."""
        return loads.evenness(self.spread, self.honest, self.honest_spread)


def even_loads(evidence: Evidence, settings: EvenLoadsSettings) -> Signal | None:
    """Weigh how evenly the principals of a core that was looked for are loaded.

    Where they share a key, evenness says no more for one hand; unevenness speaks against it.
    """
    found = evidence.loads
    if found is None:
        return None
    llr = max(settings.floor, min(settings.ceiling, settings.weigh(found)))
    # Loads are free to forge: where the texts convict by themselves, they only add.
    llr = min(0.0, llr) if evidence.one_hand is None else max(0.0, llr)
    text = (
        f"accounts sent {found.mean:.0f} texts each, and their counts vary "
        f"{found.dispersion:.1f} times as much as a balancer's (people's: 3 and more)"
    )
    return Signal("even_loads", Family.LINKAGE, llr, text, _DOUBT)

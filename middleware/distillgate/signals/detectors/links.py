"""How densely do a group's accounts go on with what others of them started?"""

import math

from distillgate.campaign.evidence import Evidence
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a company with undeclared keys, or people who hand conversations over, meet too",
    "the accounts declare one organisation",
)


class LinksSettings(Settings):
    """How meetings between accounts are weighed."""

    prior: float = -2.0
    """Log-odds before counting: people do share an account's conversation now and then."""
    weight: float = 2.0
    """Nats a doubling of the meetings an account."""
    ceiling: float = 8.0
    """Highest weight."""
    min_units: int = 4
    """Fewer accounts than this are a household or a team."""


def links(evidence: Evidence, settings: LinksSettings) -> Signal | None:
    """Weigh conversation hops, answers that come back elsewhere, and failovers."""
    if not evidence.meetings or evidence.units < settings.min_units:
        return None
    total = sum(evidence.meetings.values())
    dense = min(settings.ceiling, settings.weight * math.log2(1 + total / evidence.units))
    how = "; ".join(f"{meeting} ({count})" for meeting, count in evidence.meetings.items())
    text = f"{evidence.units} accounts met {total} times: {how}"
    return Signal("links", Family.LINKAGE, settings.prior + dense, text, _DOUBT)

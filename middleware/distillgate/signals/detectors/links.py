"""How densely do a group's accounts go on with what others of them started?"""

import math

from distillgate.campaign.evidence import Evidence
from distillgate.campaign.links import Meeting
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
    team: float = 8.0
    """Accounts from which more of them speak for one operator rather than a team: a nat a doubling,
    since chance meetings leave small components..."""
    crowd: float = 3.0
    """...up to this."""
    pasted: float = 0.1
    """Share of their texts in which people hand on an answer; only what comes beyond it counts."""


def links(evidence: Evidence, settings: LinksSettings) -> Signal | None:
    """Weigh conversation hops, answers that come back elsewhere, and failovers."""
    if not evidence.meetings or evidence.principals < settings.min_units:
        return None
    total = sum(evidence.meetings.values())
    pasted = min(evidence.meetings.get(Meeting.ANSWER, 0), settings.pasted * evidence.texts)
    density = math.log2(1 + (total - pasted) / evidence.principals)
    dense = min(settings.ceiling, settings.weight * density)
    many = min(settings.crowd, math.log2(evidence.principals / settings.team))
    how = "; ".join(f"{meeting} ({count})" for meeting, count in evidence.meetings.items())
    text = (
        f"{evidence.principals} accounts, each with several others, met {total} times: {how}; "
        f"{pasted:.0f} may be people who hand answers on"
    )
    return Signal("links", Family.LINKAGE, settings.prior + dense + many, text, _DOUBT)

"""How densely do a group's accounts go on with what others of them started?"""

import math
from collections.abc import Iterator

from distillgate.campaign.links import Meeting
from distillgate.priors import Measured, section
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Basis, Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family


class LinksWeights(Measured, frozen=True):
    """How meetings between accounts are weighed."""

    prior: float
    """Log-odds before counting: people do share an account's conversation now and then."""
    weight: float
    """Nats a doubling of the meetings an account."""
    ceiling: float
    """Highest weight."""
    min_units: int
    """Fewer accounts than this are a household or a team."""
    team: float
    """Accounts from which more of them speak for one operator rather than a team: a nat a doubling,
    since chance meetings leave small components..."""
    crowd: float
    """...up to this."""
    pasted: float
    """Share of their texts in which people hand on an answer; only what comes beyond it counts."""


_WEIGHTS = section("links", LinksWeights)


@group_detector(
    Family.LINKAGE,
    "how densely accounts go on with what others of them started",
    Doubt(
        "a company with undeclared keys, or people who hand conversations over, meet too",
        "the accounts declare one organisation",
    ),
    turn=Turn.COMPARISON,
    of=frozenset({Basis.MEETINGS}),
)
def links(case: Case) -> Iterator[Finding]:
    """Weigh conversation hops, answers that come back elsewhere, and failovers."""
    evidence = case.evidence
    if not evidence.meetings or evidence.principals < _WEIGHTS.min_units:
        return
    total = sum(evidence.meetings.values())
    pasted = min(evidence.meetings.get(Meeting.ANSWER, 0), _WEIGHTS.pasted * evidence.texts)
    density = math.log2(1 + (total - pasted) / evidence.principals)
    dense = min(_WEIGHTS.ceiling, _WEIGHTS.weight * density)
    many = min(_WEIGHTS.crowd, math.log2(evidence.principals / _WEIGHTS.team))
    how = "; ".join(f"{meeting} ({count})" for meeting, count in evidence.meetings.items())
    text = (
        f"{evidence.principals} accounts, each with several others, met {total} times: {how}; "
        f"{pasted:.0f} may be people who hand answers on"
    )
    yield Finding(_WEIGHTS.prior + dense + many, text)

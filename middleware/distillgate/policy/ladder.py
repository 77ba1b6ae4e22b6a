"""From risk to action: the rungs, as data."""

from typing import NamedTuple

from distillgate.policy.decision import Action
from distillgate.risk.fuse import Risk
from distillgate.settings import Settings

_FAMILY_COUNTS = 1.0
"""Nats from which a family counts as agreeing."""


class LadderSettings(Settings):
    """The risk (nats) from which each action is taken, and what hard actions need beside."""

    observe: float = 0.5
    """Log it; the customer feels nothing."""
    throttle: float = 2.0
    """Slow it down."""
    degrade: float = 6.0
    """Take away what serves extraction more than use."""
    challenge: float | None = None
    """Ask for a verification first (`actions.challenge`); null never does."""
    refuse: float = 10.0
    """Answer no."""
    hard_families: int = 2
    """Families of evidence that must agree before anything harder than throttle."""
    hold_hours: float = 24.0
    """How long a restriction lasts after the last evidence for it; only a person ends it sooner."""

    def rungs(self) -> dict[Action, float]:
        """Return the risk from which each action is taken, the mildest first."""
        found = {action: getattr(self, action.label) for action in Action if action}
        return {action: risk for action, risk in found.items() if risk is not None}


class Rung(NamedTuple):
    """A rung of the ladder, and what it is away."""

    action: str
    nats: float
    """Evidence that is missing; 0 where only families are."""
    families: int
    """Families that must agree beside those that do."""


def next_rung(risk: Risk, ladder: LadderSettings) -> Rung | None:
    """Return the next harder action than the evidence earns; None on the last rung."""
    earned, missing = rung(risk, ladder), max(0, ladder.hard_families - _agreeing(risk))
    for action, line in ladder.rungs().items():
        if action > earned:
            hard = action > Action.THROTTLE
            return Rung(action.label, max(0.0, line - risk.total), missing if hard else 0)
    return None


def rung(risk: Risk, ladder: LadderSettings) -> Action:
    """Return the hardest action the evidence allows."""
    hard = _agreeing(risk) >= ladder.hard_families
    if hard and risk.total >= ladder.refuse:
        return Action.REFUSE
    if hard and ladder.challenge is not None and risk.total >= ladder.challenge:
        return Action.CHALLENGE
    if hard and risk.total >= ladder.degrade:
        return Action.DEGRADE
    if risk.total >= ladder.throttle:
        return Action.THROTTLE
    return Action.OBSERVE if risk.total >= ladder.observe else Action.ALLOW


def _agreeing(risk: Risk) -> int:
    return sum(llr >= _FAMILY_COUNTS for llr in risk.families.values())

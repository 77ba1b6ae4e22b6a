"""Which measures an exchange meets: chosen by plan, action and risk, as data."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Literal

from distillgate.policy.decision import Action, Decision
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange

Measure = Literal["parameters", "determinism", "reasoning", "route", "pace", "mark"]


class Band(Settings):
    """Whom some measures are for. What is not said matches everybody."""

    plan: str = "*"
    """The plan's name, as a shell-style pattern; an account without one matches only `*`."""
    action: Literal["throttle", "degrade"] = "degrade"
    """The mildest action they go with. Throttled exchanges meet them when they pass."""
    risk: float = 0.0
    """The risk, in nats, from which on."""
    measures: list[Measure]
    """What is done, in this order."""


def measures(exchange: Exchange, decision: Decision, bands: Sequence[Band]) -> Sequence[Measure]:
    """Find the measures of the first band that matches; none where none does."""
    for band in bands:
        if (
            decision.action >= Action[band.action.upper()]
            and decision.risk >= band.risk
            and fnmatchcase(exchange.plan or "", band.plan)
        ):
            return band.measures
    return ()

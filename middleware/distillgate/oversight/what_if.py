"""Who would be restricted, and who no more, if a knob were turned: asked of what is in memory.

Nothing is changed: actors are judged anew beside those that hold, and each account that anything
speaks against is ruled on twice, by the settings that hold and by those that are tried. Holds,
onset and roll-out are left out on both sides: they are of time, not of evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.campaign.jobs import Job
from distillgate.engine.assessment import rule
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.state import State
from distillgate.policy.decision import Action
from distillgate.policy.parties import by_itself
from distillgate.risk.actor import WEIGHED, Actor
from distillgate.signals.catalog import of_group

MOST = 5000
"""Accounts that are ruled on at most, those that most speaks against: two seconds of a core."""
_RULED = 6 * WEIGHED


class Knob(NamedTuple):
    """One setting that an operator turns."""

    path: str
    label: str
    least: float
    most: float
    step: float


KNOBS: Mapping[str, Knob] = {
    "observe": Knob("policy.ladder.observe", "observe from, nats", 0.0, 10.0, 0.25),
    "throttle": Knob("policy.ladder.throttle", "throttle from, nats", 0.25, 12.0, 0.25),
    "degrade": Knob("policy.ladder.degrade", "degrade from, nats", 0.25, 16.0, 0.25),
    "refuse": Knob("policy.ladder.refuse", "refuse from, nats", 0.25, 20.0, 0.25),
    "value_tokens": Knob(
        "signals.work_list.value_tokens", "budget of one actor, value tokens", 10_000, 1_000_000,
        10_000,
    ),
}  # fmt: skip
"""What may be tried, by name."""
_RUNGS = ("observe", "throttle", "degrade", "refuse")


class Changed(NamedTuple):
    """An account that another action would reach."""

    account: Account
    before: Action
    after: Action


@dataclass(slots=True)
class Outlook:
    """What turning the knobs would do."""

    looked_at: int = 0
    of: int = 0
    """Accounts in memory."""
    restricted_before: int = 0
    restricted: set[str] = field(default_factory=set)
    """Who would be, by name."""
    changed: list[Changed] = field(default_factory=list)

    @property
    def restricted_after(self) -> int:
        """How many accounts would be restricted."""
        return len(self.restricted)


def current(settings: EngineSettings) -> dict[str, float]:
    """Return where the knobs stand."""
    ladder = settings.policy.ladder
    found = {name: float(getattr(ladder, name)) for name in _RUNGS}
    return {**found, "value_tokens": settings.signals.work_list.value_tokens}


def turned(settings: EngineSettings, values: Mapping[str, float]) -> EngineSettings:
    """Return the settings with the knobs turned. Raises `ValueError` where they cannot be meant."""
    rungs = [values[name] for name in _RUNGS]
    if rungs != sorted(rungs):
        raise ValueError("a harder action needs no less evidence: let the rungs rise")
    ladder = settings.policy.ladder.model_copy(update={name: values[name] for name in _RUNGS})
    budget = settings.signals.work_list.model_copy(update={"value_tokens": values["value_tokens"]})
    return settings.model_copy(
        update={
            "policy": settings.policy.model_copy(update={"ladder": ladder}),
            "signals": settings.signals.model_copy(update={"work_list": budget}),
        }
    )


def what_if(engine: Engine, tried: EngineSettings, now: float) -> Job[Outlook]:
    """Return who would get another action under the settings that are tried."""
    held = engine.settings
    before = yield from _beside(engine.state, held)
    after = yield from _beside(engine.state, tried)
    found, candidates = Outlook(), list[Account]()
    for account in engine.state.accounts:
        found.of += 1
        if _is_spoken_against(engine.state, account):
            candidates.append(account)
        yield 2
    for account in nlargest(MOST, candidates, key=lambda one: (one.risk, one.name)):
        found.looked_at += 1
        one = Changed(
            account, _action(before, held, account, now), _action(after, tried, account, now)
        )
        found.restricted_before += one.before.restricts
        if one.after.restricts:
            found.restricted.add(account.name)
        if one.before is not one.after:
            found.changed.append(one)
        yield 2 * _RULED
    return found


def _beside(state: State, settings: EngineSettings) -> Job[State]:
    """Return a view of a state whose actors are judged by these settings; it is only read."""
    actors = {}
    for key in list(state.actors):
        actor = state.actor(key)
        if actor is not None:
            signals = of_group(actor.group, settings.campaign.examine, settings.signals)
            actors[key] = Actor(actor.group, signals)
            yield WEIGHED
    return replace(state, actors=actors)


def _is_spoken_against(state: State, account: Account) -> bool:
    if account.risk or account.restriction:
        return True
    return any(g.key in state.actors for g in state.groups.of_principal(account.principal))


def _action(state: State, settings: EngineSettings, account: Account, now: float) -> Action:
    ruling = rule(state, settings, by_itself(account, settings.policy.plans), now).ruling
    if ruling.decided_by == "hold":  # what the evidence of now asks for, not that of before
        return min(ruling.unadjusted, Action.OBSERVE)
    return ruling.action

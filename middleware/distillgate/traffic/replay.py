"""Feeding a recorded log to the engine: the same engine as in production, on recorded time."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from distillgate.actions.plan import Plan
from distillgate.policy.decision import Action, Decision
from distillgate.traffic.log import Line, LineError, decode
from distillgate.wire.exchange import Exchange, Outcome


class Judge(Protocol):
    """What a replay drives: the engine's calls; of a plan it only asks whether it refuses."""

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request."""

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Return what becomes of its bytes."""

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Learn what became of it."""


class _Pending(NamedTuple):
    """An answer under way. `order` breaks ties, so that nothing below is ever compared."""

    due: float
    order: int
    decision: Decision
    outcome: Outcome


@dataclass(slots=True)
class Reading:
    """What was met while reading a log."""

    lines: int = 0
    malformed: int = 0
    untouched: int = 0
    """Calls the gate does not read; they pass."""


def read(
    numbered: Iterable[tuple[int, bytes]], reading: Reading, warn: Callable[[str], None]
) -> Iterator[Line]:
    """Decode lines, count what is not an exchange, and warn of what is not a line at all."""
    for number, text in numbered:
        if text.isspace():
            continue
        reading.lines += 1
        try:
            line = decode(text)
        except LineError as error:
            reading.malformed += 1
            warn(f"line {number}: skipped: {error}")
            continue
        if line is None:
            reading.untouched += 1
        else:
            yield line


def replay(lines: Iterable[Line], engine: Judge) -> Iterator[tuple[Line, Decision]]:
    """Judge every line in order, delivering each answer when it came.

    An answer is due at `ts` plus its latency and is delivered before the first request after that
    time, so that a request never knows what a live one could not. A `ts` that goes backwards is
    judged at the newest time seen, as a live clock would have it. After the last line all answers
    are delivered. What an enforcing engine refuses was not answered, whatever the log says.
    """
    pending: list[_Pending] = []
    now = float("-inf")
    for order, line in enumerate(lines):
        now = max(now, line.ts)
        while pending and pending[0].due <= now:
            _deliver(pending, engine)
        decision = engine.begin(line.exchange, now)
        outcome = _refused(engine.plan(line.exchange, decision)) or line.outcome
        due = now + (outcome.latency or 0.0)
        heapq.heappush(pending, _Pending(due, order, decision, outcome))
        yield line, decision
    while pending:
        _deliver(pending, engine)


def _refused(plan: Plan) -> Outcome | None:
    if plan.refusal is None:
        return None
    return Outcome(status=plan.refusal.status, latency=0.0)


def _deliver(pending: list[_Pending], engine: Judge) -> None:
    due, _, decision, outcome = heapq.heappop(pending)
    engine.finish(decision, outcome, due)


@dataclass(slots=True)
class Tally:
    """What a replay came to, counted as it goes."""

    exchanges: int = 0
    accounts: set[str] = field(default_factory=set)
    restricted: set[str] = field(default_factory=set)
    """Accounts that were throttled or harder, at least once."""
    actions: Counter[Action] = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        self.exchanges += 1
        self.accounts.add(decision.account)
        self.actions[decision.action] += 1
        if decision.action.restricts:
            self.restricted.add(decision.account)
        if decision.group is not None:
            self.groups.add(decision.group)

    def summary(self) -> dict[str, Any]:
        """Return the counts under the names of the summary."""
        return {
            "exchanges": self.exchanges,
            "accounts": len(self.accounts),
            "restricted": len(self.restricted),
            "groups": len(self.groups),
            "actions": {action.label: self.actions[action] for action in Action},
        }

"""An operator who reacts to what the gate refuses.

Whatever is not refused comes as it was written. When an account has been refused as often as its
operator bears, the operator stops using it, or sends what was refused from another account, or
gives the account's work to one that was held back, or slows the account down.
"""

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import orjson

from benchmarks.detection.drawn.campaign import TRAITS, Campaign
from benchmarks.detection.log import time_of
from distillgate.policy.decision import Decision

_SLOWER = 4.0
_AGAIN = (0.5, 20.0)
"""Seconds after which a refused request comes from another account."""

Record = dict[str, Any]


class _Pending(NamedTuple):
    """A request to be sent. `order` breaks ties, so that nothing below is ever compared."""

    at: float
    order: int
    line: Record
    moved: bool
    """Whether it was put off, or comes from another account, because of a refusal."""


class Operator:
    """A campaign under way."""

    def __init__(self, campaign: Campaign, dice: random.Random) -> None:
        self._plan, self._dice = campaign.plan, dice
        self._order = count()
        self._queue: list[_Pending] = []
        for line in campaign.lines:
            self._push(float(line["ts"]), line, moved=False)
        self._traits = {
            line["account"]: {name: line[name] for name in TRAITS} for line in campaign.lines
        }
        self._spare = list(campaign.reserve)
        self._refused: Counter[str] = Counter()
        self._instead: dict[str, str] = {}
        self._stopped: set[str] = set()
        self._slowed: dict[str, float] = {}
        self._last = _Pending(0.0, 0, {}, moved=False)

    @property
    def due(self) -> float:
        """When the next request is sent; infinity after the last one."""
        return self._queue[0].at if self._queue else float("inf")

    def send(self) -> bytes | None:
        """Return the next request as a line of the log, or None where it is not sent now."""
        pending = heapq.heappop(self._queue)
        name = pending.line["account"]
        since = self._slowed.get(name)
        if since is not None and not pending.moved:
            self._push(since + (pending.at - since) * _SLOWER, pending.line, moved=True)
            return None
        while name in self._instead:
            name = self._instead[name]
        if name in self._stopped:
            return None
        line = {**pending.line, **self._traits[name], "ts": round(pending.at, 3)}
        self._last = pending._replace(line=line)
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)

    def see(self, decision: Decision) -> None:
        """React to what became of the request that was sent last."""
        plan, name, last = self._plan, decision.account, self._last
        if not decision.refused or plan.reaction == "none" or name != last.line.get("account"):
            return
        self._refused[name] += 1
        if plan.reaction == "fail over" and not last.moved:
            other = self._dice.choice(sorted(self._traits))
            again = {**last.line, **self._traits[other]}
            self._push(last.at + self._dice.uniform(*_AGAIN), again, moved=True)
        if self._refused[name] == plan.patience:
            self._give_up(name, last.at)

    def _give_up(self, name: str, now: float) -> None:
        if self._plan.reaction == "slow down":
            self._slowed[name] = now
        elif self._plan.reaction == "rotate" and self._spare:
            new = self._spare.pop()
            self._traits[new["account"]] = new
            self._instead[name] = new["account"]
        else:
            self._stopped.add(name)

    def _push(self, at: float, line: Record, *, moved: bool) -> None:
        heapq.heappush(self._queue, _Pending(at, next(self._order), line, moved))


def merged(honest: Iterator[bytes], operators: Sequence[Operator]) -> Iterator[bytes]:
    """Return a world's lines in order of time, each campaign's as its operator sends them."""
    for line in honest:
        yield from _before(time_of(line), operators)
        yield line
    yield from _before(float("inf"), operators)


def _before(until: float, operators: Sequence[Operator]) -> Iterator[bytes]:
    while operators:
        first = min(operators, key=lambda operator: operator.due)
        if first.due >= until:
            return
        line = first.send()
        if line is not None:
            yield line

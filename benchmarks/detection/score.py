"""What the gate's decisions come to, by the measures of the design."""

import gzip
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import orjson

from distillgate.scenarios.honest import CLASSES

_FULL_ANSWER = ("allow", "observe")
_SPOILT = ("degrade", "challenge", "refuse")
_THROTTLED = 60.0
"""Seconds after which a throttled account's next request passes, by default settings."""


@dataclass(slots=True)
class Outcome:
    """One honest class, or one campaign, of one world."""

    accounts: int = 0
    restricted: int = 0
    """Accounts that were throttled or harder, ever."""
    exchanges: int = 0
    full: int = 0
    """Exchanges judged allow or observe."""
    through: int = 0
    """Exchanges that a throttle would still let by."""
    spoilt: int = 0
    """Exchanges degraded, challenged or refused."""
    alarm: int | None = None
    """Exchanges before the first restriction; None where there was none."""

    @property
    def recall(self) -> float:
        """Share of accounts restricted."""
        return self.restricted / self.accounts if self.accounts else 0.0

    @property
    def leak(self) -> float:
        """Share of exchanges that got a full answer."""
        return self.full / self.exchanges if self.exchanges else 0.0

    @property
    def harm(self) -> float:
        """Share of exchanges degraded or refused; what a throttle held back counts."""
        held = self.exchanges - self.full - self.through - self.spoilt
        return (self.spoilt + held) / self.exchanges if self.exchanges else 0.0


@dataclass(slots=True)
class Score:
    """One world's outcomes, by label."""

    honest: dict[str, Outcome] = field(default_factory=dict)
    campaigns: dict[str, Outcome] = field(default_factory=dict)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    """For honest classes: which signals restricted them."""

    @property
    def everyone(self) -> Outcome:
        """All honest accounts together."""
        total = Outcome()
        for one in self.honest.values():
            for name in ("accounts", "restricted", "exchanges", "full", "through", "spoilt"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
        return total


def score(decisions: Path, labels: Mapping[str, str]) -> Score:
    """Read a replay's decisions."""
    outcomes: dict[str, Outcome] = defaultdict(Outcome)
    restricted: set[str] = set()
    seen: set[str] = set()
    passed: dict[str, float] = {}
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    with gzip.open(decisions) as lines:
        for line in lines:
            decision = orjson.loads(line)
            account, action = decision["account"], decision["action"]
            label = labels[account]
            outcome = outcomes[label]
            if account not in seen:
                seen.add(account)
                outcome.accounts += 1
            if action in _FULL_ANSWER:
                outcome.full += 1
            else:
                if outcome.alarm is None:
                    outcome.alarm = outcome.exchanges
                if account not in restricted:
                    restricted.add(account)
                    outcome.restricted += 1
                    reasons[label].update(reason["signal"] for reason in decision["reasons"])
                if action in _SPOILT:
                    outcome.spoilt += 1
                elif decision["ts"] - passed.get(account, -math.inf) >= _THROTTLED:
                    passed[account] = decision["ts"]
                    outcome.through += 1
            outcome.exchanges += 1
    found = Score()
    for label, outcome in outcomes.items():
        (found.honest if label in CLASSES else found.campaigns)[label] = outcome
        if label in CLASSES and reasons[label]:
            found.reasons[label] = reasons[label]
    return found


class Interval(NamedTuple):
    """A 95 % confidence interval of a share."""

    low: float
    high: float


def wilson(hits: int, of: int, z: float = 1.96) -> Interval:
    """Give Wilson's score interval."""
    if of == 0:
        return Interval(0.0, 1.0)
    share = hits / of
    centre = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return Interval(max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale))

"""What the gate's decisions come to, by the measures of the design."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from distillgate.policy.decision import Action, Decision
from distillgate.traffic.decisions import encode
from distillgate.traffic.log import Line
from distillgate_lab.scenarios.honest import CLASSES


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
    """Throttled exchanges that the actor's budget still answers."""
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
    """Which signals restricted accounts of a label."""
    digest: str = ""
    """Hash of what `distillgate replay --out` writes of this world."""

    @property
    def everyone(self) -> Outcome:
        """All honest accounts together."""
        total = Outcome()
        for one in self.honest.values():
            for name in ("accounts", "restricted", "exchanges", "full", "through", "spoilt"):
                setattr(total, name, getattr(total, name) + getattr(one, name))
        return total


class Scorer:
    """Sums up decisions as they come."""

    def __init__(
        self, labels: Mapping[str, str], honest: Callable[[str], bool] = CLASSES.__contains__
    ) -> None:
        self.labels = dict(labels)
        """Class or campaign of each account; may grow."""
        self._honest = honest
        self._outcomes: dict[str, Outcome] = defaultdict(Outcome)
        self._seen: set[str] = set()
        self._restricted: set[str] = set()
        self._reasons: dict[str, Counter[str]] = defaultdict(Counter)
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, line: Line, decision: Decision) -> None:
        """Count one decision."""
        self._digest.update(encode(line, decision))
        account, label = decision.account, self.labels[decision.account]
        outcome = self._outcomes[label]
        if account not in self._seen:
            self._seen.add(account)
            outcome.accounts += 1
        if decision.action.restricts:
            self._restrict(decision, label)
        else:
            outcome.full += 1
        outcome.exchanges += 1

    def _restrict(self, decision: Decision, label: str) -> None:
        account, outcome = decision.account, self._outcomes[label]
        if outcome.alarm is None:
            outcome.alarm = outcome.exchanges
        if account not in self._restricted:
            self._restricted.add(account)
            outcome.restricted += 1
            self._reasons[label].update(reason.signal for reason in decision.reasons)
        if decision.action > Action.THROTTLE:
            outcome.spoilt += 1
        elif not decision.refused:
            outcome.through += 1

    def close(self) -> Score:
        """Return what all came to."""
        found = Score(digest=self._digest.hexdigest())
        for label, outcome in self._outcomes.items():
            (found.honest if self._honest(label) else found.campaigns)[label] = outcome
            if self._reasons[label]:
                found.reasons[label] = self._reasons[label]
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

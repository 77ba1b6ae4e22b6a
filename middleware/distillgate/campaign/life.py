"""A group's life in a few sums: when its units came, where it paused, when it turned to a model.

All is measured against the crowd (everybody the gate serves): a night, an outage or a release day
is everybody's. A few hundred bytes a group, whatever its size.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.account.windows import DAY, HOUR

_YOUNG = 7 * DAY
"""An account that came this soon after it was opened is young."""
_RELEASE = 8
"""Accounts that ask for a name nobody used before from which it is a new model, no misspelling."""
_NAMES = 256
_SETTLED = 3 * DAY
"""Until the crowd was watched for this long, every model's name is new."""


class Counted(NamedTuple):
    """Exchanges in the day after a model came out: all, and those that asked for it."""

    all: int = 0
    new: int = 0

    def add(self, *, new: bool) -> "Counted":
        """Count one exchange."""
        return Counted(self.all + 1, self.new + new)


_NONE = Counted()


class Crowd:
    """What everybody does: how many exchanges there were, and how a new model is taken up."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.release = 0
        """Hash of the newest model's name."""
        self.released_at = -math.inf
        self.taken_up = _NONE
        self._since: float | None = None
        self._names: OrderedDict[int, tuple[int, ...]] = OrderedDict()
        """Units that asked for a name, until there are enough for it to be a model."""

    def learn(self, model: int, unit: int, now: float) -> None:
        """Count one exchange."""
        self._since = now if self._since is None else self._since
        self.exchanges += 1
        units = self._names.get(model, ())
        if len(units) < _RELEASE and unit not in units:
            units = self._names[model] = (*units, unit)
            if len(units) == _RELEASE and now - self._since > _SETTLED:
                self.release, self.released_at, self.taken_up = model, now, _NONE
        self._names.move_to_end(model)  # or made-up names would make the usual ones new again
        if len(self._names) > _NAMES:
            self._names.popitem(last=False)
        if self.new(now):
            self.taken_up = self.taken_up.add(new=model == self.release)

    def new(self, now: float) -> bool:
        """Whether the newest model came out within the last day."""
        return now - self.released_at <= DAY


@dataclass(slots=True)
class Life:
    """What happened to one group and when."""

    began_at: float = 0.0
    units: int = 0
    """Units that came, those that were forgotten included."""
    came: float = 0.0
    """Sum of the hours after which units came..."""
    came_squares: float = 0.0
    """...and of their squares."""
    dated: int = 0
    """Units whose opening is known;"""
    young: int = 0
    """of them, those opened shortly before they came,"""
    after: int = 0
    """and those opened after the first of the group was restricted."""
    restricted_at: float | None = None
    exchanges: int = 0
    crowd_first: int = 0
    crowd_last: int = 0
    pause: float = 0.0
    """The most exchanges that were to be expected of the group, by the crowd's, in a pause."""
    paused_at: float = 0.0
    release: int = 0
    taken_up: Counted = _NONE
    """How the group took the newest model up on its first day,"""
    crowd: Counted = _NONE
    """and how everybody did."""

    def learn(self, account: Account, model: int, crowd: Crowd, now: float, *, new: bool) -> None:
        """Count one exchange of the group; `new` where its unit was not in it before."""
        if not self.exchanges:
            self.began_at, self.crowd_first = now, crowd.exchanges
        else:
            self._pause(crowd, now)
        self.exchanges += 1
        self.crowd_last = crowd.exchanges
        if new:
            self._come(account, now)
        if self.restricted_at is None and account.held_until > now:
            self.restricted_at = now
        if crowd.new(now):
            if self.release != crowd.release:
                self.release, self.taken_up = crowd.release, _NONE
            self.taken_up = self.taken_up.add(new=model == crowd.release)
            self.crowd = crowd.taken_up

    def absorb(self, other: "Life") -> None:
        """Add another group's units and exchanges; pauses are this one's."""
        for name in ("units", "came", "came_squares", "dated", "young", "after", "exchanges"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def spread(self) -> float:
        """Standard deviation of when units came, in hours."""
        mean = self.came / max(1, self.units)
        return math.sqrt(max(0.0, self.came_squares / max(1, self.units) - mean * mean))

    def _pause(self, crowd: Crowd, now: float) -> None:
        watched = self.crowd_last - self.crowd_first
        if watched <= 0:
            return
        expected = self.exchanges / watched * (crowd.exchanges - self.crowd_last)
        if expected > self.pause:
            self.pause, self.paused_at = expected, now

    def _come(self, account: Account, now: float) -> None:
        hours = (now - self.began_at) / HOUR
        self.units += 1
        self.came += hours
        self.came_squares += hours * hours
        if account.created is None:
            return
        self.dated += 1
        self.young += now - account.created < _YOUNG
        self.after += self.restricted_at is not None and account.created > self.restricted_at

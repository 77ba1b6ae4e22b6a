"""A group's life in a few sums: when its principals came, where it paused, when it turned to a
model.

All is measured against the crowd (everybody the gate serves): a night, an outage or a release day
is everybody's. A few hundred bytes a group, whatever its size.
"""

import math
from collections.abc import Iterator

from distillgate.account.account import Account
from distillgate.account.releases import Release
from distillgate.account.windows import DAY, HOUR
from distillgate.records import FrozenRecord, Record, decoder, encode

_YOUNG = 7 * DAY
"""An account that came this soon after it was opened is young."""
_KNOWN = 50
"""Exchanges from which a group's share of the crowd's is known; the first few may be a burst."""


class Counted(FrozenRecord, frozen=True):
    """Exchanges in the day after a model came out: all, and those that asked for it."""

    all: int = 0
    new: int = 0

    def add(self, *, new: bool) -> "Counted":
        """Count one exchange."""
        return Counted(self.all + 1, self.new + new)


_NONE = Counted()


class _Written(Record):
    """What is kept of the crowd."""

    exchanges: int
    taken_up: Counted
    latest: tuple[str, float] | None


class Crowd:
    """What everybody does: how many exchanges there were, and how a new model is taken up."""

    def __init__(self) -> None:
        self.exchanges = 0
        self.release: Release | None = None
        """The model whose first day this is."""
        self.taken_up = _NONE
        self._latest: tuple[str, float] | None = None

    def learn(self, model: str, release: Release | None) -> None:
        """Count one exchange, on the first day of `release` where there is one."""
        self.exchanges += 1
        self.release = release
        if release is None:
            return
        if (release.model, release.at) != self._latest:
            self._latest, self.taken_up = (release.model, release.at), _NONE
        self.taken_up = self.taken_up.add(new=model == release.model)

    def dump(self) -> Iterator[bytes]:
        """Write what is kept."""
        yield encode(_Written(self.exchanges, self.taken_up, self._latest))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        self.exchanges, self.taken_up = written.exchanges, written.taken_up
        self._latest = written.latest


class Life(Record):
    """What happened to one group and when."""

    began_at: float = 0.0
    principals: int = 0
    """Principals that came, those that were forgotten included."""
    came: float = 0.0
    """Sum of the hours after which principals came..."""
    came_squares: float = 0.0
    """...and of their squares."""
    dated: int = 0
    """Principals whose opening is known;"""
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
    released_at: float | None = None
    taken_up: Counted = _NONE
    """How the group took the newest model up on its first day,"""
    crowd: Counted = _NONE
    """and how everybody did."""

    def learn(self, account: Account, model: str, crowd: Crowd, now: float, *, new: bool) -> None:
        """Count one exchange of the group; `new` where its principal was not in it before."""
        if not self.exchanges:
            self.began_at, self.crowd_first = now, crowd.exchanges
        else:
            self._pause(crowd)
        self.exchanges += 1
        self.crowd_last = crowd.exchanges
        if new:
            self._come(account, now)
        if self.restricted_at is None and account.held_until > now:
            self.restricted_at = now
        if crowd.release is not None:
            if self.released_at != crowd.release.at:
                self.released_at, self.taken_up = crowd.release.at, _NONE
            self.taken_up = self.taken_up.add(new=model == crowd.release.model)
            self.crowd = crowd.taken_up

    def absorb(self, other: "Life") -> None:
        """Add another group's principals and exchanges; pauses are this one's."""
        for name in ("principals", "came", "came_squares", "dated", "young", "after", "exchanges"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def spread(self) -> float:
        """Standard deviation of when principals came, in hours."""
        mean = self.came / max(1, self.principals)
        return math.sqrt(max(0.0, self.came_squares / max(1, self.principals) - mean * mean))

    def _pause(self, crowd: Crowd) -> None:
        watched = self.crowd_last - self.crowd_first
        if watched <= 0 or self.exchanges < _KNOWN:
            return
        expected = self.exchanges / watched * (crowd.exchanges - self.crowd_last)
        self.pause = max(self.pause, expected)

    def _come(self, account: Account, now: float) -> None:
        hours = (now - self.began_at) / HOUR
        self.principals += 1
        self.came += hours
        self.came_squares += hours * hours
        if account.created is None:
            return
        self.dated += 1
        self.young += now - account.created < _YOUNG
        self.after += self.restricted_at is not None and account.created > self.restricted_at


_READ = decoder(_Written)

"""Templates that others told of: a head start for a group that shows the rest by itself.

A report is a weak prior, and somebody's weapon where it is believed. So it is looked for in what
accounts send, and counts for a group, never for an account: where most of a group's exchanges are
made from a reported template, its accounts are compared sooner and held to a lower bar
(`campaign.keyed`). A group whose accounts show that they belong together gets none: it is a company
before it is a campaign. A report ends by itself, or with whoever withdraws it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from distillgate.campaign.evidence import Reported
from distillgate.campaign.group import REPORTED_SHARE, Group
from distillgate.records import FrozenRecord, Record, batched, decoder, encode

MOST = 10_000
"""Reports that hold at once, and names of withdrawn ones; beyond it, withdrawals of what does not
hold are not remembered, and of the source that told of the most..."""
_GO = MOST // 64
"""...so many reports go, those that end first."""
_EACH = 4
"""Reports of one source that one line is looked up in: thousands with one popular line would make
each request that has it slow."""
MOST_MATCHED = 4
"""Reports that one exchange is counted for."""
_OPEN = 0.2
"""Openness from which a group is a company's (`signals.allowance`: companies' is 0.82 at the
median, campaigns' 0 to 0.16)."""
_WRITTEN = 32
"""Reports in a piece of what is written."""


class Report(FrozenRecord, frozen=True):
    """One template that somebody told of, as its community's key hashes it."""

    id: str
    """The name of its STIX indicator."""
    source: str
    key: str
    """The name of the community's key."""
    lines: tuple[bytes, ...]
    until: float


class _Written(Record):
    """Some reports, and some of those that were withdrawn."""

    held: list[Report]
    withdrawn: list[tuple[str, float]] = []


class Reports:
    """The reports that hold, by their names and lines, and those that were withdrawn, until they
    end. What one source tells takes no other's place.
    """

    def __init__(self) -> None:
        self._held: dict[str, Report] = {}
        self._lines: dict[bytes, tuple[str, ...]] = {}
        """The names of the reports that are looked for by a line."""
        self._sources, self._keys = Counter[str](), Counter[str]()
        """How many reports hold of each, and under each."""
        self._withdrawn: dict[str, float] = {}
        self._ends = math.inf
        """When the first of all ends."""
        self.changes = 0
        """How often they changed: who remembers what was looked up looks whether it is out of
        date."""

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Report]:
        return iter(self._held.values())

    def get(self, name: str) -> Report | None:
        """Return a report that holds."""
        return self._held.get(name)

    def having(self, line: bytes) -> tuple[str, ...]:
        """Return the names of reports that have a line: of each source some, those that end
        last.
        """
        return self._lines.get(line, ())

    def under(self, key: str) -> bool:
        """Return whether any holds under a community's key."""
        return key in self._keys

    def add(self, report: Report, now: float) -> None:
        """Let a report hold, in place of an earlier one of its name; not one that was withdrawn,
        nor in place of another source's.
        """
        self.drop_ended(now)
        known = self._held.get(report.id)
        if known is not None and known.source != report.source:
            return
        if report.until <= now or report.id in self._withdrawn:
            return
        self._hold(report)
        if len(self._held) > MOST:
            self._make_room()
        self.changes += 1

    def withdraw(
        self, names: Iterable[tuple[str, float]], now: float, groups: Iterable[Group]
    ) -> list[tuple[Group, frozenset[str]]]:
        """Let reports hold no more, nor again before a moment.

        Return the groups that they counted for, which are due to be examined without them.
        """
        self.drop_ended(now)
        gone, found = dict(names), list[tuple[Group, frozenset[str]]]()
        for name, until in gone.items():
            held = self._drop(name)
            if held or name in self._withdrawn or len(self._withdrawn) < MOST:
                self._withdrawn[name] = until
                self._ends = min(self._ends, until)
            if len(self._withdrawn) > MOST:
                del self._withdrawn[min(self._withdrawn, key=lambda one: self._withdrawn[one])]
        self.changes += 1
        for group in groups:
            if group.reported and (counted := gone.keys() & group.reported.keys()):
                for name in counted:
                    del group.reported[name]
                group.due = group.exchanges
                found.append((group, frozenset(counted)))
        return found

    def forget_ended(self, group: Group, now: float) -> None:
        """Let a group count no more for reports that are over: others take their places."""
        for name in [*group.reported]:
            if (report := self._held.get(name)) is None or report.until <= now:
                del group.reported[name]

    def drop_ended(self, now: float) -> None:
        """Let go of reports and withdrawals that are over: they are looked for no more."""
        if now < self._ends:
            return
        for name in [name for name, one in self._held.items() if one.until <= now]:
            self._drop(name)
        self._withdrawn = {name: until for name, until in self._withdrawn.items() if now < until}
        ends = *(one.until for one in self), *self._withdrawn.values()
        self._ends = min(ends, default=math.inf)
        self.changes += 1

    def of(self, group: Group, now: float) -> Reported | None:
        """Return the report that a group's exchanges are made from; None where none is enough."""
        if not group.reported or group.shared.read().shared >= _OPEN:
            return None
        found = [
            Reported(name, report.source, min(1.0, share), report.until)
            for name, share in group.report_shares.items()
            if share >= REPORTED_SHARE
            and (report := self._held.get(name)) is not None
            and now < report.until
        ]
        return max(found, key=lambda one: (one.share, one.until), default=None)

    def _hold(self, report: Report) -> None:
        self._drop(report.id)
        self._held[report.id] = report
        self._sources[report.source] += 1
        self._keys[report.key] += 1
        self._ends = min(self._ends, report.until)
        for line in set(report.lines):
            names = self._lines.get(line, ())
            same = [one for one in names if self._held[one].source == report.source]
            if len(same) >= _EACH:
                first = min(same, key=lambda one: self._held[one].until)
                if self._held[first].until > report.until:
                    continue
                names = tuple(one for one in names if one != first)
            self._lines[line] = (*names, report.id)

    def _drop(self, name: str) -> bool:
        report = self._held.get(name)
        if report is None:
            return False
        for line in set(report.lines):
            names = tuple(one for one in self._lines.get(line, ()) if one != name)
            if names:
                self._lines[line] = names
            else:
                self._lines.pop(line, None)
        del self._held[name]
        self._sources -= Counter((report.source,))
        self._keys -= Counter((report.key,))
        return True

    def _make_room(self) -> None:
        """Let go of some of the source that holds the most, those that end first."""
        most = max(sorted(self._sources), key=lambda one: self._sources[one])
        its = [one for one in self if one.source == most]
        for report in sorted(its, key=lambda one: one.until)[:_GO]:
            self._drop(report.id)

    def dump(self) -> Iterator[bytes]:
        """Write all reports."""
        for some in batched(self._held.values(), _WRITTEN):
            yield encode(_Written(some))
        for withdrawn in batched(self._withdrawn.items()):
            yield encode(_Written([], withdrawn))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        for one in written.held:
            self._hold(one)
        self._withdrawn.update(written.withdrawn)
        self._ends = min(self._ends, *(until for _, until in written.withdrawn), math.inf)
        self.changes += 1


_READ = decoder(_Written)

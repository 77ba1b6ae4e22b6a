"""Templates that others told of: a head start for a group that shows the rest by itself.

A report is a weak prior, and somebody's weapon where it is believed. So it is looked for in what
accounts send, and counts for a group, never for an account: where most of a group's exchanges are
made from a reported template, its accounts are compared sooner and held to a lower bar
(`campaign.keyed`). A group whose accounts show that they belong together gets none: it is a company
before it is a campaign. A report ends by itself, or with whoever withdraws it.
"""

from collections.abc import Iterable, Iterator

from distillgate.campaign.evidence import Reported
from distillgate.campaign.group import Group
from distillgate.records import FrozenRecord, Record, batched, decoder, encode

MOST = 10_000
"""Reports that hold at once; beyond it the one that ends first goes."""
MOST_MATCHED = 4
"""Reports that one exchange is counted for."""
_SHARE = 0.5
"""Share of a group's exchanges, since the first, that must be made from a reported template."""
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
    """The reports that hold, by their names, and those that were withdrawn, until they end."""

    def __init__(self) -> None:
        self._held: dict[str, Report] = {}
        self._withdrawn: dict[str, float] = {}
        self.changes = 0
        """How often they changed: who indexes them looks whether it is out of date."""

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Report]:
        return iter(self._held.values())

    def add(self, report: Report, now: float) -> None:
        """Let a report hold, in place of an earlier one of its name; not one that was withdrawn."""
        self._drop_ended(now)
        if report.until <= now or report.id in self._withdrawn:
            return
        self._held[report.id] = report
        if len(self._held) > MOST:
            del self._held[min(self, key=lambda one: one.until).id]
        self.changes += 1

    def withdraw(
        self, name: str, until: float, now: float, groups: Iterable[Group]
    ) -> Iterator[Group]:
        """Let a report hold no more, nor again before a moment.

        Return the groups that it counted for, which are due to be examined without it.
        """
        self._drop_ended(now)
        self._held.pop(name, None)
        self._withdrawn[name] = until
        if len(self._withdrawn) > MOST:
            del self._withdrawn[min(self._withdrawn, key=lambda one: self._withdrawn[one])]
        self.changes += 1
        for group in groups:
            if group.reported.pop(name, None) is not None:
                group.due = group.exchanges
                yield group

    def of(self, group: Group, now: float) -> Reported | None:
        """Return the report that a group's exchanges are made from; None where none is enough."""
        if not group.reported or group.shared.read().shared >= _OPEN:
            return None
        found = [
            Reported(name, report.source, min(1.0, share), report.until)
            for name, (first, matched) in group.reported.items()
            if (share := matched / max(1, group.exchanges - first)) >= _SHARE
            and (report := self._held.get(name)) is not None
            and now < report.until
        ]
        return max(found, key=lambda one: (one.share, one.until), default=None)

    def _drop_ended(self, now: float) -> None:
        self._held = {name: one for name, one in self._held.items() if now < one.until}
        self._withdrawn = {name: until for name, until in self._withdrawn.items() if now < until}

    def dump(self) -> Iterator[bytes]:
        """Write all reports."""
        for some in batched(self._held.values(), _WRITTEN):
            yield encode(_Written(some))
        for withdrawn in batched(self._withdrawn.items()):
            yield encode(_Written([], withdrawn))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Written = _READ(piece)
        self._held.update((one.id, one) for one in written.held)
        self._withdrawn.update(written.withdrawn)
        self.changes += 1


_READ = decoder(_Written)

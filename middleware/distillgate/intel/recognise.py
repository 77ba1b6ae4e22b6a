"""Finding reported templates in what accounts send: lines under the community's keys, looked up.

A request is cut once more, under the community's seed; a line's keyed hash is computed once and
remembered, since a template's lines come again with every request.
"""

from collections import Counter
from collections.abc import Callable

from distillgate.campaign.reports import MOST_MATCHED, Report, Reports
from distillgate.intel.community import Community, Key
from distillgate.intel.sketch import needed, values
from distillgate.wire.exchange import Exchange

_REMEMBERED = 1 << 16
"""Lines whose reports are remembered; then they are looked up anew."""


class Index:
    """The reports under one key, by their lines."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.needed: list[tuple[str, int]] = []
        """The name of each report, and how many of its lines a request must have."""
        self._of: dict[str, list[int]] = {}
        self._known: dict[int, tuple[int, ...]] = {}

    def add(self, report: Report) -> None:
        """Look for a report's lines."""
        number = len(self.needed)
        self.needed.append((report.id, needed(len(report.lines))))
        for line in report.lines:
            self._of.setdefault(line.hex(), []).append(number)

    def matched(self, exchange: Exchange) -> list[str]:
        """Return the names of the reports that a request has enough lines of."""
        hits = Counter(at for value in values(exchange.request, self.key) for at in self._at(value))
        found = (self.needed[at] for at, count in hits.items() if count >= self.needed[at][1])
        return [name for name, _ in found]

    def _at(self, value: int) -> tuple[int, ...]:
        found = self._known.get(value)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = tuple(self._of.get(self.key.line(value), ()))
            self._known[value] = found
        return found


class Recogniser:
    """Names the reports that an exchange is made from, under the keys that are accepted."""

    def __init__(self, community: Community, reports: Callable[[], Reports]) -> None:
        self._community = community
        self._reports = reports
        self._indexed: tuple[Reports | None, int] = None, 0
        self._indexes: list[Index] = []

    def __call__(self, exchange: Exchange) -> tuple[str, ...]:
        """Return some reports' names, always the same ones."""
        reports = self._reports()
        if self._indexed[0] is not reports or self._indexed[1] != reports.changes:
            self._index(reports)
        found = sorted(name for index in self._indexes for name in index.matched(exchange))
        return tuple(found[:MOST_MATCHED])

    def _index(self, reports: Reports) -> None:
        indexes = {key.id: Index(key) for key in self._community.keys}
        for report in reports:
            if report.key in indexes:
                indexes[report.key].add(report)
        self._indexes = [index for index in indexes.values() if index.needed]
        self._indexed = reports, reports.changes

"""Finding reported templates in what accounts send: lines under the community's keys, looked up.

A request is cut once more, under the community's seed; a line's keyed hash is computed once and
remembered, since a template's lines come again with every request.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from distillgate.campaign.reports import MOST_MATCHED, Report, Reports
from distillgate.intel.community import Community, Key
from distillgate.intel.sketch import needed, values
from distillgate.wire.exchange import Exchange

_REMEMBERED = 1 << 16
"""Lines whose reports are remembered; then they are looked up anew."""


class Recogniser:
    """Names the reports that an exchange is made from, under the community's keys."""

    def __init__(self, community: Community, reports: Callable[[], Reports]) -> None:
        self._community = community
        self._reports = reports
        self._seen: tuple[Reports | None, int] = None, 0
        self._known: list[tuple[Key, dict[int, tuple[str, ...]]]] = []
        """Of each key that reports hold under, what lines were looked up."""

    def __call__(self, exchange: Exchange) -> tuple[str, ...]:
        """Return some reports' names, always the same ones, of each source as many as of others."""
        reports = self._reports()
        if self._seen != (reports, reports.changes):
            keys = (key for key in self._community.keys if reports.under(key.id))
            self._known = [(key, {}) for key in keys]
            self._seen = reports, reports.changes
        found = defaultdict[str, list[str]](list)
        for key, known in self._known:
            for report in self._matched(exchange, reports, key, known):
                found[report.source].append(report.id)
        ranked = sorted(place for names in found.values() for place in enumerate(sorted(names)))
        return tuple(name for _, name in ranked[:MOST_MATCHED])

    def _matched(
        self, exchange: Exchange, reports: Reports, key: Key, known: dict[int, tuple[str, ...]]
    ) -> Iterator[Report]:
        """Return the reports that a request has enough lines of."""
        hits = Counter[str]()
        for value in values(exchange.request, key):
            names = known.get(value)
            if names is None:
                if len(known) >= _REMEMBERED:
                    known.clear()
                names = known[value] = reports.having(bytes.fromhex(key.line(value)))
            hits.update(names)
        for name, count in hits.items():
            report = reports.get(name)
            if report is not None and count >= needed(len(set(report.lines))):
                yield report

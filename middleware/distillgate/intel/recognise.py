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
        """Return some reports' names: of each source as many as of others, those that are most like
        the exchange first, so that popular lines keep no template out.
        """
        reports = self._reports()
        if self._seen != (reports, reports.changes):
            keys = (key for key in self._community.keys if reports.under(key.id))
            self._known = [(key, {}) for key in keys]
            self._seen = reports, reports.changes
        found = defaultdict[str, list[tuple[float, str]]](list)
        for key, known in self._known:
            for report, like in self._matched(exchange, reports, key, known):
                found[report.source].append((-like, report.id))
        ranked = sorted(place for some in found.values() for place in enumerate(sorted(some)))
        return tuple(name for _, (_, name) in ranked[:MOST_MATCHED])

    def _matched(
        self, exchange: Exchange, reports: Reports, key: Key, known: dict[int, tuple[str, ...]]
    ) -> Iterator[tuple[Report, float]]:
        """Return the reports that a request has enough lines of, and how alike the two are.

        By the square of their lines' cosine, times the request's: neither one line that all send
        nor many of which half are sent is as like it as its own template.
        """
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
            if report is None:
                continue
            size = len(set(report.lines))
            if count >= needed(size):
                yield report, count * count / size

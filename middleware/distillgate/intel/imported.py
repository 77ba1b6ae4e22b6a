"""What was received, as entries of the gate's own log: so all workers and restarts know it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from distillgate.campaign.reports import Report
from distillgate.engine.entries import Feed
from distillgate.engine.versions import Version
from distillgate.intel.received import Told

_AT_ONCE = 32
"""Reports in one entry."""


def told(received: Sequence[Told], now: float, by: str) -> Iterator[Feed]:
    """Return the entries that let reports hold."""
    left = iter(received)
    while some := list(islice(left, _AT_ONCE)):
        versions = tuple(Version(one.source, one.id, one.modified) for one in some)
        yield Feed(now, by, tuple(_report(one) for one in some), versions=versions)


def seen(versions: Iterable[Version], now: float, by: str) -> Iterator[Feed]:
    """Return the entries that remember versions of what is not looked for."""
    left = iter(versions)
    while some := tuple(islice(left, _AT_ONCE)):
        yield Feed(now, by, versions=some)


def withdrawn(names: Iterable[str], until: float, now: float, by: str) -> Iterator[Feed]:
    """Return the entries that let reports hold no more, nor again before a moment."""
    left = iter(names)
    while some := list(islice(left, _AT_ONCE)):
        yield Feed(now, by, withdrawn=tuple((name, until) for name in some))


def _report(one: Told) -> Report:
    lines = tuple(bytes.fromhex(line) for line in sorted(one.lines))
    return Report(one.id, one.source, one.key.id, lines, one.until)

"""Documents that take long to make: made once for all who ask, and renewed behind them."""

import asyncio
from collections.abc import Callable, Hashable
from typing import NamedTuple

from distillgate.admin.console.source import Document
from distillgate.admin.documents import unhurried
from distillgate.campaign.jobs import Job
from distillgate.oversight.errands import Errands, lasts

SECONDS = 5.0
"""Seconds for which such a document is shown again, more where it was much work (`lasts`)..."""
STALE = 60.0
"""...and for which it is shown as it was while it is renewed. Who asks later waits for another."""
LONG = 50_000
"""Steps of the work from which a document is kept."""
KEPT = 16
"""Documents that are kept, those that were asked for last: half a megabyte of JSON each at most."""

Make = Callable[[], Job[Document | None]]


class _Kept(NamedTuple):
    version: Hashable
    made: float
    worked: int
    document: Document

    def shows(self, version: Hashable, now: float, seconds: float) -> bool:
        """Return whether it may still be shown, so long after it was made."""
        return self.version == version and 0 <= now - self.made < lasts(seconds, self.worked)


class Shared:
    """Makes a document once for all who ask at a time. Belongs to one event loop."""

    def __init__(self, errands: Errands, long: int = LONG) -> None:
        self._errands = errands
        self._long = long
        self._kept: dict[Hashable, _Kept] = {}
        self._locks: dict[Hashable, asyncio.Lock] = {}

    async def document(
        self, key: Hashable, version: Hashable, now: float, make: Make
    ) -> Document | None:
        """Return the document that is kept under a key, if of this version, or else a new one.

        What is older than some seconds is shown once more, and renewed behind that.
        """
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                kept = self._kept.pop(key, None)
                if kept is not None and kept.shows(version, now, STALE):
                    self._kept[key] = kept
                    if not kept.shows(version, now, SECONDS):
                        self._errands.add(key, lambda: self._renewed(key, version, now, make))
                    return kept.document
                return await unhurried(self._made(key, version, now, make))
        finally:
            if not lock.locked():
                self._locks.pop(key, None)

    def _made(
        self, key: Hashable, version: Hashable, now: float, make: Make
    ) -> Job[Document | None]:
        """Make a document; keep it where that was much work."""
        steps, worked = make(), 0
        try:
            while True:
                done = next(steps)
                worked += done
                yield done
        except StopIteration as ended:
            found: Document | None = ended.value
        if found is not None and worked > self._long:
            self._kept[key] = _Kept(version, now, worked, found)
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return found

    def _renewed(self, key: Hashable, version: Hashable, now: float, make: Make) -> Job[None]:
        """Make a document anew; where that fails, who asks next does so, and hears why."""
        try:
            found = yield from self._made(key, version, now, make)
        except Exception:  # noqa: BLE001 - nobody waits for it who could hear of it
            found = None
        if found is None:
            self._kept.pop(key, None)

"""Documents that took long to make, kept some seconds for everybody who asks for the same."""

import asyncio
from collections.abc import Hashable
from typing import NamedTuple

from distillgate.admin.console.source import Document
from distillgate.admin.documents import unhurried
from distillgate.campaign.jobs import Job

SECONDS = 5.0
"""Seconds for which a document that took long is shown again."""
LONG = 50_000
"""Steps of the work from which a document is kept."""


class _Kept(NamedTuple):
    version: Hashable
    until: float
    document: Document


class Shared:
    """Makes a document once for all who ask at a time. Belongs to one event loop."""

    def __init__(self, long: int = LONG) -> None:
        self._long = long
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def document(
        self, kind: str, version: Hashable, now: float, make: Job[Document]
    ) -> Document:
        """Return the document that is kept of a kind, if of this version, or else a new one."""
        async with self._locks.setdefault(kind, asyncio.Lock()):
            kept = self._kept.get(kind)
            if kept is not None and kept.version == version and 0 < kept.until - now <= SECONDS:
                make.close()
                return kept.document
            worked = [0]
            found = await unhurried(_counted(make, worked))
            self._kept.pop(kind, None)
            if worked[0] > self._long:
                self._kept[kind] = _Kept(version, now + SECONDS, found)
            return found


def _counted(steps: Job[Document], worked: list[int]) -> Job[Document]:
    """Work as `steps` does, and count how much that is."""
    try:
        while True:
            done = next(steps)
            worked[0] += done
            yield done
    except StopIteration as ended:
        document: Document = ended.value
        return document

"""Snapshots of a log: taken when they are due, read at a start, and founded on."""

import asyncio
import contextlib
import secrets

from distillgate.engine.engine import Engine
from distillgate.errors import StoreError
from distillgate.log import snapshot
from distillgate.log.applier import Fold
from distillgate.log.log import Log, Observer

_SECONDS = 60.0
"""How long a snapshot may take to be written."""


class Snapshotter:
    """Writes and reads snapshots. Nothing may be applied to a fold while it is written.

    `every` is how many entries lie between two of them.
    """

    def __init__(
        self, log: Log, engine: Engine, secret: bytes, observer: Observer, *, every: int
    ) -> None:
        self._log = log
        self._engine = engine
        self._key = snapshot.check(secret)
        self._observer = observer
        self.every = every

    async def load(self, *, hurry: bool) -> Fold:
        """Read the latest snapshot that is whole; without one begin with nothing."""
        for found in await self._log.snapshots():
            state = self._engine.blank()
            try:
                head = await snapshot.read(found.chunks, state.parts(), self._key, hurry=hurry)
            except (StoreError, ValueError, LookupError, TypeError, AttributeError) as error:
                self._observer.event("snapshot_damaged", number=found.number, reason=str(error))
            else:
                return Fold(state, head)
        return Fold(self._engine.blank())

    async def found(self, old: str, fold: Fold) -> bool:
        """Begin a log on a fold, in place of the old one; everybody else begins from that.

        Return False where another process does.
        """
        name = secrets.token_hex(8)
        async with asyncio.timeout(_SECONDS):
            chunks = snapshot.write(fold.head(self._key, name, ""), fold.state.parts())
            if not await self._log.found(old, name, chunks):
                return False
        fold.name, fold.position, fold.stale = name, "", False
        if old or fold.applied:
            self._observer.event("log_founded", entries=fold.applied)
        return True

    async def write(self, fold: Fold) -> int:
        """Write a snapshot, if nobody else did or does; return when the next is due."""
        try:
            async with asyncio.timeout(_SECONDS):
                latest = await self._latest(fold.name)
                if fold.applied - latest < self.every:
                    return latest + self.every
                head = fold.head(self._key, fold.name, fold.position)
                chunks = snapshot.write(head, fold.state.parts())
                if await self._log.write_snapshot(fold.position, chunks):
                    return fold.applied + self.every
        except (StoreError, TimeoutError) as error:
            self._observer.event("snapshot_failed", reason=str(error) or type(error).__name__)
        except Exception as error:  # noqa: BLE001 - nothing is applied until this returns
            self._observer.event("snapshot_failed", reason=type(error).__name__)
            self._observer.failed("snapshot", error)
        return fold.applied + max(1, self.every // 4)

    async def _latest(self, log: str) -> int:
        """Return how many entries are applied in the latest snapshot of a log."""
        for found in await self._log.snapshots():
            with contextlib.suppress(StoreError):
                head = await snapshot.read_head(found.chunks)
                if head.log == log:
                    return head.applied
        return 0

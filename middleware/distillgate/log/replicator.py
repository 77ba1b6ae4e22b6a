"""One process's part in a log: what it has to say is appended, and what all said is applied.

Nothing here is waited for by a request. Where the log fails, or what was appended does not come
back in time, this process applies its own at once (*local*) and keeps it; when the log is back it
is appended, and the state is made anew from a snapshot and the log, as everybody else has it.
"""

import asyncio
import contextlib
import secrets
from time import monotonic

from distillgate.engine.engine import Engine
from distillgate.engine.entries import Entry
from distillgate.errors import StoreError
from distillgate.log.applier import CURRENT_SECONDS, Applier, Fold
from distillgate.log.log import Batch, Clock, CutError, DamagedError, Log, Observer, Reached
from distillgate.log.outbox import Outbox, Patience
from distillgate.log.rebuild import rebuild
from distillgate.log.settings import LogSettings
from distillgate.log.snapshotter import Snapshotter
from distillgate.log.tasks import end
from distillgate.records import encode

_RETRY_SECONDS = 0.1, 2.0
"""The pause before the log is reached for again, first and longest."""
_LOCAL_SECONDS = 0.01
"""How long own entries wait to be applied while nothing comes back."""
_PATIENCE_SECONDS = 1.0
"""How long what was written may be on its way before it is applied all the same."""
_LOOKS = 4
"""How often in its patience it is looked whether that is over."""
_BATCH_BYTES, _BACKLOG_SHARE = 65_536, 1 / 32
"""Bytes of entries that are appended at once, and of a large backlog the share: each append waits
for its turn of the loop."""
_BUSY_SECONDS = 0.05
"""How long to wait while another process founds the log."""


class Replicator:
    """Between an engine and a log. Belongs to the event loop."""

    def __init__(
        self,
        settings: LogSettings,
        log: Log,
        engine: Engine,
        *,
        secret: bytes,
        clock: Clock,
        observer: Observer,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._settings = settings
        self._log = log
        self._engine = engine
        self._snapshots = Snapshotter(
            log, engine, secret, observer, every=settings.snapshot_entries
        )
        self._clock = clock
        self._observer = observer
        self._patience = Patience(patience)
        self._outbox = Outbox(secrets.randbits(63), settings.queue_bytes)
        self._filled = asyncio.Event()
        self.applier = Applier(engine, self._outbox, observer, self._rested)
        self._reached = Reached("", "", None)
        self._lost = False
        """It was told that the log fails."""
        self._lag = 0.0
        self._moved = 0.0
        """When the log last took or gave something."""
        self._running: asyncio.Task[None] | None = None

    @property
    def local(self) -> bool:
        """Return whether own entries are applied at once."""
        return self._patience.local

    @property
    def waiting(self) -> int:
        """How many own entries have not come back."""
        return len(self._outbox)

    def publish(self, entry: Entry) -> None:
        """Take an entry of this process: it is applied when it comes back."""
        gone = self._outbox.add(entry, encode(entry), self.applier.clock())
        for sent in gone:
            if not sent.applied:
                self._engine.hold(sent.entry, held=False)
        if gone:
            self._observer.logged("dropped", len(gone))
        self._filled.set()

    async def start(self) -> None:
        """Take up what the log has, and begin; a log that cannot be had is reached for later."""
        self._filled = asyncio.Event()
        self.applier.start()
        try:
            await self._reach(hurry=True)
        except (StoreError, TimeoutError) as error:
            self._tell_lost(error)
        self._moved = monotonic()
        self._running = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """End; append what is left, as far as that is quick."""
        running, self._running = self._running, None
        if running is None:
            return
        await end(running)
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._flush()
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._log.close()

    async def _run(self) -> None:
        """Append, read and apply until cancelled, whatever the log does."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            await self._carry()

    async def _carry(self) -> None:
        pause, longest = _RETRY_SECONDS
        fresh = not self._lost
        while True:
            began = monotonic()
            try:
                await self._follow(fresh=fresh)
            except (StoreError, TimeoutError) as error:
                self._tell_lost(error)
            except Exception as error:  # noqa: BLE001 - it is reached for again
                self._observer.failed("log", error)
            fresh = False
            if monotonic() - began > longest:  # not at each try anew, as without rights to append
                pause = _RETRY_SECONDS[0]
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    async def _follow(self, *, fresh: bool) -> None:
        """Reach the log, unless it was just reached, and append and read until that fails."""
        try:
            if not fresh:
                await self._reach()
            await self._exchange()
        except CutError:
            self.applier.fold.stale = True
        except DamagedError as error:
            await self._cut_tail(error)

    async def _reach(self, *, hurry: bool = False) -> None:
        """Reach the log, and make the state its fold. Raises `StoreError`."""
        reached = await self._open()
        while not reached.name:
            if not self.applier.fold.applied:
                await self._rebuild(reached, hurry=hurry)
            if not await self._found(""):
                await asyncio.sleep(_BUSY_SECONDS)
            reached = await self._open()
        fold = self.applier.fold
        if fold.stale or fold.name != reached.name:
            # First: a log that takes nothing, such as a full one, gives no reason to begin anew.
            self._outbox.again()
            await self._flush()
            await self._rebuild(reached, hurry=hurry)
        self._again()
        if not self._outbox.waiting:
            self._tell_back()

    async def _open(self) -> Reached:
        async with asyncio.timeout(self._settings.timeout_seconds):
            began = self._clock.own()
            self._reached = reached = await self._log.open()
        self._agree(began, reached.at)
        notes, self._log.notes = self._log.notes, []
        for fields in notes:
            self._observer.event("log_set_aside", **fields)
        return reached

    async def _found(self, old: str) -> bool:
        """Begin a log on what is remembered here. Return False where another process does."""
        async with self.applier.still() as fold:
            if not await self._snapshots.found(old, fold):
                return False
            self._outbox.returned(fold.offsets.number(self._outbox.origin))
        self.applier.due = fold.applied + self._snapshots.every
        return True

    async def _cut_tail(self, error: DamagedError) -> None:
        """Leave the damaged end of the log; go on from what is remembered here."""
        self._observer.event("log_damaged", reason=str(error))
        await self._found(self._reached.name)

    async def _rebuild(self, reached: Reached, *, hurry: bool) -> None:
        """Make the state anew from the latest snapshot that is whole, and what came after it."""
        began = monotonic()
        made = await rebuild(self._snapshots, self.applier, self._log, reached, hurry=hurry)
        if made is None:
            return  # the first log of all begins on what is remembered, which may be something
        fold = made.fold
        await self.applier.adopt(fold)
        self.applier.due = made.of_snapshot + self._snapshots.every
        seconds, tail = monotonic() - began, fold.applied - made.of_snapshot
        if fold.applied:
            self._observer.event(
                "log_loaded", snapshot=made.of_snapshot, tail=tail, seconds=round(seconds, 3)
            )
        if made.damaged is not None:
            await self._cut_tail(made.damaged)
            await self._open()

    def _after(self, fold: Fold) -> str:
        return fold.position or self._reached.start

    def _again(self) -> None:
        """Append once more what has not come back: it may be lost, and counts once."""
        self._outbox.again()
        if self._outbox.waiting:
            self._filled.set()

    def _tell_lost(self, error: BaseException) -> None:
        if not self._lost:
            self._observer.event("log_lost", reason=str(error) or type(error).__name__)
        self._lost = True

    def _tell_back(self) -> None:
        if self._lost:
            self._observer.event("log_back", backlog=self._outbox.bytes)
        self._lost = False

    def _agree(self, began: float, at: float | None) -> None:
        self._moved = monotonic()
        if at is not None:
            self._clock.agree(began, at, self._clock.own())

    async def _exchange(self) -> None:
        """Append and read until one of them fails. Raises what it fails with.

        Its traceback has this frame, and a task has its traceback: what one of them was applying to
        would be kept, a whole state for each failure, since full collections are years apart.
        """
        tasks = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._read())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            while done:
                done.pop().result()
        finally:
            await end(*tasks)
            tasks.clear()

    async def _write(self) -> None:
        while True:
            await self._filled.wait()
            await asyncio.sleep(self._settings.batch_seconds)
            self._filled.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Append what there is by now: under load there is always more."""
        newest = self._outbox.newest
        while self._outbox.next <= newest:
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._append()

    async def _append(self) -> None:
        limit = max(_BATCH_BYTES, int(self._outbox.bytes * _BACKLOG_SHARE))
        sent = self._outbox.batch(limit)
        batch = Batch(self._outbox.origin, sent[0].number, [one.data for one in sent])
        began = self._clock.own()
        at = await self._log.append(encode(batch))
        self._agree(began, at)
        self._outbox.appended(sent[-1].number)
        self._tell_back()
        self._observer.logged("appended", len(sent))

    async def _read(self) -> None:
        while not self.applier.fold.stale or self.local:
            for placed in await self._log.read(self._after(self.applier.fold), wait=True):
                self._moved = monotonic()
                self._lag = max(0.0, self._clock() - placed.at)
                await self.applier.take(placed, hurry=self._lag > CURRENT_SECONDS)
                self._lag = max(0.0, self._clock() - placed.at)
        raise StoreError("own entries were applied before their turn")

    async def _watch(self) -> None:
        """Apply one's own at once while the log neither takes nor gives."""
        while True:
            await asyncio.sleep(_LOCAL_SECONDS if self.local else self._patience.seconds / _LOOKS)
            silent = monotonic() - self._moved
            local = self._patience.over(self._outbox, self.applier.clock(), silent)
            if self._patience.change(local=local, now=monotonic()):
                self._observer.event("log_local", local=local, backlog=self._outbox.bytes)
            if local:
                await self.applier.take_own()
            self._observer.log_state(local=local, lag=self._lag, backlog=self._outbox.bytes)

    async def _rested(self, fold: Fold) -> None:
        self.applier.due = await self._snapshots.write(fold)

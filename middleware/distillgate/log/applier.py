"""Applying a log: every entry once, in its order, in pieces beside the requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from time import monotonic

from distillgate.engine.engine import Engine
from distillgate.engine.entries import Entry, decode
from distillgate.engine.learner import Learner
from distillgate.engine.state import State
from distillgate.errors import StoreError
from distillgate.log.log import Batch, CutError, DamagedError, Log, Observer, Placed
from distillgate.log.outbox import Outbox
from distillgate.log.snapshot import FORMAT, Head, Pace
from distillgate.records import decoder

_ORIGINS = 1024
"""Processes, started again ones too; beyond, those that were heard of longest ago are forgotten."""


class Offsets:
    """The last number of each origin, in the order in which they were heard of."""

    def __init__(self, known: list[tuple[int, int]] | None = None) -> None:
        self._numbers: dict[int, int] = dict(known or ())

    def number(self, origin: int) -> int:
        """Return the last number of an origin; 0 of one that is not known."""
        return self._numbers.get(origin, 0)

    def missing(self, batch: Batch) -> int:
        """Return how many entries of a known origin never came before a batch."""
        last = self._numbers.get(batch.origin)
        return 0 if last is None else max(0, batch.number - last - 1)

    def note(self, origin: int, number: int) -> None:
        """Note that an entry was applied."""
        self._numbers.pop(origin, None)
        self._numbers[origin] = number
        if len(self._numbers) > _ORIGINS:
            del self._numbers[next(iter(self._numbers))]

    def dump(self) -> list[tuple[int, int]]:
        """Return all of them."""
        return [*self._numbers.items()]


CURRENT_SECONDS = 0.25
"""Who is no further behind than that has caught up."""
_SLICE_SECONDS = 0.00025
"""How long applying may hold the event loop: a request's way has some six turns of the loop, and
where much is to be applied it waits for a slice at each."""
_REST_SECONDS = 0.001
"""How long it then leaves the event loop alone: what comes back after an outage comes at once."""


class Fold:
    """A state, and of how much of the log it is the fold."""

    def __init__(self, state: State, head: Head | None = None) -> None:
        self.state = state
        self.name = "" if head is None else head.log
        self.position = "" if head is None else head.position
        """The last batch that was applied whole; empty before the first."""
        self.applied = 0 if head is None else head.applied
        """Entries applied since the state was nothing."""
        self.offsets = Offsets(None if head is None else head.offsets)
        self.now = 0.0
        """When the latest entry was."""
        self.stale = False
        """It is the fold of no log: own entries were applied before their turn, or some missed."""

    def head(self, key: str, log: str, position: str) -> Head:
        """Return what a snapshot of it is of."""
        return Head(FORMAT, key, log, position, self.applied, self.offsets.dump())

    def new(self, batch: Batch) -> Iterator[tuple[int, bytes]]:
        """Return the entries of a batch that were not applied yet, with their numbers."""
        for number, data in enumerate(batch.entries, batch.number):
            if number > self.offsets.number(batch.origin):
                yield number, data

    def note(self, origin: int, number: int, now: float) -> None:
        """Note that an entry is applied."""
        self.offsets.note(origin, number)
        self.applied += 1
        self.now = max(self.now, now)


class _Counted:
    """Counts an entry; one that fails must not keep the others away. No generator: all go by it."""

    __slots__ = ("_observer",)

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if error is None:
            self._observer.logged("applied", 1)
        elif isinstance(error, StoreError):
            self._observer.logged("damaged", 1)
        elif isinstance(error, Exception):
            self._observer.failed("apply", error)
        return isinstance(error, Exception)


class Applier:
    """Applies a log to an engine. Belongs to the event loop.

    `rested` is called, and waited for, between two entries when `due` entries are applied and the
    state can be written: nothing is applied meanwhile.
    """

    def __init__(
        self,
        engine: Engine,
        outbox: Outbox,
        observer: Observer,
        rested: Callable[[Fold], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._outbox = outbox
        self._observer = observer
        self._rested = rested
        self._counted = _Counted(observer)
        self._busy = asyncio.Lock()
        self._still_since: float | None = None
        self._stood = 0.0
        """Seconds for which nothing could be applied, in all."""
        self.fold = Fold(engine.state)
        self.due = 0

    def start(self) -> None:
        """Belong to the event loop that runs."""
        self._busy = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def still(self) -> AsyncIterator[Fold]:
        """Let nothing be applied while the block runs, and end the examination under way."""
        async with self._busy:
            with self._standing():
                pace = Pace()
                while not self.fold.state.at_rest:
                    self._engine.learner.examine(self.fold.now)
                    await pace.rest()
                yield self.fold

    def clock(self) -> float:
        """Return seconds of a clock that nobody sets, and that stands still as long as applying
        does: an entry that waits for that alone is not overdue.
        """
        now = monotonic() if self._still_since is None else self._still_since
        return now - self._stood

    async def take(self, placed: Placed, *, hurry: bool = False) -> None:
        """Apply a batch; in a hurry, without rests. Cancelled, it may be given again.

        Raises `DamagedError` for what is none.
        """
        batch, pace = _read(placed), _pace()
        own = batch.origin == self._outbox.origin
        async with self._busy:
            fold = self.fold
            if own:
                self._give_up(fold.offsets.number(batch.origin), batch.number)
            elif missing := fold.offsets.missing(batch):
                self._observer.logged("lost", missing)
            for number, data in fold.new(batch):
                sent = self._outbox.get(number) if own else None
                self._one(batch.origin, number, data, placed.at, sent.entry if sent else None)
                if sent is not None:
                    sent.applied = True
                if fold.applied >= self.due and fold.state.at_rest:
                    with self._standing():
                        await self._rested(fold)
                await pace.rest(hurry=hurry)
            if own:
                self._outbox.returned(batch.number + len(batch.entries) - 1)
            fold.position = placed.position

    async def replay(self, fold: Fold, placed: Placed) -> None:
        """Apply a batch to another fold than the engine's, in a hurry. Raises `DamagedError`."""
        batch, pace = _read(placed), _pace()
        learner = Learner(self._engine.settings, fold.state)
        for number, data in fold.new(batch):
            with self._counted:
                entry = decode(data)
                now = min(entry.at, placed.at)
                fold.note(batch.origin, number, now)
                learner.apply(entry, now)
            await pace.rest(hurry=True)
        fold.position = placed.position

    async def catch_up(self, fold: Fold, log: Log, start: str, *, gaps: bool) -> None:
        """Apply to another fold all that a log has more. Raises `StoreError`.

        Where the log does not reach back to the fold, go on with a gap, or raise `CutError`.
        """
        more = True
        while more:
            try:
                batches = await log.read(fold.position or start, wait=False)
            except CutError as error:
                if not gaps:
                    raise
                self._observer.event("log_gap", position=fold.position)
                fold.position = error.first
                continue
            for placed in batches:
                await self.replay(fold, placed)
            more = bool(batches)

    async def take_own(self) -> None:
        """Apply what this process wrote by now and has not come back: the fold is no log's then.

        What is written meanwhile waits for the next call: under load there is always more, and who
        would reach the log waits for its turn.
        """
        async with self._busy:
            fold, origin, pace = self.fold, self._outbox.origin, _pace()
            newest, behind = self._outbox.newest, False
            while (sent := self._outbox.after(fold.offsets.number(origin))) is not None:
                if sent.number > newest:
                    return
                entry = sent.entry
                fold.stale = sent.applied = True
                self._one(origin, sent.number, sent.data, entry.at, entry)
                behind = behind or self.clock() - sent.since > CURRENT_SECONDS
                await pace.rest(hurry=behind)

    async def adopt(self, fold: Fold) -> None:
        """Go on with another fold. What of one's own is not in it will come back."""
        async with self._busy:
            self.fold = fold
            self._engine.adopt(fold.state)
            known = fold.offsets.number(self._outbox.origin)
            for sent in self._outbox:
                if sent.applied != (sent.number <= known):
                    sent.applied = not sent.applied
                    self._engine.hold(sent.entry, held=not sent.applied)
                sent.since = self.clock()
            self._outbox.returned(known)

    def _give_up(self, known: int, before: int) -> None:
        """Let go of own entries that the log lost: nobody will ever apply them."""
        lost = [sent for sent in self._outbox if known < sent.number < before]
        for sent in lost:
            self._engine.hold(sent.entry, held=False)
        if lost:
            self._observer.logged("dropped", len(lost))

    def _one(self, origin: int, number: int, data: bytes, at: float, own: Entry | None) -> None:
        with self._counted:
            entry = decode(data) if own is None else own
            now = min(entry.at, at)
            self.fold.note(origin, number, now)
            self._engine.apply(entry, now, own=own is not None)

    @contextlib.contextmanager
    def _standing(self) -> Iterator[None]:
        self._still_since = monotonic()
        try:
            yield
        finally:
            self._stood += monotonic() - self._still_since
            self._still_since = None


def _pace() -> Pace:
    return Pace(slice_seconds=_SLICE_SECONDS, rest=_REST_SECONDS)


def _read(placed: Placed) -> Batch:
    try:
        batch: Batch = _BATCH(placed.data)
    except StoreError as error:
        raise DamagedError(f"the batch at {placed.position}: {error}") from error
    return batch


_BATCH = decoder(Batch)

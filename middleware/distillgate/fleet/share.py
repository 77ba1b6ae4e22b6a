"""One process's part in the evidence of all: what it learned goes into a journal, and what the
journal has, everybody's in one order, is learned.

Nothing here is waited for by a request. Where the journal fails, or what was appended does not come
back in time, this process learns its own at once (*local*), keeps it, and appends it when it can;
others then learn it in another order than this process did.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from time import monotonic, perf_counter
from typing import Any, Generic, Protocol, TypeVar

from pydantic import Field

from distillgate.errors import StoreError
from distillgate.fleet.outbox import Outbox
from distillgate.fleet.seen import Seen
from distillgate.fleet.transport import Batch, Envelope, Transport
from distillgate.settings import Positive, Settings

Entry = TypeVar("Entry")

_SLICE_SECONDS = 0.001
"""How long learning may hold the event loop."""
_RETRY_SECONDS = 0.1, 2.0
"""The pause before the journal is reached for again, first and longest."""
_LOCAL_SECONDS = 0.01
"""How long own entries wait to be learned while nothing comes back."""
_LOOKS = 4
"""How often in its patience it is looked whether that is over."""


class ShareSettings(Settings):
    """How what one process learns reaches the others."""

    collect_seconds: float = Field(default=0.01, ge=0)
    """Seconds for which entries are collected before they are appended together."""
    batch_bytes: int = Field(default=65_536, ge=1)
    """Bytes of entries that are appended at once."""
    patience_seconds: Positive = 1.0
    """Seconds after which what was appended and has not come back is learned all the same."""
    timeout_seconds: Positive = 5.0
    """Seconds after which a journal that does not answer is reached for again."""
    backlog_bytes: int = Field(default=67_108_864, ge=1)
    """Bytes of entries kept for a journal that cannot be had; beyond, the oldest stay unshared."""


class Clock(Protocol):
    """The time by which exchanges are judged; it can be moved to agree with others'."""

    def __call__(self) -> float:
        """Give seconds since the epoch."""

    def own(self) -> float:
        """Give this machine's own time."""

    def agree(self, began: float, at: float, ended: float) -> None:
        """Hear that it was `at` elsewhere, some time between two own times."""


class Observer(Protocol):
    """Hears of what happened. Called on the event loop: quick, and never raising."""

    def event(self, name: str, **fields: Any) -> None:
        """Hear of something rare."""

    def failed(self, where: str, error: BaseException) -> None:
        """Hear of an error of our own."""

    def shared(self, what: str, entries: int) -> None:
        """Count entries: `sent`, `learned`, `lost`, `dropped`, `damaged`."""

    def fleet(self, *, local: bool, lag: float, backlog: int) -> None:
        """Hear how it stands: seconds behind the journal, bytes that have not come back."""


class Share(Generic[Entry]):
    """Between what learns and a journal. Belongs to the event loop.

    `learn` is given an entry, its time, and whether this process made it; `encode` and `decode`
    write and read one, raising `StoreError`.
    """

    def __init__(
        self,
        settings: ShareSettings,
        transport: Transport,
        learn: Callable[[Entry, float, bool], None],
        *,
        encode: Callable[[Entry], bytes],
        decode: Callable[[bytes], Entry],
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._learn = learn
        self._encode = encode
        self._decode = decode
        self._clock = clock
        self._observer = observer
        self._outbox: Outbox[Entry] = Outbox(secrets.randbits(63), settings.backlog_bytes)
        self._filled = asyncio.Event()
        self._learning = asyncio.Lock()
        self.seen = Seen()
        self.position: str | None = None
        """The last batch that was learned, whole."""
        self.local = False
        """Whether own entries are learned at once."""
        self._lag = 0.0

    def __len__(self) -> int:
        """Give how many own entries have not come back."""
        return len(self._outbox)

    def publish(self, entry: Entry) -> None:
        """Take an entry of this process: it is learned when it comes back."""
        dropped = self._outbox.add(entry, self._encode(entry), self._clock(), monotonic())
        if dropped:
            self._observer.shared("dropped", dropped)
        self._filled.set()

    async def run(self) -> None:
        """Append, read and learn until cancelled, whatever the journal does."""
        self._filled, self._learning = asyncio.Event(), asyncio.Lock()  # of this event loop
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            await self._carry()

    @contextlib.asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Let nothing be learned while the block runs: the state is that of `position`."""
        async with self._learning:
            yield

    async def close(self) -> None:
        """Append what is left, as far as that is quick, and learn it; let go of the journal."""
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._settings.patience_seconds):
                while self._outbox.waiting:
                    await self._append()
        await self._learn_own()
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._settings.patience_seconds):
                await self._transport.close()

    async def _carry(self) -> None:
        shortest, longest = _RETRY_SECONDS
        pause, told = shortest, False
        while True:
            try:
                await self._reach()
                if told:
                    self._observer.event("fleet_back", backlog=self._outbox.bytes)
                pause, told = shortest, False
                await self._exchange()
            except (StoreError, TimeoutError) as error:
                if not told:
                    self._observer.event("fleet_lost", reason=str(error) or type(error).__name__)
                told = True
            except Exception as error:  # noqa: BLE001 - it is reached for again
                self._observer.failed("fleet", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    async def _reach(self) -> None:
        async with asyncio.timeout(self._settings.timeout_seconds):
            began = self._clock.own()
            at = await self._transport.open()
            self._clock.agree(began, at, self._clock.own())
            if self.position is not None and not await self._transport.reaches(self.position):
                self._observer.event("fleet_gap", position=self.position)
                self.position = None
        self._outbox.again()
        if self._outbox.waiting:
            self._filled.set()

    async def _exchange(self) -> None:
        """Append and read until one of them fails. Raises what it fails with."""
        tasks = [asyncio.ensure_future(self._write()), asyncio.ensure_future(self._read())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            await self._filled.wait()
            await asyncio.sleep(self._settings.collect_seconds)
            self._filled.clear()
            while self._outbox.waiting:
                async with asyncio.timeout(self._settings.timeout_seconds):
                    await self._append()

    async def _append(self) -> None:
        envelopes = self._outbox.batch(self._settings.batch_bytes)
        began = self._clock.own()
        at = await self._transport.append(envelopes)
        self._clock.agree(began, at, self._clock.own())
        self._outbox.appended(envelopes[-1].number)
        self._observer.shared("sent", len(envelopes))

    async def _read(self) -> None:
        while True:
            batch = await self._transport.read(self.position)
            async with self._learning:
                await self._take(batch)
                self.position = batch.position
            self._lag = max(0.0, self._clock() - batch.at)

    async def _take(self, batch: Batch) -> None:
        """Learn a batch, in pieces that hold the loop for a short time each."""
        began = perf_counter()
        for envelope in batch.envelopes:
            missed = self.seen.missed(envelope)
            if missed is None:
                continue
            if missed:
                self._observer.shared("lost", missed)
            self._learn_one(envelope, min(envelope.at, batch.at))
            self.seen.note(envelope)
            if perf_counter() - began > _SLICE_SECONDS:
                await asyncio.sleep(0)
                began = perf_counter()
        for envelope in batch.envelopes[-1:]:
            if envelope.origin == self._outbox.origin:
                self._outbox.returned(envelope.number)

    def _learn_one(self, envelope: Envelope, now: float) -> None:
        own = envelope.origin == self._outbox.origin
        sent = self._outbox.get(envelope.number) if own else None
        try:
            entry = self._decode(envelope.data) if sent is None else sent.entry
            self._learn(entry, now, own)
        except StoreError:
            self._observer.shared("damaged", 1)
        except Exception as error:  # noqa: BLE001 - one entry must not keep the others away
            self._observer.failed("learn", error)
        else:
            self._observer.shared("learned", 1)

    async def _watch(self) -> None:
        """Learn one's own at once while it does not come back."""
        patience = self._settings.patience_seconds
        while True:
            await asyncio.sleep(_LOCAL_SECONDS if self.local else patience / _LOOKS)
            oldest = self._outbox.oldest
            waited = 0.0 if oldest is None else monotonic() - oldest
            if self.local != (waited > patience):
                self.local = not self.local
                self._observer.event("fleet_local", local=self.local, backlog=self._outbox.bytes)
            if self.local:
                await self._learn_own()
            self._observer.fleet(local=self.local, lag=self._lag, backlog=self._outbox.bytes)

    async def _learn_own(self) -> None:
        """Learn what is on its way, in pieces."""
        origin = self._outbox.origin
        async with self._learning:
            began = perf_counter()
            while (sent := self._outbox.after(self.seen.number(origin))) is not None:
                self._learn_one(sent.envelope, sent.envelope.at)
                self.seen.note(sent.envelope)
                if perf_counter() - began > _SLICE_SECONDS:
                    await asyncio.sleep(0)
                    began = perf_counter()

"""One process's part in the evidence of all: what it learned goes into a journal, and what the
journal has, everybody's in one order, is learned.

Nothing here is waited for by a request. Where the journal fails, or what was appended does not come
back in time, this process learns its own at once (*local*), keeps it, and appends it when it can;
others then learn it in another order than this process did.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from pydantic import Field

from distillgate.errors import StoreError
from distillgate.fleet.learning import Learning
from distillgate.fleet.outbox import Outbox
from distillgate.fleet.transport import Transport
from distillgate.settings import Positive, Settings

Entry = TypeVar("Entry")

_RETRY_SECONDS = 0.1, 2.0
"""The pause before the journal is reached for again, first and longest."""
_LOCAL_SECONDS = 0.01
"""How long own entries wait to be learned while nothing comes back."""
_QUIET_SECONDS = 0.25
"""A journal that gives nothing for so long has given all it has."""
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
        self._encode = encode
        self._clock = clock
        self._observer = observer
        self._outbox: Outbox[Entry] = Outbox(secrets.randbits(63), settings.backlog_bytes)
        self._filled = asyncio.Event()
        self.learning = Learning(learn, decode, self._outbox, observer)
        """What was learned."""
        self._lost = False
        """It was told that the journal fails."""
        self.local = False
        """Whether own entries are learned at once."""
        self._lag = 0.0
        self._appended = 0.0
        """When something was last appended."""
        self._current = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many own entries have not come back."""
        return len(self._outbox)

    def publish(self, entry: Entry) -> None:
        """Take an entry of this process: it is learned when it comes back."""
        since = self.learning.clock()
        dropped = self._outbox.add(entry, self._encode(entry), self._clock(), since)
        if dropped:
            self._observer.shared("dropped", dropped)
        self._filled.set()

    async def start(self) -> None:
        """Begin, and wait until what the journal has is learned; not for long if it is not had."""
        self._filled, self._current = asyncio.Event(), asyncio.Event()
        self.learning.start()
        self._running = asyncio.get_running_loop().create_task(self._run())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._current.wait()

    async def close(self) -> None:
        """End; append what is left, as far as that is quick, and learn it."""
        running, self._running = self._running, None
        if running is None:
            return
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._settings.patience_seconds):
                while self._outbox.waiting:
                    await self._append()
        await self.learning.take_own()
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(self._settings.timeout_seconds):
                await self._transport.close()

    async def _run(self) -> None:
        """Append, read and learn until cancelled, whatever the journal does."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            await self._carry()

    async def _carry(self) -> None:
        shortest, longest = _RETRY_SECONDS
        pause = shortest
        while True:
            began = monotonic()
            try:
                await self._reach()
                await self._exchange()
            except (StoreError, TimeoutError) as error:
                if not self._lost:
                    self._observer.event("fleet_lost", reason=str(error) or type(error).__name__)
                self._lost = True
            except Exception as error:  # noqa: BLE001 - it is reached for again
                self._observer.failed("fleet", error)
            if monotonic() - began > longest:  # not at each try anew, as without rights to append
                pause = shortest
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)

    async def _reach(self) -> None:
        async with asyncio.timeout(self._settings.timeout_seconds):
            began = self._clock.own()
            at = await self._transport.open()
            self._clock.agree(began, at, self._clock.own())
            position = self.learning.position
            if position is not None and not await self._transport.reaches(position):
                self._observer.event("fleet_gap", position=position)
                self.learning.position = None
        self._again()
        if not self._outbox.waiting:
            self._tell_back()

    def _again(self) -> None:
        """Append once more what has not come back: it may be lost, and counts once."""
        self._appended = monotonic()
        self._outbox.again()
        if self._outbox.waiting:
            self._filled.set()

    def _tell_back(self) -> None:
        if self._lost:
            self._observer.event("fleet_back", backlog=self._outbox.bytes)
        self._lost = False

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
        self._appended = monotonic()
        self._tell_back()
        self._observer.shared("sent", len(envelopes))

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            quiet = loop.call_later(_QUIET_SECONDS, self._current.set)
            batch = await self._transport.read(self.learning.position)
            quiet.cancel()
            self._lag = max(0.0, self._clock() - batch.at)
            await self.learning.take(batch, hurry=self._lag > _QUIET_SECONDS)
            self._lag = max(0.0, self._clock() - batch.at)
            if self._lag < _QUIET_SECONDS:
                self._current.set()

    async def _watch(self) -> None:
        """Learn one's own at once while it does not come back."""
        patience = self._settings.patience_seconds
        while True:
            await asyncio.sleep(_LOCAL_SECONDS if self.local else patience / _LOOKS)
            oldest = self._outbox.oldest
            waited = 0.0 if oldest is None else self.learning.clock() - oldest
            if self.local != (waited > patience):
                self.local = not self.local
                self._observer.event("fleet_local", local=self.local, backlog=self._outbox.bytes)
            if self.local:
                await self.learning.take_own()
                if monotonic() - self._appended > self._settings.timeout_seconds:
                    self._again()
            self._observer.fleet(local=self.local, lag=self._lag, backlog=self._outbox.bytes)

"""Keeps a state in a store: loads it before anything is served, writes what changed behind it.

What changed is gathered on the event loop, which owns the state, in pieces of about a millisecond,
and written by a thread of its own, in one transaction. Nothing waits for it; where it fails, the
gate goes on, and writes everything once it can again.
"""

import asyncio
import gc
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, nullcontext
from time import perf_counter
from typing import Any, Protocol

from pydantic import Field

from distillgate.durable.changed import Parts
from distillgate.errors import StoreError
from distillgate.settings import Settings
from distillgate.stores.gather import Wanted, gather
from distillgate.stores.records import Loaded, everything, facts, load
from distillgate.stores.store import Change, DamagedError, ForeignError, Store

_MARK = "journal"
"""The fact that says what of the shared journal the records are of."""


class StoreSettings(Settings):
    """Where what is remembered is kept. Off unless a file is named; it needs `key`."""

    path: str | None = None
    """The SQLite file, for its owner alone (0600) and for one process; null keeps all in memory."""
    interval: float = Field(default=1.0, gt=0)
    """Seconds of evidence that a crash may cost, as long as writing takes less than half of it."""

    @property
    def pause(self) -> float:
        """How often to write: what came while the last flush was under way waits for the next, and
        for that one's end.
        """
        return self.interval / 4


class Observer(Protocol):
    """Hears of what happened to the file."""

    def event(self, name: str, **fields: Any) -> None:
        """Hear of something rare."""


class Journal(Protocol):
    """What several gates learn from: what a state is of it is kept with the state."""

    def still(self) -> AbstractAsyncContextManager[object]:
        """Let nothing be learned while the block runs."""

    def mark(self) -> str:
        """Say what of it was learned."""

    def resume(self, mark: str) -> None:
        """Go on from there."""


class _Said:
    """What the thread has to say, until it is said on the event loop."""

    def __init__(self) -> None:
        self._events: list[tuple[str, dict[str, Any]]] = []

    def event(self, name: str, **fields: Any) -> None:
        self._events.append((name, fields))

    def pass_on(self, observer: Observer) -> None:
        while self._events:
            name, fields = self._events.pop(0)
            observer.event(name, **fields)


class Keeper:
    """Keeps the records of some parts in a store. Belongs to the event loop.

    `pause` is how many seconds lie between two times of writing.
    """

    def __init__(
        self,
        store: Store,
        parts: Parts,
        *,
        pause: float,
        observer: Observer,
        journal: Journal | None = None,
    ) -> None:
        self._pause = pause
        self._kept = store
        self._parts = parts
        self._observer = observer
        self._journal = journal
        self._said = _Said()
        self._store: Store | None = None
        """The store, while it can be used."""
        self._thread: ThreadPoolExecutor | None = None
        self._loaded = False
        self._untaken = False
        """What the store may have was not taken up: it must not be replaced."""
        self._whole = False
        """The file lacks something: everything is to be written."""
        self._failed = False
        self._single: dict[str, bytes | None] = {}
        """The records of parts that always may have changed, as they were written."""
        self._ending = asyncio.Event()

    async def open(self, *, known: bool = False) -> None:
        """Take up what the file has; the first time only, as later the state knows better.

        `known`: it knows better already, and the file is written anew.
        Never fails: a file that cannot be used is set aside, or left alone, and told.
        """
        self._loaded = self._loaded or known
        self._ending = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="distillgate-store")
        await self._call(self._open)

    async def run(self) -> None:
        """Write what changed, now and then, until told to end."""
        wait = self._pause
        while not self._ending.is_set():
            try:
                await asyncio.wait_for(self._ending.wait(), wait)
            except TimeoutError:
                began = perf_counter()
                await self.flush()
                wait = max(0.0, self._pause - (perf_counter() - began))

    async def flush(self) -> None:
        """Write what changed since the last time."""
        if self._store is None or not await self._call(self._mine):
            return
        whole, self._whole = self._whole or self._store.lacking or self._store.others, True
        try:
            async with nullcontext() if self._journal is None else self._journal.still():
                gathered = await self._gather(whole=whole)
                mark = self._mark()
        except Exception as error:  # noqa: BLE001 - a record that cannot be written stops no gate
            self._fail(type(error).__name__)
            self._said.pass_on(self._observer)
            return
        if gathered or whole:
            self._whole = not await self._call(lambda: self._write(gathered, mark, whole=whole))
        else:
            self._whole = False

    async def close(self) -> None:
        """Write what changed to the end, and let go of the file."""
        self._ending.set()
        if self._thread is None:
            return
        await self.flush()
        await self._call(self._close)
        self._thread.shutdown()
        self._thread = None

    async def _gather(self, *, whole: bool) -> list[Change]:
        """Gather the records that changed, in pieces that hold the loop for a short time each."""

        def wanted() -> Iterator[Wanted]:
            for name, part in self._parts.items():
                taken: Iterable[Any] = part.changed.take()
                yield Wanted(name, part, sorted(part.kept()) if whole else taken)

        gathered = await gather(wanted())
        return [change for change in gathered if self._differs(change, whole=whole)]

    def _differs(self, change: Change, *, whole: bool) -> bool:
        if change.key != "":
            return True
        known, self._single[change.part] = self._single.get(change.part), change.data
        return whole or known != change.data

    async def _call(self, call: Callable[[], Any]) -> Any:
        assert self._thread is not None
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        finally:
            self._said.pass_on(self._observer)

    def _open(self) -> None:
        began = perf_counter()
        collects = gc.isenabled()
        gc.disable()  # it would walk what is loaded again and again, and find nothing
        try:
            loaded = self._load()
        except StoreError as error:
            self._untaken = True
            self._off(str(error))
            return
        finally:
            if collects:
                gc.enable()
        self._said.event("store_loaded", records=loaded.records, seconds=perf_counter() - began)

    def _load(self) -> Loaded:
        store = self._opened()
        again, self._loaded = self._loaded, True
        if self._journal is not None and not again:
            # First: where the rest cannot be taken up, nothing that was must be learned twice.
            self._journal.resume(store.fact(_MARK, ""))
        loaded = Loaded() if again else load(store, self._parts)
        if loaded.damaged:
            store = self._anew(f"{loaded.damaged} records or parts of it are damaged")
        if again or loaded.damaged or loaded.outdated:
            if store.mine():
                store.rewrite(everything(self._parts), {**facts(self._parts), **self._mark()})
            else:
                self._whole = True
        return loaded

    def _mark(self) -> dict[str, str]:
        return {} if self._journal is None else {_MARK: self._journal.mark()}

    def _opened(self) -> Store:
        self._store = store = self._kept
        try:
            store.open()
        except (ForeignError, DamagedError) as error:
            return self._anew(str(error))
        except StoreError:
            store.close(merged=False)
            raise
        return store

    def _anew(self, reason: str) -> Store:
        """Set what is there aside and begin anew."""
        self._store = store = self._kept
        self._said.event("store_set_aside", reason=reason, kept_as=store.set_aside())
        store.open()
        return store

    def _mine(self) -> bool:
        store = self._store
        try:
            if store is None or not store.mine():
                return False
            if not self._untaken or store.lacking:
                self._untaken = False
                return True
            store.close()
        except StoreError as error:
            self._fail(str(error))
            return False
        self._store = None
        self._said.event("store_off", reason="it has records that could not be taken up")
        return False

    def _write(self, gathered: list[Change], mark: dict[str, str], *, whole: bool) -> bool:
        """Write records in the thread; whether it could be done. Failures are told once."""
        store = self._store
        if store is None:
            return False
        try:
            if whole:
                kept = (change for change in gathered if change.data is not None)
                store.rewrite(kept, {**facts(self._parts), **mark})
            else:
                store.write(gathered, mark)
        except StoreError as error:
            self._fail(str(error))
            if isinstance(error, DamagedError):
                self._renew(str(error))
            return False
        self._failed = False
        return True

    def _fail(self, reason: str) -> None:
        if not self._failed:
            self._said.event("store_failed", reason=reason)
        self._failed = True

    def _off(self, reason: str) -> None:
        """Do without the store: until it can be reached, or for good."""
        if self._kept.returns:
            self._fail(reason)
        else:
            self._store = None
            self._said.event("store_off", reason=reason)

    def _renew(self, reason: str) -> None:
        try:
            self._anew(reason)
        except StoreError as error:
            self._off(str(error))

    def _close(self) -> None:
        try:
            if self._store is not None:
                self._store.close()
        except StoreError as error:
            self._said.event("store_failed", reason=str(error))
        self._store = None

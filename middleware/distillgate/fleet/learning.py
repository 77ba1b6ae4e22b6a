"""Learning what a journal has: every entry once, in its order, in pieces beside the requests."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from time import monotonic, perf_counter
from typing import Generic, Protocol, TypeVar

import msgspec

from distillgate.errors import StoreError
from distillgate.fleet.outbox import Outbox
from distillgate.fleet.seen import Seen
from distillgate.fleet.transport import Batch, Envelope

Entry = TypeVar("Entry")

_BEGINNING = '[null,"[]"]'
_SLICE_SECONDS = 0.00025
"""How long learning may hold the event loop: a request's way has some six turns of the loop, and
where much is to be learned it waits for a slice at each."""
_REST_SECONDS = 0.001
"""How long it then leaves the event loop alone: what comes back after an outage comes at once."""


class Counter(Protocol):
    """Hears of entries."""

    def shared(self, what: str, entries: int) -> None:
        """Count entries: `learned`, `lost`, `dropped`, `damaged`."""

    def failed(self, where: str, error: BaseException) -> None:
        """Hear of an error of our own."""


class Learning(Generic[Entry]):
    """What was learned of a journal, and what comes next. Belongs to the event loop."""

    def __init__(
        self,
        learn: Callable[[Entry, float, bool], None],
        decode: Callable[[bytes], Entry],
        outbox: Outbox[Entry],
        counter: Counter,
    ) -> None:
        self._learn = learn
        self._decode = decode
        self._outbox = outbox
        self._counter = counter
        self._busy = asyncio.Lock()
        self._seen = Seen()
        self._still_since: float | None = None
        self._stood = 0.0
        """Seconds for which nothing could be learned, in all."""
        self.position: str | None = None
        """The last batch that was learned, whole."""

    def start(self) -> None:
        """Belong to the event loop that runs."""
        self._busy = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Let nothing be learned while the block runs: the state is that of `mark`."""
        async with self._busy:
            self._still_since = monotonic()
            try:
                yield
            finally:
                self._stood += monotonic() - self._still_since
                self._still_since = None

    def clock(self) -> float:
        """Give seconds of a clock that nobody sets, and that stands still as long as learning does:
        an entry that waits for that alone is not overdue.
        """
        now = monotonic() if self._still_since is None else self._still_since
        return now - self._stood

    def mark(self) -> str:
        """Say what was learned: the position, and what is seen beyond it."""
        return msgspec.json.encode((self.position, self._seen.dump())).decode()

    def resume(self, mark: str) -> None:
        """Go on from a state that was kept with its mark; an empty one is the beginning.

        Raises `StoreError` for what is no mark.
        """
        try:
            position, seen = msgspec.json.decode(mark or _BEGINNING, type=tuple[str | None, str])
            self._seen.load(seen)
        except msgspec.DecodeError as error:
            raise StoreError(f"no mark of a journal: {error}") from None
        self.position = position

    async def take(self, batch: Batch, *, hurry: bool = False) -> None:
        """Learn a batch; in a hurry, without rests. Cancelled, it may be given again."""
        async with self._busy:
            began = perf_counter()
            for envelope in batch.envelopes:
                missed = self._seen.missed(envelope)
                if missed is None:
                    continue
                if envelope.origin == self._outbox.origin:
                    # What the journal lost of one's own still holds budgets, and taught nobody.
                    dropped = await self._take_own(envelope.number)
                    if dropped:
                        self._counter.shared("dropped", dropped)
                elif missed:
                    self._counter.shared("lost", missed)
                self._one(envelope, min(batch.at, envelope.at))  # of no number at all, the first
                began = await _rested(began, 0.0 if hurry else _REST_SECONDS)
            for envelope in batch.envelopes[-1:]:
                if envelope.origin == self._outbox.origin:
                    self._outbox.returned(envelope.number)
            self.position = batch.position

    async def take_own(self) -> None:
        """Learn what this process wrote and has not come back."""
        async with self._busy:
            await self._take_own(math.inf)

    async def _take_own(self, before: float) -> int:
        """Learn one's own up to a number; give how many."""
        learned, began = 0, perf_counter()
        while (sent := self._outbox.after(self._seen.number(self._outbox.origin))) is not None:
            if sent.envelope.number >= before:
                break
            self._one(sent.envelope, sent.envelope.at)
            learned += 1
            began = await _rested(began, _REST_SECONDS)
        return learned

    def _one(self, envelope: Envelope, now: float) -> None:
        own = envelope.origin == self._outbox.origin
        sent = self._outbox.get(envelope.number) if own else None
        self._seen.note(envelope)
        try:
            entry = self._decode(envelope.data) if sent is None else sent.entry
            self._learn(entry, now, own)
        except StoreError:
            self._counter.shared("damaged", 1)
        except Exception as error:  # noqa: BLE001 - one entry must not keep the others away
            self._counter.failed("learn", error)
        else:
            self._counter.shared("learned", 1)


async def _rested(began: float, rest: float) -> float:
    """Let requests go first where learning took long enough; give when it began again."""
    if perf_counter() - began < _SLICE_SECONDS:
        return began
    await asyncio.sleep(rest)
    return perf_counter()

"""Writing the traffic log: off by default, bounded, never in an exchange's way.

This is the only place that keeps text. Lines are serialised and written by one thread; what
does not fit the queue is dropped and counted, never waited for.
"""

import contextlib
import heapq
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from distillgate.errors import StoreError, WireError
from distillgate.losses import Losses
from distillgate.traffic.log import encode
from distillgate.traffic.rotate import RotatingFile
from distillgate.traffic.settings import RecordSettings
from distillgate.wire.exchange import Exchange, Outcome

_HELD_BYTES = 64 << 20
"""Bytes of lines held back for the sake of order."""

_LOOK_SECONDS = 0.5
_QUEUED = 1000
"""Exchanges that may wait for the writer; further ones are dropped and counted."""
_SETTLE_SECONDS = 60.0
"""How long a line waits for slower exchanges that began before it: the log is in order."""


@dataclass(slots=True)
class Counts:
    """What became of the exchanges given to a recorder."""

    written: int = 0
    dropped: int = 0
    """Came while the queue was full."""
    failed: int = 0
    """Could not be serialised or written."""


class _Entry(NamedTuple):
    exchange: Exchange
    document: Mapping[str, Any]
    outcome: Outcome
    ts: float


class _Held(NamedTuple):
    """A line held back. `order` breaks ties."""

    ts: float
    order: int
    taken: float
    line: bytes


class Recorder:
    """Appends exchanges to the file of its settings, from a thread of its own.

    `warn` is told loudly at the start that prompts are kept, and of the first error of the disk;
    then it is called from that thread. `losses` hears of every exchange that is not written.
    """

    def __init__(
        self,
        settings: RecordSettings,
        *,
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        losses: Losses | None = None,
        queued: int = _QUEUED,
        settle: float = _SETTLE_SECONDS,
    ) -> None:
        if settings.path is None:
            raise ValueError("a recorder needs `record.path`")
        self.counts = Counts()
        self._losses = losses or Losses()
        self._path = settings.path
        self._settle = settle
        self._warn = warn
        self._clock = clock
        self._queue: queue.Queue[_Entry | None] = queue.Queue(queued)
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="distillgate-record", daemon=True)
        self._file = RotatingFile(
            Path(settings.path), max_bytes=settings.max_bytes, keep=settings.keep
        )
        self._held: list[_Held] = []
        self._held_bytes = 0
        self._order = 0
        self._told = False

    def start(self) -> None:
        """Open the file and begin. Raises `StoreError` where the file cannot be opened."""
        try:
            self._file.open()
        except OSError as error:
            what = f"{self._path}: cannot be recorded to: {error.strerror or error}"
            raise StoreError(what) from None
        self._warn(f"RECORDING: every prompt and answer is kept in plain text in {self._path}")
        self._thread.start()

    def write(
        self, exchange: Exchange, document: Mapping[str, Any], outcome: Outcome, ts: float
    ) -> None:
        """Take one exchange that is over; `ts` is when it began. Never blocks, never raises."""
        try:
            self._queue.put_nowait(_Entry(exchange, document, outcome, ts))
        except queue.Full:
            self.counts.dropped += 1
            self._losses.add(1)

    def close(self, timeout: float = 10.0) -> None:
        """Write what was taken, for at most `timeout` seconds, and close the file."""
        self._closing = True
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)  # wakes the writer; a full queue keeps it awake anyway
        self._thread.join(timeout)

    def _run(self) -> None:
        while not (self._closing and self._queue.empty()):
            try:
                entry = self._queue.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                self._guard(self._file.flush)
                entry = None
            if entry is not None:
                self._hold(entry)
            self._release(self._clock() - self._settle)
        self._release(float("inf"))
        self._guard(self._file.close)

    def _hold(self, entry: _Entry) -> None:
        try:
            line = encode(entry.exchange, entry.document, entry.outcome, entry.ts)
        except WireError:
            self.counts.failed += 1
            self._losses.add(1)
            return
        self._order += 1
        heapq.heappush(self._held, _Held(entry.ts, self._order, self._clock(), line))
        self._held_bytes += len(line)

    def _release(self, before: float) -> None:
        """Write, oldest first, the lines taken `before` then, and more if too many are held."""
        while self._held and (self._held[0].taken <= before or self._held_bytes > _HELD_BYTES):
            held = heapq.heappop(self._held)
            self._held_bytes -= len(held.line)
            if self._guard(self._file.write, held.line):
                self.counts.written += 1
                # What was written may be in a buffer yet: while lines are lost, find out.
                if self._losses.failing and self._guard(self._file.flush):
                    self._losses.failing = False
            else:
                self.counts.failed += 1
                self._losses.add(1)

    def _guard(self, call: Callable[..., None], *arguments: bytes) -> bool:
        """Call what may meet the disk's errors; the first one is told, none ends the thread."""
        try:
            call(*arguments)
        except OSError as error:
            self._losses.failing = True
            if not self._told:
                self._told = True
                self._warn(f"{self._path}: recording fails: {error.strerror or error}")
            return False
        return True

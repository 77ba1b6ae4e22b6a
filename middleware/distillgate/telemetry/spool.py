"""Lines on their way to a file: handed over on the event loop, written by a thread.

A pipe nobody reads and a disk that hangs must not hold up a request, so a write is an append to a
bounded queue; what does not fit is dropped and counted, and the count is written when it fits.
"""

import contextlib
import errno
import os
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

import orjson

from distillgate.losses import Losses

BATCH = 1000
"""Lines a single write carries."""
PATIENCE = 2.0
"""Seconds the last lines get to be written when the process ends."""

_Queue = SimpleQueue[bytes | None]


def _gap(lines: int) -> bytes:
    return orjson.dumps({"event": "dropped", "lines": lines})


def probe(path: str) -> None:
    """Make sure that a file can be appended to: its folder is there, it may be opened, has room.

    Writes nothing, though an empty file may be left. Raises `OSError` where lines would be lost.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, b"")  # a device without room says so even to nothing
        if os.fstatvfs(descriptor).f_bavail == 0 and os.fstatvfs(descriptor).f_blocks:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(descriptor)


class Spool:
    """Writes lines to `stderr`, `stdout` or the end of a file, in order, off the event loop.

    The thread starts with the first line, and again in a process that was forked since. A file is
    opened for each batch: it may be rotated away at any time. Any thread may write. `gap` writes
    the line that says how many were dropped.
    """

    def __init__(
        self,
        destination: str,
        lines: int,
        losses: Losses | None = None,
        gap: Callable[[int], bytes] = _gap,
    ) -> None:
        self._losses = losses or Losses()
        self._gap = gap
        self._destination = destination
        self._lines = lines
        self._dropped = 0
        self._queue: _Queue = SimpleQueue()
        self._process = 0
        self._stop: weakref.finalize[[_Queue, threading.Thread], Spool] | None = None
        self._starting = threading.Lock()

    def write(self, line: bytes) -> None:
        """Hand over one line, without its newline. Never waits and never raises."""
        if self._process != os.getpid():
            self._start()
        if self._queue.qsize() >= self._lines:
            self._dropped += 1
            self._losses.add(1)
            return
        if self._dropped:
            self._queue.put(self._gap(self._dropped) + b"\n")
            self._dropped = 0
        self._queue.put(line + b"\n")

    def close(self) -> None:
        """Write what was handed over, and end the thread; the next line starts another."""
        with self._starting:
            stop, self._stop = self._stop, None
            self._process = 0
        if stop is not None:
            stop()

    def _start(self) -> None:
        with self._starting:
            if self._process == os.getpid():
                return
            self._queue = SimpleQueue()  # the old one's lines are the other process's to write
            thread = threading.Thread(
                target=_drain,
                args=(self._queue, self._destination, self._losses),
                name="distillgate-log",
                daemon=True,
            )
            # Runs when the spool is collected, and at the latest when the interpreter ends.
            self._stop = weakref.finalize(self, _end, self._queue, thread)
            self._process = os.getpid()
            thread.start()


def _end(queue: _Queue, thread: threading.Thread) -> None:
    queue.put(None)
    thread.join(PATIENCE)


def _drain(queue: _Queue, destination: str, losses: Losses) -> None:
    """Write until told to end, as much at once as there is; tell once that lines are lost."""
    failing, torn = False, True  # whoever wrote before may have been cut off
    while True:
        batch = [queue.get()]
        while len(batch) < BATCH and batch[-1] is not None:
            try:
                batch.append(queue.get_nowait())
            except Empty:
                break
        lines = b"".join(line for line in batch if line is not None)
        if lines:
            error = _write(destination, lines, torn=torn)
            torn = error is not None
            if error is not None and not failing:
                _tell(destination, error)
            failing = losses.failing = error is not None
            if failing:
                losses.add(lines.count(b"\n"))
        if batch[-1] is None:
            return


def _tell(destination: str, error: Exception) -> None:
    """Warn on standard error that lines are lost, once until some are written again."""
    why = getattr(error, "strerror", None) or type(error).__name__
    with contextlib.suppress(Exception):
        sys.stderr.write(f"distillgate: {destination}: lines are lost: {why}\n")
        sys.stderr.flush()


def _write(destination: str, lines: bytes, *, torn: bool) -> Exception | None:
    """Write a batch. A destination that fails costs the batch: a log must not stop the gate.

    What may be `torn` is looked at first: a line that a full disk cut off takes no other with it.
    """
    try:
        if destination in ("stderr", "stdout"):
            stream = getattr(sys, destination)
            stream.write(lines.decode("utf-8", "replace"))
            stream.flush()
        else:
            apart = torn and _is_torn(Path(destination))
            with Path(destination).open("ab") as file:
                file.write(b"\n" + lines if apart else lines)
    except (OSError, ValueError, AttributeError) as error:  # gone, full, closed, or no stream
        return error
    return None


def _is_torn(path: Path) -> bool:
    """Return whether a file ends within a line; False where it cannot be read."""
    with contextlib.suppress(OSError):
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                file.seek(-1, os.SEEK_END)
                return file.read() != b"\n"
    return False

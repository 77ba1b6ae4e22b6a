"""The process above the workers: starts them, passes signals on, and starts again who died.

It holds no connection and no evidence. Should it be killed, the workers go on without it, each for
itself; they are in sessions of their own, so that a terminal's ^C comes from here alone.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

METRICS, LOG, COMPLETE = "metrics", "log.db", "complete"
"""What everybody counts, the log where none is named, and a file that is there once all were ready;
in the folder that workers share."""


class Place(NamedTuple):
    """Which of the workers a process is, and where it finds what they share."""

    number: int
    """From 0."""
    folder: Path
    """Of its owner alone."""
    secret: bytes
    """The key of every hash that is kept, the same for all."""
    started: float
    """When the workers were first started."""
    ready: int
    """The file descriptor to write a byte to when it serves."""

    @property
    def log(self) -> Path:
        """The log's file, where the configuration names none."""
        return self.folder / LOG

    @property
    def complete(self) -> bool:
        """Return whether all workers were ready once. Balancers do not miss one that dies later."""
        return (self.folder / COMPLETE).exists()


FIRST_WAIT, LAST_WAIT = 0.1, 30.0
"""Seconds until a worker that died is started again: twice as many each time it dies."""
LONG = 60.0
"""Seconds a worker has to live for the next wait to be the first again."""


class Observer(Protocol):
    """Hears of what became of the workers."""

    def event(self, name: str, **fields: Any) -> None:
        """Record a rare event."""


class Supervisor:
    """Keeps some workers running until told to end. Belongs to the event loop.

    `command` is run for each; what `start` returns for its number, and for the file descriptor that
    says when it is ready, is written to its standard input.
    """

    def __init__(
        self,
        workers: int,
        command: Sequence[str],
        start: Callable[[int, int], bytes],
        *,
        observer: Observer,
        environ: Mapping[str, str],
    ) -> None:
        self._workers = workers
        self._command = command
        self._start = start
        self._observer = observer
        self._environ = {**os.environ, **environ}
        self._processes: dict[int, Process] = {}
        self._ready: set[int] = set()
        self._complete = False
        """All workers were ready once: what they are started with is of use."""
        self._ending = asyncio.Event()
        self._code = 0
        self.on_complete: Callable[[], object] = lambda: None
        self.on_ended: Callable[[int], object] = lambda _: None
        """Hears of each process that ended."""
        self.on_hangup: Callable[[], object] = lambda: None

    async def run(self) -> int:
        """Run all workers until told to end, and give the exit code.

        SIGTERM and SIGINT end all, each as it ends one process; SIGHUP is passed on. A worker that
        fails before all were ready ends the others: what it failed of would fail again.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        try:
            await asyncio.gather(*(self._keep(number) for number in range(self._workers)))
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)
        return self._code

    async def _keep(self, number: int) -> None:
        wait = FIRST_WAIT
        while not self._ending.is_set():
            began = time.monotonic()
            process, code = await self._run(number)
            if self._ending.is_set():
                return
            if code > 0 and not self._complete:
                self._code = code
                self._end(signal.SIGTERM)
                return
            wait = FIRST_WAIT if time.monotonic() - began > LONG else wait
            self._observer.event(
                "worker_ended", worker=number, process=process, code=code, again_in=wait
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)
            wait = min(2 * wait, LAST_WAIT)

    async def _run(self, number: int) -> tuple[int, int]:
        """Run a worker to its end; gives its process's number and exit code."""
        heard, told = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                env=self._environ,
                start_new_session=True,
                pass_fds=(told,),
            )
        finally:
            os.close(told)
        self._processes[number] = process
        if self._ending.is_set():
            process.terminate()
        loop = asyncio.get_running_loop()
        loop.add_reader(heard, self._hear, number, heard)
        try:
            await process.communicate(self._start(number, told))
        finally:
            loop.remove_reader(heard)
            os.close(heard)
        self._ready.discard(number)
        del self._processes[number]
        assert process.returncode is not None
        self.on_ended(process.pid)
        return process.pid, process.returncode

    def _hear(self, number: int, heard: int) -> None:
        asyncio.get_running_loop().remove_reader(heard)
        if not os.read(heard, 1):
            return
        self._ready.add(number)
        self._observer.event("worker_ready", worker=number, process=self._processes[number].pid)
        if len(self._ready) == self._workers and not self._complete:
            self._complete = True
            self.on_complete()

    def _end(self, number: signal.Signals) -> None:
        self._ending.set()
        for worker, process in self._processes.items():
            # One that only starts has no way yet to end but to be terminated.
            _signal(process, number if worker in self._ready else signal.SIGTERM)

    def _hang_up(self) -> None:
        self.on_hangup()
        for number in self._ready:  # one that only starts would not survive it
            _signal(self._processes[number], signal.SIGHUP)


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def command(module: str) -> list[str]:
    """Return the command that runs a module in this interpreter, warned of the same."""
    return [sys.executable, *(f"-W{option}" for option in sys.warnoptions), "-m", module]

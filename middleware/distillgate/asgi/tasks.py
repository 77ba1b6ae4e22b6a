"""Work beside the request path: background tasks that are kept, threads that are counted."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Tasks:
    """Keeps what runs beside requests.

    The event loop holds tasks weakly, so one that nobody keeps can vanish in mid-flight. Threads
    are few on purpose: what is offloaded here is work for a processor, and more threads than
    processors only make it later.
    """

    def __init__(self, *, threads: int = 2, backlog: int = 256) -> None:
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._single: ThreadPoolExecutor | None = None
        self._waiting: deque[Callable[[], object]] = deque()
        self._turning: asyncio.AbstractEventLoop | None = None
        """Where the first of those that wait is due."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._kept: set[asyncio.Task[Any]] = set()
        self._backlog = backlog

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> bool:
        """Run a coroutine in the background. False, and it never runs, where too many wait."""
        if len(self._tasks) >= self._backlog:
            coroutine.close()
            return False
        _begin(coroutine, self._tasks)
        return True

    def keep(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run a coroutine in the background, of which the caller bounds how many there are."""
        _begin(coroutine, self._kept)

    async def thread(self, call: Callable[[], T]) -> T:
        """Run a call in one of the few threads, and wait for it."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="distillgate")
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    async def in_turn(self, call: Callable[[], T]) -> T:
        """Run a call in the one thread for what is long and holds the interpreter's lock.

        Several at once would hand it to each other, past the event loop, and all be in memory.
        """
        if self._single is None:
            self._single = ThreadPoolExecutor(1, thread_name_prefix="distillgate-long")
        return await asyncio.get_running_loop().run_in_executor(self._single, call)

    def one_a_turn(self, call: Callable[[], object]) -> None:
        """Run a call in the event loop soon, and no other of these in the same turn of it.

        Each is some milliseconds; a hundred that are due at once would be a second.
        """
        self._waiting.append(call)
        loop = asyncio.get_running_loop()
        if self._turning is not loop:
            self._turning = loop
            loop.call_soon(self._next)

    async def turn(self) -> None:
        """Wait for such a turn of the event loop."""
        mine = asyncio.Event()
        self.one_a_turn(mine.set)
        await mine.wait()

    def _next(self) -> None:
        call = self._waiting.popleft() if self._waiting else None
        self._turning = asyncio.get_running_loop() if self._waiting else None
        if self._turning is not None:
            self._turning.call_soon(self._next)
        if call is not None:
            call()

    async def end_kept(self) -> None:
        """Cancel what is kept in this event loop, and wait until it has ended."""
        await _end(self._kept)

    async def close(self) -> None:
        """Cancel what runs in this event loop and wait until it has ended; usable again after."""
        while self._waiting:
            self._waiting.popleft()()
        await self.end_kept()
        await _end(self._tasks)
        pools, self._pool, self._single = (self._pool, self._single), None, None
        for pool in pools:
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)


def _begin(coroutine: Coroutine[Any, Any, object], among: set[asyncio.Task[Any]]) -> None:
    task = asyncio.get_running_loop().create_task(coroutine)
    among.add(task)
    task.add_done_callback(among.discard)


async def _end(those: set[asyncio.Task[Any]]) -> None:
    loop = asyncio.get_running_loop()
    tasks = [task for task in those if task.get_loop() is loop]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

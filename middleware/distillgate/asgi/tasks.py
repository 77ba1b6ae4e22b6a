"""Work beside the request path: background tasks that are kept, threads that are counted."""

import asyncio
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
        self._tasks: set[asyncio.Task[Any]] = set()
        self._backlog = backlog

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> bool:
        """Run a coroutine in the background. False, and it never runs, where too many wait."""
        if len(self._tasks) >= self._backlog:
            coroutine.close()
            return False
        loop = asyncio.get_running_loop()
        task = loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

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

    async def close(self) -> None:
        """Cancel what runs in this event loop and wait until it has ended; usable again after."""
        loop = asyncio.get_running_loop()
        tasks = [task for task in self._tasks if task.get_loop() is loop]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        pools, self._pool, self._single = (self._pool, self._single), None, None
        for pool in pools:
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)

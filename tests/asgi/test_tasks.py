import asyncio
import contextlib
import gc
import threading

from distillgate.asgi.tasks import Tasks


def test_a_task_is_kept_until_it_is_done() -> None:
    async def run() -> None:
        tasks, done, gate = Tasks(), asyncio.Event(), asyncio.Event()

        async def work() -> None:
            await gate.wait()
            done.set()

        assert tasks.spawn(work())
        gc.collect()
        gate.set()
        await asyncio.wait_for(done.wait(), 5)

    asyncio.run(run())


def test_past_the_backlog_nothing_more_is_taken() -> None:
    async def run() -> None:
        tasks = Tasks(backlog=1)

        assert tasks.spawn(asyncio.sleep(60))
        assert not tasks.spawn(asyncio.sleep(60))
        await tasks.close()
        assert tasks.spawn(asyncio.sleep(0))
        await tasks.close()

    asyncio.run(run())


def test_threads_are_as_many_as_configured_and_come_back_after_a_close() -> None:
    async def run() -> None:
        tasks, names = Tasks(threads=1), set()

        async def work() -> None:
            names.add(await tasks.thread(lambda: threading.current_thread().name))

        await asyncio.gather(*[work() for _ in range(5)])
        assert len(names) == 1
        await tasks.close()
        assert await tasks.thread(lambda: 1) == 1
        await tasks.close()

    asyncio.run(run())


def test_closing_cancels_what_runs() -> None:
    async def run() -> None:
        tasks, ended, started = Tasks(), asyncio.Event(), asyncio.Event()

        async def work() -> None:
            started.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        tasks.spawn(work())
        await started.wait()
        await tasks.close()
        assert ended.is_set()

    asyncio.run(run())


def test_what_is_long_runs_one_at_a_time_and_comes_back_after_a_close() -> None:
    async def run() -> None:
        tasks, running, most = Tasks(threads=4), 0, 0
        meet = threading.Barrier(2)

        def long() -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            with contextlib.suppress(threading.BrokenBarrierError):
                meet.wait(0.01)  # would be met if there were a second
            running -= 1

        for _ in range(2):
            await asyncio.gather(*[tasks.in_turn(long) for _ in range(5)])
            await tasks.close()
        assert most == 1

    asyncio.run(run())

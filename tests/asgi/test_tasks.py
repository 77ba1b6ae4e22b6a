import asyncio
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

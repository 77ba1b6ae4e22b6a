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


def test_of_calls_that_take_their_time_one_runs_in_a_turn_of_the_loop_and_none_is_lost() -> None:
    async def run() -> None:
        tasks, loop = Tasks(), asyncio.get_running_loop()
        done: list[object] = []

        def fail() -> None:
            done.append("failed")
            raise ValueError("meant to")

        loop.set_exception_handler(lambda _loop, told: done.append(type(told["exception"])))
        for call in (lambda: done.append(1), fail, lambda: done.append(2)):
            tasks.one_a_turn(call)
        turns = []
        for _ in range(3):
            await asyncio.sleep(0)
            turns.append(len(done))
        tasks.one_a_turn(lambda: done.append(3))
        await tasks.close()

        assert turns == [1, 3, 4]
        assert done == [1, "failed", ValueError, 2, 3]

    asyncio.run(run())

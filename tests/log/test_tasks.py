"""A task that takes a cancellation for a time-out is cancelled again, and keeps nothing then."""

import asyncio
import gc
import weakref

from distillgate.log.tasks import end


def test_tasks_end_though_one_takes_its_cancellation_for_something_else() -> None:
    taken: list[int] = []

    async def stubborn() -> None:
        while len(taken) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                taken.append(1)

    async def failing() -> None:
        raise ValueError

    async def play() -> None:
        tasks = [asyncio.ensure_future(call()) for call in (stubborn, failing)]
        await asyncio.sleep(0)
        await end(*tasks)
        assert all(task.done() for task in tasks)

    asyncio.run(play())
    assert len(taken) == 2


class Large:
    """What a task works on."""


def test_a_task_that_was_ended_keeps_nothing_of_what_it_worked_on() -> None:
    kept: list[weakref.ref[Large]] = []

    async def working() -> None:
        own = Large()
        kept.append(weakref.ref(own))
        await asyncio.Event().wait()

    async def play() -> None:
        task = asyncio.ensure_future(working())
        await asyncio.sleep(0)
        await end(task)
        assert kept[0]() is None

    gc.disable()  # a gate collects what is old once in five hundred million objects
    try:
        asyncio.run(play())
    finally:
        gc.enable()

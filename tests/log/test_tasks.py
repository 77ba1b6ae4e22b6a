"""A task that takes a cancellation for a time-out is cancelled again."""

import asyncio

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

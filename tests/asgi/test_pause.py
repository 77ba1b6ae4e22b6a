"""Answers held back: for a time, until the client goes, or until the operator says so."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Message

from distillgate.asgi.pause import Pauses

Receive = Callable[[], Awaitable[Message]]


async def silence() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def gone() -> Message:
    return {"type": "http.disconnect"}


def test_it_ends_by_itself() -> None:
    pauses = Pauses(2)

    assert asyncio.run(pauses.hold(0.001, silence))
    assert len(pauses) == 0


def test_a_client_that_goes_ends_it() -> None:
    pauses = Pauses(2)

    assert not asyncio.run(pauses.hold(3600.0, gone))
    assert len(pauses) == 0


def test_all_can_be_ended_at_once_and_no_more_are_held_than_the_bound() -> None:
    async def play() -> list[bool]:
        pauses = Pauses(3)
        async with asyncio.TaskGroup() as group:
            held = [group.create_task(pauses.hold(3600.0, silence)) for _ in range(5)]
            await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
            assert len(pauses) == 3
            assert [task.done() for task in held] == [False] * 3 + [True] * 2
            pauses.end()
        return [task.result() for task in held]

    assert asyncio.run(play()) == [True] * 5


def test_cancellation_passes_through_and_leaves_nothing_behind() -> None:
    async def play() -> None:
        pauses = Pauses(1)
        asked = asyncio.Event()

        async def receive() -> Message:
            asked.set()
            return await silence()

        task = asyncio.ensure_future(pauses.hold(3600.0, receive))
        await asked.wait()
        task.cancel()
        assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], BaseException)
        assert task.cancelled()
        assert len(pauses) == 0

    asyncio.run(play())


def test_nothing_to_wait_for_is_no_wait() -> None:
    assert asyncio.run(Pauses(1).hold(0.0, silence))

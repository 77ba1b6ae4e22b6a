"""Errands are done once however often they are asked for, a piece at a time."""

import asyncio
from functools import partial

from distillgate.campaign.jobs import Job
from distillgate.oversight.errands import Errands, lasts, piece


def test_what_is_asked_for_twice_is_done_once_and_again_when_asked_again() -> None:
    done: list[str] = []

    def work(name: str) -> Job[None]:
        yield 1
        done.append(name)

    async def ask() -> None:
        errands = Errands()
        for name in ("a", "b", "a"):
            errands.add(name, partial(work, name))
        await errands.run()
        errands.add("a", partial(work, "a again"))
        await errands.run()

    asyncio.run(ask())
    assert done == ["a", "b", "a again"]


def test_a_piece_ends_when_its_time_is_over() -> None:
    def endless() -> Job[None]:
        while True:
            yield 1

    def nothing() -> Job[None]:
        return None
        yield 1

    assert piece(endless(), 0.001) == ()
    assert piece(nothing()) == (None,)


def test_what_is_much_work_is_good_for_longer() -> None:
    assert lasts(5.0, 1000) == 5.0
    assert lasts(5.0, 2_000_000) == 40.0

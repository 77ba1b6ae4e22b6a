"""A document that took long is made once for all who ask, and renewed behind them."""

import asyncio

import pytest

from distillgate.admin.console.shared import KEPT, SECONDS, STALE, Shared
from distillgate.admin.console.source import Document
from distillgate.campaign.jobs import Job
from distillgate.oversight.errands import Errands


class Maker:
    """Makes numbered documents, of so many steps each."""

    def __init__(self, steps: int = 3000) -> None:
        self.errands = Errands()
        self.shared = Shared(self.errands, long=2000)
        self.steps = steps
        self.made = 0
        self.wrong = False

    def make(self) -> Job[Document | None]:
        for _ in range(self.steps // 1000):
            yield 1000
        if self.wrong:
            raise RuntimeError
        self.made += 1
        return {"number": self.made}

    async def ask(self, key: str = "now", version: int = 1, now: float = 0.0) -> int:
        found = await self.shared.document(key, version, now, self.make)
        assert found is not None
        number: int = found["number"]
        return number


def test_who_asks_at_once_gets_one_document_and_who_ordered_something_a_new_one() -> None:
    async def ask() -> None:
        maker = Maker()
        assert await asyncio.gather(*(maker.ask() for _ in range(20))) == [1] * 20
        assert await maker.ask("campaigns") == 2
        assert await maker.ask(now=SECONDS - 1) == 1
        assert await maker.ask(version=2, now=SECONDS - 1) == 3
        assert await maker.ask(version=2, now=SECONDS - 2) == 4, "the clock was set back"

    asyncio.run(ask())


def test_what_is_old_is_shown_once_more_and_renewed_when_there_is_time() -> None:
    async def ask() -> None:
        maker = Maker()
        assert await maker.ask() == 1
        assert [await maker.ask(now=SECONDS) for _ in range(3)] == [1, 1, 1]
        assert maker.made == 1
        await maker.errands.run()
        assert maker.made == 2
        assert await maker.ask(now=SECONDS + 1) == 2
        assert await maker.ask(now=SECONDS + STALE) == 3, "nobody had asked for long"

    asyncio.run(ask())


def test_what_takes_very_long_is_renewed_more_rarely() -> None:
    async def ask() -> None:
        maker = Maker(steps=1_000_000)
        assert await maker.ask() == 1
        assert await maker.ask(now=2 * SECONDS) == 1
        await maker.errands.run()
        assert maker.made == 1

    asyncio.run(ask())


def test_where_a_renewal_fails_who_asks_next_hears_why() -> None:
    async def ask() -> None:
        maker = Maker()
        await maker.ask()
        await maker.ask(now=SECONDS)
        maker.wrong = True
        await maker.errands.run()
        with pytest.raises(RuntimeError):
            await maker.ask(now=SECONDS)
        maker.wrong = False
        assert await maker.ask(now=SECONDS) == 2

    asyncio.run(ask())


def test_what_is_made_quickly_is_always_made_anew() -> None:
    async def ask() -> None:
        maker = Maker(steps=2000)
        assert [await maker.ask() for _ in range(3)] == [1, 2, 3]

    asyncio.run(ask())


def test_those_that_nobody_asked_for_lately_make_room() -> None:
    async def ask() -> None:
        maker = Maker()
        for key in ("first", "second", *map(str, range(KEPT - 2)), "first", "last"):
            await maker.ask(key)
        assert await maker.ask("first") == 1
        assert await maker.ask("second") == KEPT + 2

    asyncio.run(ask())

"""A document that took long is made once for all who ask within some seconds."""

import asyncio

from distillgate.admin.console.shared import SECONDS, Shared
from distillgate.admin.console.source import Document
from distillgate.campaign.jobs import Job

made: list[int] = []


def making(number: int, steps: int) -> Job[Document]:
    for _ in range(steps):
        yield 1000
    made.append(number)
    return {"number": number}


def test_who_asks_at_once_gets_one_document_and_later_ones_another() -> None:
    async def ask() -> None:
        shared = Shared(long=2000)
        asked = (shared.document("now", 1, 0.0, making(number, 3)) for number in range(20))
        assert await asyncio.gather(*asked) == [{"number": 0}] * 20
        assert await shared.document("campaigns", 1, 0.0, making(20, 3)) == {"number": 20}
        again = await shared.document("now", 1, SECONDS - 1, making(21, 3))
        ordered = await shared.document("now", 2, SECONDS - 1, making(22, 3))
        late = await shared.document("now", 2, 2 * SECONDS, making(23, 3))
        assert [one["number"] for one in (again, ordered, late)] == [0, 22, 23]

    made.clear()
    asyncio.run(ask())
    assert made == [0, 20, 22, 23]


def test_what_is_made_quickly_is_always_made_anew() -> None:
    async def ask() -> None:
        shared = Shared(long=2000)
        for number in range(3):
            found = await shared.document("now", 1, 0.0, making(number, 2))
            assert found == {"number": number}

    asyncio.run(ask())

"""Gathering holds the loop for a short time, and asks for each part when it is its turn."""

import asyncio
from collections.abc import Iterator

from distillgate.durable.changed import Lookup
from distillgate.stores.gather import Wanted, gather

RECORDS = 20_000


def test_all_that_is_wanted_comes_in_its_order() -> None:
    first: Lookup[str] = Lookup({"a": 1, "b": 2})
    second: Lookup[str] = Lookup({"c": 3})
    wanted = [Wanted("first", first, ["b", "gone"]), Wanted("second", second, ["c"])]
    gathered = asyncio.run(gather(wanted))
    assert [(one.part, one.key, one.data is None) for one in gathered] == [
        ("first", "b", False),
        ("first", "gone", True),
        ("second", "c", False),
    ]


def test_others_get_their_turn_and_each_part_is_asked_at_its_own() -> None:
    async def scene() -> int:
        part: Lookup[int] = Lookup(dict.fromkeys(range(RECORDS), 0))
        later: Lookup[int] = Lookup({})
        turns = 0

        def wanted() -> Iterator[Wanted]:
            yield Wanted("part", part, range(RECORDS))
            yield Wanted("later", later, list(later.entries))

        gathering = asyncio.ensure_future(gather(wanted()))
        while not gathering.done():
            await asyncio.sleep(0)
            turns += 1
            later.entries[1] = 1
        assert [one.part for one in gathering.result()] == ["part"] * RECORDS + ["later"]
        return turns

    assert asyncio.run(scene()) > 2

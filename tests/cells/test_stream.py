"""Where letters are left, on a real server."""

import asyncio

import pytest
from benchmarks.valkey import Valkey
from pydantic import SecretStr

from distillgate.cells.settings import CellSettings
from distillgate.cells.stream import START, Stream
from distillgate.errors import StoreError


def stream(server: Valkey, check: str, me: str, cell: str = "a") -> Stream:
    return Stream(CellSettings(url=SecretStr(server.url), name=cell), check, me)


def test_letters_come_in_one_order_and_one_gate_leads_a_cell(server: Valkey) -> None:
    async def play() -> None:
        one, other, third = (stream(server, "t1", me) for me in ("1", "2", "3"))
        elsewhere = stream(server, "t1", "4", cell="b")
        assert await one.lead()
        assert not await other.lead()
        assert await one.lead()
        assert await elsewhere.lead()
        await other.resign()  # who does not lead cannot
        assert not await third.lead()
        await one.resign()
        assert await third.lead()

        for number in range(40):
            await one.append(b"%d" % number)
        read, position = list[bytes](), START
        while letters := await elsewhere.read(position):
            read += [letter.data for letter in letters]
            position = letters[-1].position
        assert read == [b"%d" % number for number in range(40)]
        for each in (one, other, third, elsewhere):
            await each.close()

    asyncio.run(play())


def test_a_server_that_is_gone_is_an_error_of_ours_and_is_reached_anew(harmed: Valkey) -> None:
    async def play() -> None:
        one = stream(harmed, "t2", "1")
        assert await one.lead()
        harmed.stop()
        with pytest.raises(StoreError):
            await one.append(b"lost")
        harmed.start()
        assert await one.lead()
        await one.close()

    asyncio.run(play())

"""What every home of a log promises."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tests.log.conftest import Home

from distillgate.log.log import CutError, Log, ReplacedError


async def chunks(*data: bytes) -> AsyncIterator[bytes]:
    for one in data:
        yield one


async def founded(log: Log, name: str = "one") -> str:
    reached = await log.open()
    assert await log.found(reached.name, name, chunks(b"base"))
    return (await log.open()).start


async def read(log: Log, after: str) -> list[bytes]:
    return [placed.data for placed in await log.read(after, wait=False)]


def run(home: Home, test: Callable[[Log, Log], Awaitable[Any]]) -> None:
    async def play() -> None:
        one, other = home(), home()
        try:
            await test(one, other)
        finally:
            await one.close()
            await other.close()

    asyncio.run(play())


def test_a_log_is_founded_once(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        assert (await one.open()).name == (await other.open()).name == ""
        assert await one.found("", "one", chunks(b"base"))
        assert not await other.found("", "two", chunks(b"base"))
        assert (await one.open()).name == (await other.open()).name == "one"

    run(home, test)


def test_who_founds_a_log_keeps_others_from_it(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        await asyncio.gather(one.open(), other.open())

        async def slow() -> AsyncIterator[bytes]:
            yield b"base"
            assert not await other.found("", "two", chunks(b"base"))

        assert await one.found("", "one", slow())

    run(home, test)


def test_batches_are_in_one_order_for_all(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()
        sent = [f"{number}".encode() for number in range(150)]
        for number, data in enumerate(sent):
            await (one, other)[number % 2].append(data)

        found = await one.read(start, wait=False)
        assert await other.read(start, wait=False) == found
        assert (await one.read(found[9].position, wait=True))[0] == found[10]
        told = [placed.data for placed in found]
        while found := await other.read(found[-1].position, wait=False):
            told += [placed.data for placed in found]
        assert told == sent

    run(home, test)


def test_a_reader_waits_for_another_process_and_for_itself(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()
        for log in (one, other):
            reading = asyncio.ensure_future(one.read(start, wait=True))
            await asyncio.sleep(0.02)
            await log.append(b"a")
            (placed,) = await reading
            assert placed.data == b"a"
            start = placed.position

    run(home, test)


def test_the_two_latest_snapshots_are_kept_and_the_log_from_the_older_on(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()
        positions: list[str] = []
        for number in range(4):
            await one.append(f"{number}".encode())
            (placed,) = await one.read(positions[-1] if positions else start, wait=False)
            positions.append(placed.position)
            if number:
                written = chunks(f"s{number}".encode(), b"x" * 100_000)
                assert await (one, other)[number % 2].write_snapshot(placed.position, written)

        found = await one.snapshots()
        assert [[chunk async for chunk in one.chunks] for one in found] == [
            [b"s3", b"x" * 100_000],
            [b"s2", b"x" * 100_000],
        ]
        assert await read(one, positions[2]) == [b"3"]
        assert await read(other, positions[3]) == []
        with pytest.raises(CutError) as error:
            await one.read(start, wait=False)
        assert await read(one, error.value.first) == [b"3"]

    run(home, test)


def test_a_reader_that_fell_behind_an_empty_log_is_told(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()
        for _ in range(3):
            await one.append(b"a")
        last = (await one.read(start, wait=False))[-1].position
        for _ in range(2):
            assert await one.write_snapshot(last, chunks(b"s"))
        with pytest.raises(CutError):
            await other.read(start, wait=True)

    run(home, test)


def test_one_process_writes_a_snapshot_at_a_time_and_what_fails_leaves_none(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()

        async def slow() -> AsyncIterator[bytes]:
            yield b"s"
            assert not await other.write_snapshot(start, chunks(b"t"))

        async def failing() -> AsyncIterator[bytes]:
            yield b"s"
            raise ValueError("it broke")

        assert await one.write_snapshot(start, slow())
        with pytest.raises(ValueError, match="it broke"):
            await one.write_snapshot(start, failing())
        assert await other.write_snapshot(start, chunks(b"u"))
        found = await one.snapshots()
        assert [[chunk async for chunk in one.chunks] for one in found] == [[b"u"], [b"s"]]

    run(home, test)


def test_who_follows_a_log_that_is_replaced_is_told(home: Home) -> None:
    async def test(one: Log, other: Log) -> None:
        start = await founded(one)
        await other.open()
        await other.append(b"a")
        assert await other.read(start, wait=False)
        assert await one.found("one", "two", chunks(b"new"))
        with pytest.raises(ReplacedError):
            await other.append(b"b")
        with pytest.raises(ReplacedError):
            await other.read(start, wait=False)
        reached = await other.open()
        assert reached.name == "two"
        assert await read(other, reached.start) == []
        (latest, *_) = await other.snapshots()
        assert [chunk async for chunk in latest.chunks] == [b"new"]

    run(home, test)

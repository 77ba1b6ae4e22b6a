"""The hub: everything to everybody in one order, and nobody in anybody's way."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from distillgate.errors import StoreError
from distillgate.fleet.hub import Hub
from distillgate.fleet.journal import Journal
from distillgate.fleet.socket import SocketTransport
from distillgate.fleet.transport import Envelope

KEPT = 10_000


class Machine:
    """A hub and its workers in one event loop, over a real socket."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "hub"
        self.time = 100.0
        self.heard: list[tuple[int, str, Any]] = []
        self.notices: list[tuple[int, str, Any]] = []
        self.hub = Hub(
            self.path,
            Journal(KEPT),
            clock=lambda: self.time,
            heard=lambda worker, name, value: self.heard.append((worker, name, value)),
        )
        self.workers: list[SocketTransport] = []

    async def worker(self) -> SocketTransport:
        number = len(self.workers)
        worker = SocketTransport(
            self.path, number, heard=lambda *said: self.notices.append((number, *said))
        )
        self.workers.append(worker)
        await worker.open()
        return worker


@asynccontextmanager
async def machine(folder: Path) -> AsyncIterator[Machine]:
    made = Machine(folder)
    await made.hub.open()
    try:
        yield made
    finally:
        for worker in made.workers:
            await worker.close()
        await made.hub.close()


def played(scene: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scene

    asyncio.run(bounded())


def entries(origin: int, *numbers: int, size: int = 3) -> list[Envelope]:
    return [Envelope(origin, number, 1.0, b"x" * size) for number in numbers]


def test_every_worker_reads_all_in_one_order(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            first, second = await made.worker(), await made.worker()
            await asyncio.gather(
                *(first.append(entries(1, n)) for n in range(1, 20)),
                *(second.append(entries(2, n)) for n in range(1, 20)),
            )
            read: list[list[tuple[str, int, int]]] = [[], []]
            for worker, found in zip((first, second), read, strict=True):
                after = None
                for _ in range(38):
                    batch = await worker.read(after)
                    after = batch.position
                    [envelope] = batch.envelopes
                    found.append((after, envelope.origin, envelope.number))
            assert read[0] == read[1]
            for origin in (1, 2):
                numbers = [number for _, by, number in read[0] if by == origin]
                assert numbers == list(range(1, 20))

    played(scene())


def test_reading_waits_for_what_comes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            first, second = await made.worker(), await made.worker()
            reading = asyncio.ensure_future(second.read(None))
            own = asyncio.ensure_future(first.read(None))
            made.time = 200.0
            assert await first.append(entries(1, 1, 2)) == 200.0
            batch = await reading
            assert batch == await own
            assert batch.at == 200.0
            assert batch.envelopes == entries(1, 1, 2)

    played(scene())


def test_a_cancelled_reading_loses_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            worker = await made.worker()
            reading = asyncio.ensure_future(worker.read(None))
            await worker.append(entries(1, 1))
            reading.cancel()
            assert (await worker.read(None)).envelopes == entries(1, 1)

    played(scene())


def test_who_was_away_too_long_goes_on_from_the_earliest(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            worker = await made.worker()
            await worker.append(entries(1, 1, size=KEPT // 2))
            first = (await worker.read(None)).position
            assert await worker.reaches(first)
            for number in (2, 3, 4):
                await worker.append(entries(1, number, size=KEPT // 2))
            assert not await worker.reaches(first)
            assert (await worker.read(first)).envelopes[0].number == 4
            assert not await worker.reaches("of-another-7")

    played(scene())


def test_a_notice_reaches_all_others_and_who_joins_later(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            first, second = await made.worker(), await made.worker()
            first.notice("killed", value=True)
            for worker in (first, second):
                await worker.reaches("")  # answered behind what was said before
            made.hub.notice("ready", True)
            await made.worker()
            assert made.heard == [(0, "killed", True)]
            assert (1, "killed", True) in made.notices
            assert [said for said in made.notices if said[0] == 2] == [
                (2, "killed", True),
                (2, "ready", True),
            ]
            assert (0, "killed", True) not in made.notices

    played(scene())


def test_a_worker_that_goes_takes_nobody_with_it(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            first, second = await made.worker(), await made.worker()
            waiting = asyncio.ensure_future(second.read(None))
            await asyncio.sleep(0)
            await second.close()
            with pytest.raises(StoreError):
                await waiting
            await first.append(entries(1, 1))
            assert (await first.read(None)).envelopes == entries(1, 1)
            await second.open()
            assert (await second.read(None)).envelopes == entries(1, 1)

    played(scene())


def test_who_says_what_is_no_message_is_cut_off_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with machine(tmp_path) as made:
            worker = await made.worker()
            reader, writer = await asyncio.open_unix_connection(made.path)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await reader.read() == b""
            writer.close()
            assert await worker.append(entries(1, 1)) == 100.0

    played(scene())

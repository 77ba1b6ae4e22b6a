"""What workers tell each other at once, and what they give each other when one starts."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.fleet.conftest import Journal
from tests.fleet.test_handover import SECRET, learn, learning, remembered
from tests.stores.test_keeper import engine

from distillgate.fleet.hub import Hub
from distillgate.fleet.journal import Journal as HubJournal
from distillgate.fleet.worker import HUB, Place, Worker
from distillgate.telemetry import Telemetry


def worker(number: int, folder: Path) -> Worker:
    return Worker(Place(number, folder, SECRET), Telemetry())


@asynccontextmanager
async def hub(folder: Path) -> AsyncIterator[Hub]:
    made = Hub(folder / HUB, HubJournal(1000), clock=lambda: 1.0)
    await made.open()
    try:
        yield made
    finally:
        await made.close()


def played(scene: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scene

    asyncio.run(bounded())


def _note(obeyed: list[tuple[Worker, Any]], by: Worker, value: Any) -> None:
    obeyed.append((by, value))


def test_a_notice_is_obeyed_by_the_others_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        async with hub(tmp_path) as shared:
            one, other = worker(0, tmp_path), worker(1, tmp_path)
            obeyed: list[tuple[Worker, Any]] = []
            for each in (one, other):
                each.obeys["killed"] = partial(_note, obeyed, each)
                await each.transport.open()
            one.tell("killed", value=True)
            one.tell("unheard of", value=1)
            for each in (one, other):
                await each.transport.reaches("")  # answered behind what was said before
            assert obeyed == [(other, True)]
            assert not other.complete
            shared.notice("complete", value=True)
            await other.transport.reaches("")
            assert other.complete
            for each in (one, other):
                await each.close()

    played(scene())


def test_who_starts_takes_what_another_remembers(tmp_path: Path, journal: Journal) -> None:
    async def scene() -> None:
        async with hub(tmp_path):
            first, second, again = worker(0, tmp_path), worker(1, tmp_path), worker(0, tmp_path)
            engines = [engine() for _ in range(3)]
            shares = [learning(one, journal) for one in engines]
            parts = [one.state.parts() for one in engines]
            assert not await first.join(parts[0], shares[0])
            learn(engines[0], 50)
            joining = asyncio.ensure_future(second.join(parts[1], shares[1]))
            first.hold(parts[0], shares[0])
            assert await joining
            second.hold(parts[1], shares[1])
            await first.close()
            assert await again.join(parts[2], shares[2])
            assert remembered(engines[2]) == remembered(engines[0])
            for each in (second, again):
                await each.close()

    played(scene())


def test_without_a_hub_a_worker_goes_on_alone(tmp_path: Path, journal: Journal) -> None:
    async def scene() -> None:
        alone, judge = worker(0, tmp_path), engine()
        assert not alone.complete
        assert not await alone.join(judge.state.parts(), learning(judge, journal))
        assert alone.complete
        alone.tell("killed", value=True)
        await alone.close()

    played(scene())


def test_the_keeper_outlasts_the_others_and_learns_their_last(
    tmp_path: Path, journal: Journal
) -> None:
    async def scene() -> None:
        async with hub(tmp_path) as shared:
            keeper, share = worker(0, tmp_path), learning(engine(), journal)
            await keeper.transport.open()
            await keeper.outlast(share, 60.0)  # its own end is nobody else's
            shared.notice("ending", value=True)
            await keeper.transport.reaches("")
            outlasting = asyncio.ensure_future(keeper.outlast(share, 60.0))
            shared.notice("alone", "p-9")
            await keeper.transport.reaches("")
            await asyncio.sleep(0)
            assert not outlasting.done()
            share.position = "p-9"
            await outlasting
            await keeper.close()

    played(scene())


def test_the_keeper_does_not_wait_for_ever(tmp_path: Path, journal: Journal) -> None:
    async def scene() -> None:
        async with hub(tmp_path) as shared:
            keeper, share = worker(0, tmp_path), learning(engine(), journal)
            await keeper.transport.open()
            shared.notice("ending", value=True)
            await keeper.transport.reaches("")
            await keeper.outlast(share, 0.01)
            await keeper.close()

    played(scene())

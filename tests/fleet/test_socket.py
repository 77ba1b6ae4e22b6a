"""A worker's end: a hub that is gone is a `StoreError` at once, and one that is back is taken."""

import asyncio
from pathlib import Path

import pytest

from distillgate.errors import StoreError
from distillgate.fleet.hub import Hub
from distillgate.fleet.journal import Journal
from distillgate.fleet.socket import SocketTransport
from distillgate.fleet.transport import Envelope

ENTRY = [Envelope(1, 1, 1.0, b"x")]


def test_without_a_hub_every_call_fails_at_once(tmp_path: Path) -> None:
    async def scene() -> None:
        worker = SocketTransport(tmp_path / "hub", 0)
        with pytest.raises(StoreError, match="cannot be reached"):
            await worker.open()
        with pytest.raises(StoreError):
            await worker.append(ENTRY)
        with pytest.raises(StoreError):
            await worker.read(None)
        worker.notice("killed", value=True)
        await worker.close()

    asyncio.run(scene())


def test_a_hub_that_goes_fails_what_waits_and_another_is_joined(tmp_path: Path) -> None:
    async def scene() -> None:
        path = tmp_path / "hub"
        worker = SocketTransport(path, 0)
        for clock in (5.0, 9.0):
            hub = Hub(path, Journal(1000), clock=lambda clock=clock: clock)  # type: ignore[misc] # of its turn
            await hub.open()
            assert await worker.open() == clock
            assert await worker.append(ENTRY) == clock
            batch = await worker.read(None)
            assert batch.envelopes == ENTRY
            waiting = asyncio.ensure_future(worker.read(batch.position))
            await worker.reaches(batch.position)
            await hub.close()
            with pytest.raises(StoreError):
                await waiting
            with pytest.raises(StoreError):
                await worker.append(ENTRY)
            path.unlink(missing_ok=True)
        await worker.close()

    asyncio.run(scene())


def test_what_came_ahead_is_read_without_asking_again(tmp_path: Path) -> None:
    async def scene() -> None:
        hub = Hub(tmp_path / "hub", Journal(1000), clock=lambda: 1.0)
        await hub.open()
        worker = SocketTransport(tmp_path / "hub", 0)
        await worker.open()
        for number in range(3):
            await worker.append([Envelope(1, number, 1.0, b"x")])
        first = await worker.read(None)
        second = await worker.read(first.position)
        again = await worker.read(None)
        assert again == first
        assert (await worker.read(again.position)) == second
        assert (await worker.read(second.position)).envelopes[0].number == 2
        await worker.close()
        await hub.close()

    asyncio.run(scene())

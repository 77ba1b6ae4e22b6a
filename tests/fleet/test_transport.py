"""What every transport promises; `transports` gives some that share one journal."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.valkey import Valkey
from tests.fleet.conftest import Journal, MemoryTransport, redis_settings

from distillgate.fleet.redis import RedisTransport
from distillgate.fleet.socket import SocketTransport
from distillgate.fleet.transport import Envelope, Transport


@pytest.fixture(params=["memory", "hub", "redis"])
def transports(
    journal: Journal, server: Valkey, hub: Path, prefix: str, request: pytest.FixtureRequest
) -> Callable[[], Transport]:
    if request.param == "hub":
        return lambda: SocketTransport(hub, 0)
    if request.param == "memory":
        return lambda: MemoryTransport(journal)
    return lambda: RedisTransport(redis_settings(server.url, prefix))


def _envelope(number: int, origin: int = 7) -> Envelope:
    return Envelope(origin, number, 1_800_000_000.5, b"entry %d" % number)


def test_all_read_the_same_batches_in_the_same_order(
    transports: Callable[[], Transport],
) -> None:
    async def play() -> None:
        one, other = transports(), transports()
        await one.open()
        began = await other.open()
        times = [await one.append([_envelope(1), _envelope(2)])]
        times.append(await other.append([_envelope(1, origin=8)]))
        times.append(await one.append([_envelope(3)]))

        for transport in (one, other):
            after, read = None, []
            for _ in range(3):
                batch = await transport.read(after)
                after = batch.position
                read.append(batch)
            assert [batch.envelopes for batch in read] == [
                [_envelope(1), _envelope(2)],
                [_envelope(1, origin=8)],
                [_envelope(3)],
            ]
            assert [batch.at for batch in read] == times
        assert began - 1 <= times[0] <= times[1] <= times[2]
        await one.close()
        await other.close()

    asyncio.run(play())


def test_a_reader_waits_for_the_next_batch(transports: Callable[[], Transport]) -> None:
    async def play() -> None:
        one, other = transports(), transports()
        await one.open()
        await other.open()
        await one.append([_envelope(1)])
        first = await other.read(None)
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(other.read(first.position))
            await one.append([_envelope(2)])
        assert waiting.result().envelopes == [_envelope(2)]
        await one.close()
        await other.close()

    asyncio.run(play())


def test_a_position_is_reached_while_all_after_it_is_kept(
    transports: Callable[[], Transport],
) -> None:
    async def play() -> None:
        transport = transports()
        await transport.open()
        positions = []
        after = None
        for number in (1, 2, 3):
            await transport.append([_envelope(number)])
            after = (await transport.read(after)).position
            positions.append(after)

        assert [await transport.reaches(position) for position in positions] == [True] * 3
        await transport.close()

    asyncio.run(play())

"""What one worker remembers, another takes up: the same records, from the same position on."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.fleet.conftest import Journal, MemoryTransport
from tests.stores.test_keeper import ANSWER, Traffic, engine

from distillgate.asgi.context import Clock
from distillgate.engine import Engine
from distillgate.entry import decode, encode
from distillgate.errors import StoreError
from distillgate.fleet.handover import give, take
from distillgate.fleet.learning import Learning
from distillgate.fleet.share import Share, ShareSettings
from distillgate.stores.records import everything
from distillgate.telemetry import Telemetry

SECRET = b"s" * 32


def learning(judge: Engine, journal: Journal) -> Learning[Any]:
    share: Share[Any] = Share(
        ShareSettings(),
        MemoryTransport(journal),
        lambda entry, now, own: judge.apply(entry, now, own=own),
        encode=encode,
        decode=decode,
        clock=Clock(lambda: journal.now),
        observer=Telemetry(),
    )
    share.learning.start()
    return share.learning


def remembered(judge: Engine) -> list[tuple[str, Any, list[int]]]:
    """Give every record; sets are written in any order, so its bytes are sorted."""
    checksum = 4
    return [
        (one.part, one.key, sorted((one.data or b"")[checksum:]))
        for one in everything(judge.state.parts())
    ]


def learn(judge: Engine, exchanges: int) -> None:
    for exchange, now in Traffic().exchanges(exchanges):
        judge.finish(judge.begin(exchange, now), ANSWER, now)


def test_who_takes_remembers_the_same_from_the_same_position_on(
    tmp_path: Path, journal: Journal
) -> None:
    async def scene() -> None:
        giver, taker = engine(), engine()
        learn(giver, 300)
        share, other = learning(giver, journal), learning(taker, journal)
        share.resume('["41", "[[7, 5]]"]')
        path = tmp_path / "handover.db"
        await give(path, giver.state.parts(), share, SECRET)
        assert path.stat().st_mode & 0o777 == 0o600
        records = await take(path, taker.state.parts(), other, SECRET)
        taker.resume()
        assert records > 300
        assert remembered(taker) == remembered(giver)
        assert {actor.group.code for actor in taker.state.actors.values()} == {
            actor.group.code for actor in giver.state.actors.values()
        }
        assert other.mark() == share.mark()
        assert other.position == "41"
        assert not any(part.changed.watched for part in taker.state.parts().values())

    asyncio.run(scene())
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_learned_while_it_is_written_down(tmp_path: Path, journal: Journal) -> None:
    async def scene() -> None:
        share = learning(engine(), journal)
        async with share.still():
            giving = asyncio.ensure_future(give(tmp_path / "h", {}, share, SECRET))
            for _ in range(10):
                await asyncio.sleep(0)
            share.position = "8"
        await giving
        other = learning(engine(), journal)
        assert await take(tmp_path / "h", {}, other, SECRET) == 0
        assert other.position == "8"

    asyncio.run(scene())


@pytest.mark.parametrize("damage", ["another key", "damaged", "no folder"])
def test_what_cannot_be_handed_over_is_an_error(
    tmp_path: Path, journal: Journal, damage: str
) -> None:
    async def scene() -> None:
        share = learning(engine(), journal)
        path = tmp_path / ("none" if damage == "no folder" else ".") / "h"
        if damage == "another key":
            await give(path, {}, share, b"k" * 32)
        elif damage == "damaged":
            path.write_bytes(b"no database at all" * 1000)
        with pytest.raises(StoreError):
            await take(path, {}, share, SECRET)
        assert not path.exists()

    asyncio.run(scene())

"""Snapshots are taken when they are due, and passed over where they are none."""

import asyncio
from typing import Any

from tests.engine.conftest import make_engine
from tests.log.conftest import SECRET, Home
from tests.log.test_log import chunks

from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.engine.state import Kill
from distillgate.log.applier import Fold
from distillgate.log.snapshotter import Snapshotter


class Told:
    """What was told."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.errors: list[str] = []

    def event(self, name: str, **_: Any) -> None:
        self.events.append(name)

    def failed(self, where: str, error: BaseException) -> None:
        self.errors.append(f"{where}: {type(error).__name__}")

    def logged(self, what: str, entries: int) -> None:
        raise AssertionError(what, entries)

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        raise AssertionError


def folded(engine: Engine, entries: int) -> Fold:
    fold = Fold(engine.state)
    for number in range(entries):
        fold.note(5, number + 1, 1.0)
    return fold


def test_one_is_written_when_so_many_entries_came_since_the_last(home: Home) -> None:
    told, engine = Told(), make_engine()

    async def play() -> None:
        log = home()
        await log.open()
        snapshots = Snapshotter(log, engine, SECRET, told, every=100)
        fold = folded(engine, 30)
        engine.order(Order(1.0, "kill", by="ann", reason="an outage"))
        assert await snapshots.found("", fold)
        await log.open()
        assert not await snapshots.found("", fold), "there is one already"
        assert await snapshots.write(fold) == 130
        fold.applied = 130
        assert await snapshots.write(fold) == 230
        fold.applied = 150
        assert await snapshots.write(fold) == 230, "as somebody else wrote the last"
        loaded = await snapshots.load(hurry=True)
        assert (loaded.applied, loaded.offsets.number(5)) == (130, 30)
        assert loaded.state.killed
        assert loaded.state.kill == Kill(1.0, "ann", "an outage")
        await log.close()

    asyncio.run(play())
    assert told.events == ["log_founded"]
    assert told.errors == []


def test_a_state_that_cannot_be_written_is_told_of_and_tried_again_later(home: Home) -> None:
    told, engine = Told(), make_engine()

    async def play() -> None:
        log = home()
        await log.open()
        snapshots = Snapshotter(log, engine, SECRET, told, every=100)
        fold = folded(engine, 130)
        assert await snapshots.found("", fold)
        await log.open()
        fold.applied = 230
        engine.state.reloaded = 1 << 64
        assert await snapshots.write(fold) == 255
        assert (await snapshots.load(hurry=True)).applied == 130, "the one before is there"
        engine.state.reloaded = 0.0
        assert await snapshots.write(fold) == 330
        await log.close()

    asyncio.run(play())
    assert told.events == ["log_founded", "snapshot_failed"]
    assert told.errors == ["snapshot: OverflowError"]


def test_one_that_is_none_is_passed_over(home: Home) -> None:
    told, engine = Told(), make_engine()

    async def play() -> None:
        log = home()
        await log.open()
        snapshots = Snapshotter(log, engine, SECRET, told, every=100)
        assert await snapshots.found("", folded(engine, 30))
        start = (await log.open()).start
        assert await log.write_snapshot(start, chunks(b"none at all, though there are bytes"))
        assert (await snapshots.load(hurry=True)).applied == 30
        other = Snapshotter(log, engine, b"another", told, every=100)
        assert (await other.load(hurry=True)).applied == 0
        await log.close()

    asyncio.run(play())
    assert told.events.count("snapshot_damaged") == 3

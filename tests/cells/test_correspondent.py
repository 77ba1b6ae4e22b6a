"""Cells that tell each other over a real server."""

import asyncio
from typing import Any

from benchmarks.valkey import Valkey
from pydantic import SecretStr
from tests.cells.conftest import Cells
from tests.log.conftest import until

from distillgate.asgi.context import Clock
from distillgate.campaign.keys import Kind
from distillgate.cells.correspondent import Correspondent
from distillgate.cells.letter import Seal
from distillgate.cells.settings import CellSettings
from distillgate.cells.stream import Stream

SECRET = b"s" * 32


class Told:
    """What one correspondent tells its process."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.events: list[str] = []
        self.errors: list[str] = []

    def logged(self, what: str, entries: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + entries

    def event(self, name: str, **fields: Any) -> None:
        self.events.append(name)

    def failed(self, where: str, error: BaseException) -> None:
        self.errors.append(f"{where}: {error!r}")

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        raise AssertionError("a correspondent has no log")


def join(
    cells: Cells, server: Valkey, cell: int, secret: bytes = SECRET
) -> tuple[Correspondent, Told]:
    told = Told()
    settings = CellSettings(url=SecretStr(server.url), name=f"cell-{cell}")
    clock = Clock(lambda: cells.world.now)
    made = Correspondent(
        settings, cells.engines[cell], secret=secret, clock=clock, observer=told, turn=0.02
    )
    return made, told


def test_cells_learn_of_each_other_what_they_did_not_see(harmed: Valkey) -> None:
    cells = Cells(3)
    joined = [join(cells, harmed, cell) for cell in range(3)]

    async def play() -> None:
        traffic = cells.dealt(45, 160)
        for at in range(0, len(traffic), 40):
            cells.play(traffic[at : at + 40], every=None)
            for one, _ in joined:
                await one.turn()
        for one, _ in joined:
            await one.turn()
            await one.close()

    asyncio.run(play())
    for engine, (_, told) in zip(cells.engines, joined, strict=True):
        assert told.counts["told"] < told.counts["heard"]
        assert "unread" not in told.counts
        assert told.errors == []
        group = next(group for group in engine.state.groups if group.kind is Kind.TURN)
        assert group.exchanges + group.elsewhere >= 0.8 * 160


def test_a_second_gate_of_a_cell_says_nothing_until_the_first_is_gone(harmed: Valkey) -> None:
    cells = Cells(1)
    cells.play(cells.dealt(30, 100), every=None)
    (first, told), (second, after) = join(cells, harmed, 0), join(cells, harmed, 0)

    async def play() -> None:
        await first.turn()
        await second.turn()
        assert told.counts["told"] > 0
        assert after.counts == {}
        first.start()
        await first.close()
        await second.turn()
        # It reads what the first told of the groups, none of which has grown since.
        assert after.counts == {}
        cells.play(cells.dealt(30, 40), every=None)
        await second.turn()
        assert after.counts["told"] > 0
        await second.close()

    asyncio.run(play())


def test_what_was_not_sealed_with_the_key_is_counted_and_not_learned(harmed: Valkey) -> None:
    cells = Cells(2)
    cells.play(cells.dealt(30, 100), every=None)
    (hearing, told), stranger = join(cells, harmed, 0), Seal(b"another")

    async def play() -> None:
        settings = CellSettings(url=SecretStr(harmed.url), name="forged")
        stream = Stream(settings, Seal(SECRET).check, "me")
        group = next(iter(cells.engines[1].state.groups))
        await stream.append(stranger.close(cells.summary(cells.engines[1], group, "forged")))
        await stream.append(b"nothing of ours")
        await stream.close()
        await hearing.turn()
        await hearing.close()

    asyncio.run(play())
    assert told.counts["unread"] == 2
    assert "heard" not in told.counts
    assert len(cells.engines[0].state.groups.elsewhere) == 0


def test_a_letter_of_long_ago_is_not_believed_again(harmed: Valkey) -> None:
    cells = Cells(2)
    cells.play(cells.dealt(30, 100), every=None)
    (hearing, told), seal = join(cells, harmed, 0), Seal(SECRET)

    async def play() -> None:
        settings = CellSettings(url=SecretStr(harmed.url), name="old")
        stream = Stream(settings, seal.check, "me")
        group = next(iter(cells.engines[1].state.groups))
        letter = seal.close(cells.summary(cells.engines[1], group, "cell-1"))
        cells.world.now += cells.engines[0].state.groups.elsewhere.seconds + 1
        await stream.append(letter)
        await hearing.turn()
        assert "heard" not in told.counts
        await stream.append(seal.close(cells.summary(cells.engines[1], group, "cell-1")))
        await hearing.turn()
        assert told.counts["heard"] == 1
        await stream.close()
        await hearing.close()

    asyncio.run(play())
    assert "unread" not in told.counts


def test_a_server_that_is_away_is_told_once_and_harms_nothing(harmed: Valkey) -> None:
    cells = Cells(2)
    cells.play(cells.dealt(30, 100), every=None)
    (one, told), (other, heard) = join(cells, harmed, 0), join(cells, harmed, 1)

    async def play() -> None:
        harmed.stop()
        one.start()
        other.start()
        await until(lambda: bool(told.events and heard.events))
        cells.play(cells.dealt(30, 20), every=None)
        harmed.start()
        await until(lambda: "cells_back" in told.events and "heard" in heard.counts)
        await one.close()
        await other.close()

    asyncio.run(play())
    assert told.events == ["cells_lost", "cells_back"]
    assert told.errors == heard.errors == []

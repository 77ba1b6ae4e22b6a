"""What one gate of a cell heard goes through the cell's own log."""

import asyncio
from pathlib import Path

from tests.cells.conftest import Cells
from tests.log.conftest import Process, file, running, until

from distillgate.campaign.summary import MERGEABLE


def test_all_gates_of_a_cell_learn_what_one_of_them_heard_and_a_restart_does(
    tmp_path: Path,
) -> None:
    other = Cells(1)
    other.play(other.dealt(30, 150), every=None)
    engine = other.engines[0]
    groups = [group for group in engine.state.groups if group.kind in MERGEABLE]
    told = [other.summary(engine, group, "other") for group in groups]
    path = tmp_path / "log.db"

    async def play() -> None:
        one, two = Process(file(path)), Process(file(path))
        async with running(one, two):
            for summary in told:
                one.engine.hand(summary)
            one.engine.hand(told[0])
            await until(lambda: one.applied == two.applied == len(told) + 1)
            assert len(two.engine.state.groups.elsewhere) == len(told)
            assert one.state == two.state
        again = Process(file(path))
        async with running(again):
            assert again.state == one.state

    asyncio.run(play())

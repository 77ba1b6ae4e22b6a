"""What workers tell each other at once."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from distillgate.fleet.hub import Hub
from distillgate.fleet.journal import Journal
from distillgate.fleet.worker import HUB, Place, Worker


def _note(obeyed: list[tuple[Worker, Any]], worker: Worker, value: Any) -> None:
    obeyed.append((worker, value))


def test_a_notice_is_obeyed_by_the_others_alone(tmp_path: Path) -> None:
    async def scene() -> None:
        hub = Hub(tmp_path / HUB, Journal(1000), clock=lambda: 1.0)
        await hub.open()
        one, other = (Worker(Place(number, tmp_path, b"key")) for number in (0, 1))
        obeyed: list[tuple[Worker, Any]] = []
        for worker in (one, other):
            worker.obeys["killed"] = partial(_note, obeyed, worker)
            await worker.join()
        one.tell("killed", value=True)
        one.tell("unheard of", value=1)
        for worker in (one, other):
            await worker.transport.reaches("")  # answered behind what was said before
        assert obeyed == [(other, True)]
        assert not other.complete
        hub.notice("complete", value=True)
        await other.transport.reaches("")
        assert other.complete
        for worker in (one, other):
            await worker.transport.close()
        await hub.close()

    asyncio.run(scene())


def test_without_a_hub_a_worker_is_complete_by_itself(tmp_path: Path) -> None:
    worker = Worker(Place(0, tmp_path, b"key"))
    assert not worker.complete
    asyncio.run(worker.join())
    assert worker.complete
    worker.tell("killed", value=True)

"""A state made anew is the latest snapshot and all that the log has after it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.log.conftest import Home, Process, play, running, settled, snapshot_of, traffic_of

from distillgate.log.log import Log, Placed

SHORT = 200


class Overtaken:
    """A log of which others write snapshots just before it is read for the first time."""

    def __init__(self, log: Log, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._log, self._meanwhile = log, meanwhile
        self._read = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def read(self, after: str, *, wait: bool) -> list[Placed]:
        if not self._read:
            self._read = True
            await self._meanwhile()
        return await self._log.read(after, wait=wait)


def test_who_is_overtaken_by_others_snapshots_while_it_starts_has_no_gap(home: Home) -> None:
    async def test() -> None:
        one, sent = Process(home(), snapshot_entries=100), iter(traffic_of(3 * SHORT))

        async def more(entries: int) -> None:
            await play((next(sent) for _ in range(SHORT)), [one])
            await settled(one)
            await snapshot_of(one, entries)

        async def overtake() -> None:
            await more(800)
            await more(1300)  # now the log no longer reaches back to the first

        async with running(one):
            await more(300)
            log: Any = Overtaken(home(), overtake)
            joined = Process(log, snapshot_entries=1_000_000)
            async with running(joined):
                await settled(one, joined)
                assert not joined.heard("log_gap")
                assert joined.state == one.state
                [loaded] = joined.heard("log_loaded")
                assert loaded["snapshot"] >= 1300

    asyncio.run(test())

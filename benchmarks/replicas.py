"""Replicas of two workers each on one server, under load: a worker is killed, a replica joins.

    python -m benchmarks replicas

What workers remember shows in the snapshots that they write in turns. Each is compared, byte by
byte, with what one engine remembers that applies the log alone, entry by entry, from its beginning.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.fleet import KEY, Fleet, Gate
from benchmarks.machine import Cores
from benchmarks.report import Table
from benchmarks.valkey import valkey
from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.engine.entries import decode
from distillgate.engine.learner import Learner
from distillgate.engine.state import State
from distillgate.log import snapshot
from distillgate.log.log import Batch, Placed
from distillgate.log.settings import LogSettings
from distillgate.log.stream import StreamLog
from distillgate.log.tasks import end
from distillgate.records import decoder

RATE = 60.0
"""Requests a second."""
SECONDS = 45.0
CLIENTS = 24
EVERY = 250
"""Entries between two snapshots."""
_CALLS = 12
"""Calls of one account."""
_PAUSE = 0.05
_AFTER = 3.0
"""Seconds after the load in which the last snapshot is written."""
_ON_WAY = 1.0
"""Seconds after a kill in which what a worker had in hand fails."""
_BATCH = decoder(Batch)


@dataclass
class Load:
    """Clients of many accounts, over all replicas there are."""

    gates: list[Gate]
    answered: int = 0
    failed: list[float] = field(default_factory=list)
    """When a request got no answer."""
    lost: int = 0
    """Of those, the ones that failed again on another connection."""
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def run(self, seconds: float) -> None:
        """Send for so long."""
        until = time.monotonic() + seconds
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(self._client(session, until) for _ in range(CLIENTS)))

    async def _client(self, session: aiohttp.ClientSession, until: float) -> None:
        account = 0
        for turn in itertools.count():
            if time.monotonic() >= until:
                return
            number = next(self._numbers)
            account = account if turn % _CALLS else number
            if not await self._send(session, number, account):
                self.failed.append(time.monotonic())
                self.lost += not await self._send(session, number, account)
            await asyncio.sleep(CLIENTS / RATE)

    async def _send(self, session: aiohttp.ClientSession, number: int, account: int) -> bool:
        gate = self.gates[number % len(self.gates)]
        url = f"http://127.0.0.1:{gate.server.port}/v1/chat/completions"
        text = f"Mark this answer and say in two lines why.\n{number} is {number % 7} or {account}."
        body = {"model": "m", "messages": [{"role": "user", "content": text}]}
        try:
            headers = {"authorization": f"Bearer sk-{account}"}
            async with session.post(url, json=body, headers=headers) as answer:
                await answer.read()
                self.answered += answer.status == 200
                return answer.status == 200
        except aiohttp.ClientError:
            return False


class Follower:
    """Reads all that the log has, and each snapshot that is written."""

    def __init__(self, url: str) -> None:
        self._log = StreamLog(LogSettings.model_validate({"url": url}), KEY.encode())
        self.batches: list[Placed] = []
        self.snapshots: dict[int, list[bytes]] = {}

    async def follow(self) -> None:
        """Read until cancelled."""
        position = (await self._log.open()).start
        while True:
            for placed in await self._log.read(position, wait=False):
                self.batches.append(placed)
                position = placed.position
            for found in await self._log.snapshots():
                if found.number not in self.snapshots:
                    self.snapshots[found.number] = [chunk async for chunk in found.chunks]
            await asyncio.sleep(_PAUSE)

    async def compare(self) -> list[tuple[int, bool]]:
        """Apply the log by one engine; return the entries in each snapshot, and whether it is that
        engine's state to the byte.
        """
        engine = build(Config.model_validate({"key": KEY})).engine
        one, found, known = engine.blank(), list[tuple[int, bool]](), dict[int, int]()
        learner, left = Learner(engine.settings, one), self.entries()
        waiting = next(left, None)
        for _, chunks in sorted(self.snapshots.items()):
            state, key = engine.blank(), snapshot.check(KEY.encode())
            head = await snapshot.read(_each(chunks), state.parts(), key, hurry=True)
            offsets = dict(head.offsets)
            while waiting is not None and waiting[1] <= offsets.get(waiting[0], 0):
                origin, number, at, data = waiting
                if number > known.get(origin, 0):  # what is appended again counts once
                    known[origin], entry = number, decode(data)
                    learner.apply(entry, min(entry.at, at))
                waiting = next(left, None)
            found.append((head.applied, known == offsets and _bytes(state) == _bytes(one)))
        return found

    def entries(self) -> Iterator[tuple[int, int, float, bytes]]:
        """Return who wrote each entry, its number, when it was appended, and the entry."""
        for placed in self.batches:
            batch = _BATCH(placed.data)
            for number, data in enumerate(batch.entries, batch.number):
                yield batch.origin, number, placed.at, data


async def _each(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def _bytes(state: State) -> dict[str, list[bytes]]:
    return {name: [*part.dump()] for name, part in state.parts().items()}


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Load, kill, join and compare; `quick` a third of the time."""
    del calibration
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(valkey())
        fleet = Fleet(stack, cores.server)
        log = {"url": server.url, "snapshot_entries": EVERY}
        gates = [fleet.gate(log=log, workers=2) for _ in range(2)]
        return asyncio.run(_run(fleet, gates, log, SECONDS / 3 if quick else SECONDS))


async def _run(
    fleet: Fleet, gates: list[Gate], log: dict[str, Any], seconds: float
) -> dict[str, Any]:
    load, follower = Load([*gates]), Follower(log["url"])
    async with asyncio.TaskGroup() as group:
        following = group.create_task(follower.follow())
        running = group.create_task(load.run(seconds))
        await asyncio.sleep(seconds / 3)
        os.kill(_worker(gates[0].server.process), signal.SIGKILL)
        killed = time.monotonic()
        await asyncio.sleep(seconds / 6)
        load.gates.append(await asyncio.to_thread(fleet.gate, log=log, workers=2))
        await running
        await asyncio.sleep(_AFTER)
        await end(following)
    compared = await follower.compare()
    on_way = sum(0 <= at - killed <= _ON_WAY for at in load.failed)
    return {
        "answered": load.answered,
        "on_way": on_way,
        "failed": len(load.failed) - on_way,
        "lost": load.lost,
        "entries": sum(1 for _ in follower.entries()),
        "compared": compared,
    }


def _worker(above: int) -> int:
    """Return a worker of the process above."""
    children = Path(f"/proc/{above}/task/{above}/children").read_text().split()
    return next(
        int(one)
        for one in reversed(children)
        if b"resource_tracker" not in Path(f"/proc/{one}/cmdline").read_bytes()
    )


def tables(result: dict[str, Any]) -> list[Table]:
    """Lay out what failed, and what was compared."""
    compared = result["compared"]
    rows = [
        ("requests answered", f"{result['answered']:,}"),
        ("failed in the hands of the worker that was killed", str(result["on_way"])),
        ("failed otherwise", str(result["failed"])),
        ("failed again when sent again", str(result["lost"])),
        ("entries in the log", f"{result['entries']:,}"),
        ("snapshots by workers", str(len(compared))),
        ("of those, equal to one engine's state", str(sum(same for _, same in compared))),
    ]
    title = "2 replicas of 2 workers, one worker killed, a third replica joining"
    return [Table(title, ("", ""), rows)]

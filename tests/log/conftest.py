"""Both homes of a log, a real server for the second, and processes that share one."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from benchmarks.valkey import Valkey, valkey
from pydantic import SecretStr
from tests.engine.conftest import make_engine
from tests.engine.test_learner import SETTINGS, exchange, traffic
from tests.remembering import Remembered, remembered

from distillgate.asgi.context import Clock
from distillgate.engine.engine import Engine
from distillgate.log.file import FileLog
from distillgate.log.log import Log
from distillgate.log.replicator import Replicator
from distillgate.log.settings import LogSettings
from distillgate.log.stream import StreamLog

SECRET = b"a secret"
NOW = 1.7e9
"""What time it is in the tests of processes: before that of a real server."""
Home = Callable[[], Log]
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Valkey]:
    """A server that no test harms: every test has a prefix of its own."""
    with valkey() as running:
        yield running


@pytest.fixture
def harmed() -> Iterator[Valkey]:
    """A server for one test, to do with as it likes."""
    with valkey() as running:
        yield running


@pytest.fixture
def prefix() -> str:
    """What no other test's keys begin with."""
    return f"test-{next(_numbers)}"


def stream(url: str, prefix: str = "p", **more: object) -> StreamLog:
    given = {"url": SecretStr(url), "prefix": prefix, "timeout_seconds": 2.0, **more}
    return StreamLog(LogSettings.model_validate(given), SECRET)


def file(path: Path, secret: bytes = SECRET) -> FileLog:
    return FileLog(path, secret, poll=0.005, clock=lambda: NOW)


@pytest.fixture(params=["file", "stream"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    """Make logs of one place, as several processes do."""
    if request.param == "file":
        return lambda: file(tmp_path / "log.db")
    server, prefix = (request.getfixturevalue(name) for name in ("server", "prefix"))
    return lambda: stream(server.url, prefix)


class Process:
    """One process that shares a log: an engine, and what was told of it."""

    def __init__(self, log: Log, *, patience: float = 20.0, **settings: Any) -> None:
        self.engine: Engine = make_engine(SETTINGS, enforce=True)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.counts: dict[str, int] = {}
        self.errors: list[str] = []
        self.log = log
        given = {"batch_seconds": 0.005, "timeout_seconds": 2.0, **settings}
        self.replicator = Replicator(
            LogSettings.model_validate(given),
            log,
            self.engine,
            secret=SECRET,
            clock=Clock(lambda: NOW),
            observer=self,
            patience=patience,
        )

    def heard(self, name: str) -> list[dict[str, Any]]:
        return [fields for event, fields in self.events if event == name]

    @property
    def state(self) -> Remembered:
        return remembered(self.engine.state)

    @property
    def applied(self) -> int:
        return self.replicator.applier.fold.applied

    @property
    def accounts(self) -> set[str]:
        return {account.name for account in self.engine.state.accounts}

    async def start(self) -> None:
        await self.replicator.start()
        self.engine.publish = self.replicator.publish

    async def close(self) -> None:
        await self.replicator.close()
        self.engine.publish = None

    def event(self, name: str, **fields: Any) -> None:
        self.events.append((name, fields))

    def failed(self, where: str, error: BaseException) -> None:
        self.errors.append(f"{where}: {error!r}")

    def logged(self, what: str, entries: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + entries

    def log_state(self, *, local: bool, lag: float, backlog: int) -> None:
        assert lag >= 0
        assert backlog >= 0


@contextlib.asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    await asyncio.gather(*(process.start() for process in processes))
    try:
        yield
    finally:
        await asyncio.gather(*(process.close() for process in processes))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - of processes that nobody tells
            await asyncio.sleep(0.005)


async def settled(*processes: Process) -> None:
    """Wait until all have applied what all have to say."""
    await until(lambda: not any(process.replicator.waiting for process in processes))
    # Who applied its own before their turn makes its state anew.
    await until(lambda: not any(process.replicator.applier.fold.stale for process in processes))
    most = max(process.applied for process in processes)
    await until(lambda: all(process.applied >= most for process in processes))
    await until(lambda: all(process.engine.state.at_rest for process in processes))


async def snapshot_of(process: Process, entries: int) -> None:
    """Wait until a snapshot of so many entries is written."""
    snapshots, log = process.replicator._snapshots, process.replicator.applier.fold.name
    async with asyncio.timeout(60):
        while await snapshots._latest(log) < entries:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


async def play(sent: Iterator[Any], processes: list[Process], seed: int = 1) -> None:
    """Let exchanges go through any of the processes."""
    pick = Random(seed)
    for one in sent:
        exchange(pick.choice(processes).engine, one)
        await asyncio.sleep(0)


def traffic_of(number: int) -> list[Any]:
    """Return exchanges of a campaign and of people, as they were a while ago."""
    return [(now - 1.1e8, *others) for now, *others in traffic(number)]

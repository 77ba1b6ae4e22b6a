"""A real server of the test session; and a journal without one, for what can be said without."""

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmarks.valkey import Valkey, valkey
from pydantic import SecretStr

from distillgate.errors import StoreError
from distillgate.fleet.hub import Hub
from distillgate.fleet.journal import Journal as HubJournal
from distillgate.fleet.settings import RedisSettings
from distillgate.fleet.transport import Batch, Envelope


class Journal:
    """What every `MemoryTransport` of a test appends to; it fails and stalls on demand."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.first = 0
        self.now = 1_800_000_000.0
        self.broken = False
        self.grown = asyncio.Event()

    def forget(self, batches: int) -> None:
        """Trim it."""
        self.first += batches


class MemoryTransport:
    """A transport within one process."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def open(self) -> float:
        self._check()
        return self.journal.now

    async def append(self, envelopes: list[Envelope]) -> float:
        self._check()
        journal = self.journal
        journal.batches.append(Batch(str(len(journal.batches)), journal.now, envelopes))
        grown, journal.grown = journal.grown, asyncio.Event()
        grown.set()
        return journal.now

    async def read(self, after: str | None) -> Batch:
        journal = self.journal
        position = max(journal.first, 0 if after is None else int(after) + 1)
        while position >= len(journal.batches):
            self._check()
            await journal.grown.wait()
        self._check()
        return journal.batches[position]

    async def reaches(self, position: str) -> bool:
        self._check()
        return self.journal.first <= int(position) + 1 <= len(self.journal.batches)

    async def close(self) -> None:
        return

    def _check(self) -> None:
        if self.journal.broken:
            raise StoreError("the journal is broken")


@pytest.fixture
def journal() -> Journal:
    return Journal()


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


_numbers = itertools.count(1)


@pytest.fixture
def prefix() -> str:
    """What no other test's keys begin with."""
    return f"test-{next(_numbers)}"


def redis_settings(url: str, prefix: str = "p", **more: object) -> RedisSettings:
    given = {"url": SecretStr(url), "prefix": prefix, "timeout_seconds": 2.0, **more}
    return RedisSettings.model_validate(given)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Path]:
    """The socket of a hub that runs in a thread of its own, as in another process."""
    path, ready, ended = tmp_path / "hub", threading.Event(), threading.Event()

    async def serve() -> None:
        served = Hub(path, HubJournal(1 << 20), clock=time.time)
        await served.open()
        ready.set()
        await asyncio.to_thread(ended.wait)
        await served.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    yield path
    ended.set()
    thread.join()

"""Who shares a log remembers the same, byte for byte, whatever fails meanwhile."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from benchmarks.valkey import Valkey, detour
from tests.engine.conftest import make_engine
from tests.engine.test_learner import SETTINGS, exchange
from tests.log.conftest import (
    Home,
    Process,
    file,
    play,
    running,
    settled,
    snapshot_of,
    stream,
    traffic_of,
    until,
)
from tests.remembering import remembered

from distillgate.engine.entries import Order

SHORT, EACH = 300, 120
"""Exchanges; and so many where each waits for the one before."""
Made = Callable[..., Process]


@pytest.fixture
def made(home: Home) -> Made:
    """Make processes that share one log."""
    return lambda **settings: Process(home(), **settings)


def quickly(test: Awaitable[Any]) -> None:
    async def run() -> None:
        async with asyncio.timeout(110):
            await test

    asyncio.run(run())


def alike(*processes: Process) -> None:
    """Assert that all remember the same, and that nothing went wrong."""
    first, *others = (process.state for process in processes)
    for other in others:
        assert other == first
    assert [process.errors for process in processes] == [[] for _ in processes]


def test_processes_that_share_a_log_remember_what_one_would(made: Made) -> None:
    async def test() -> None:
        sent, alone = traffic_of(EACH), make_engine(SETTINGS, enforce=True)
        processes = [made() for _ in range(3)]
        async with running(*processes):
            for number, one in enumerate(sent):
                exchange(alone, one)
                exchange(processes[number % 3].engine, one)
                await settled(*processes)
            alike(*processes)
            assert processes[0].state == remembered(alone.state)
            assert processes[0].counts["applied"] > EACH

    quickly(test())


def test_who_joins_under_load_from_a_snapshot_and_the_tail_remembers_the_same(made: Made) -> None:
    async def test() -> None:
        sent = traffic_of(2 * SHORT)
        one, other = made(snapshot_entries=100), made(snapshot_entries=100)
        joined = made(snapshot_entries=100)
        async with running(one, other):
            await play(iter(sent[:SHORT]), [one, other])
            await snapshot_of(one, 100)
            playing = asyncio.ensure_future(play(iter(sent[SHORT:]), [one, other], seed=2))
            async with running(joined):
                await playing
                await settled(one, other, joined)
                alike(one, other, joined)
                (loaded,) = joined.heard("log_loaded")
                assert loaded["snapshot"] >= 100
                assert not joined.heard("log_gap")

    quickly(test())


def test_who_restarts_remembers_what_it_would_have(made: Made) -> None:
    async def test() -> None:
        sent, whole = traffic_of(2 * EACH), make_engine(SETTINGS, enforce=True)
        for one in sent:
            exchange(whole, one)
        for some in (sent[:EACH], sent[EACH:]):
            process = made(snapshot_entries=100)
            async with running(process):
                for one in some:
                    exchange(process.engine, one)
                    await settled(process)
        assert process.state == remembered(whole.state)
        assert process.engine.state.groups

    quickly(test())


def test_nothing_is_applied_before_it_comes_back(made: Made) -> None:
    async def test() -> None:
        process = made()
        async with running(process):
            exchange(process.engine, traffic_of(1)[0])
            assert process.accounts == set()
            await settled(process)
            assert len(process.accounts) == 1
            assert not process.replicator.local

    quickly(test())


def test_orders_reach_everybody_and_those_to_come(made: Made) -> None:
    async def test() -> None:
        one, other, obeyed = made(), made(), list[str]()
        other.engine.obeyed = lambda order: obeyed.append(order.deed)
        async with running(one, other):
            await play(iter(traffic_of(20)), [one, other])
            await settled(one, other)
            name = min(one.accounts)
            other.engine.order(Order(1.9e9, "pardon", name, 3e9))
            await settled(one, other)
            one.engine.order(Order(1.9e9, "kill"))
            assert one.engine.state.killed, "it waits for nothing where it was given"
            assert not one.engine.enforcing
            one.engine.order(Order(1.9e9, "reload"))
            await settled(one, other)
            assert obeyed == ["pardon", "kill", "reload"]
            assert other.engine.state.killed
        later = made()
        async with running(later):
            assert later.engine.state.killed
            account = later.engine.state.accounts.get(name)
            assert account is not None
            assert account.pardoned_until == 3e9
            later.engine.order(Order(1.9e9, "resume"))
            assert later.engine.enforcing

    quickly(test())


def test_what_a_process_said_last_is_in_the_log_when_it_ends(made: Made) -> None:
    async def test() -> None:
        one, later = made(batch_seconds=30.0), made()
        async with running(one):
            await play(iter(traffic_of(5)), [one])
            assert one.replicator.waiting
        async with running(later):
            assert later.applied >= 5

    quickly(test())


def test_a_process_goes_on_in_another_event_loop(made: Made) -> None:
    process, sent = made(), iter(traffic_of(40))

    async def test() -> None:
        async with running(process):
            for _ in range(20):
                exchange(process.engine, next(sent))
            await settled(process)

    quickly(test())
    quickly(test())
    assert process.counts["applied"] >= 40
    assert process.errors == []


@pytest.fixture
def failing(harmed: Valkey) -> tuple[Valkey, Made]:
    """Make processes on a server that will fail, which lose patience soon."""
    return (
        harmed,
        lambda url=harmed.url: Process(
            stream(url, timeout_seconds=0.5), patience=0.2, timeout_seconds=0.5
        ),
    )


@contextlib.asynccontextmanager
async def agreeing(made: Made) -> AsyncIterator[tuple[Process, Process, Iterator[Any]]]:
    """Yield two processes that agree, and more traffic for them; in the end they agree again."""
    one, other, sent = made(), made(), iter(traffic_of(SHORT))
    async with running(one, other):
        await play(islice(sent, 200), [one, other])
        await settled(one, other)
        yield one, other, sent
        await settled(one, other)
        alike(one, other)


async def back(*processes: Process) -> None:
    """Wait until none of them goes it alone any more."""
    await until(lambda: not any(process.replicator.local for process in processes))


def test_a_server_that_is_paused_costs_nobody_anything(failing: tuple[Valkey, Made]) -> None:
    server, made = failing

    async def test() -> None:
        async with agreeing(made) as (one, other, sent):
            before = one.applied
            server.pause()
            await play(sent, [one, other])
            await until(lambda: one.replicator.local and one.applied > before)
            server.resume()
            await back(one, other)
        assert one.applied >= SHORT

    quickly(test())


def test_a_server_that_lost_everything_is_founded_anew_on_what_is_remembered(
    failing: tuple[Valkey, Made],
) -> None:
    server, made = failing

    async def test() -> None:
        async with agreeing(made) as (one, other, sent):
            known = one.accounts
            server.stop()
            await play(sent, [one, other])
            await until(lambda: one.replicator.local and other.replicator.local)
            server.start()
            await back(one, other)
            await settled(one, other)
            alike(one, other)
            assert known <= one.accounts
            assert len(one.heard("log_founded") + other.heard("log_founded")) == 1
            joined = made()
            async with running(joined):
                await settled(one, other, joined)
                alike(one, joined)

    quickly(test())


def test_a_full_server_is_waited_for_without_beginning_anew_each_time(
    failing: tuple[Valkey, Made],
) -> None:
    server, made = failing

    async def test() -> None:
        async with agreeing(made) as (one, other, sent):
            loaded = len(one.heard("log_loaded"))
            with server.client() as client:
                client.config_set("maxmemory", 1)
                await play(sent, [one, other])
                await until(lambda: one.replicator.local and other.replicator.local)
                assert len(one.heard("log_loaded")) == loaded
                client.config_set("maxmemory", 0)
            await back(one, other)

    quickly(test())


def test_a_slow_server_is_no_reason_to_go_it_alone(harmed: Valkey) -> None:
    async def test() -> None:
        with detour(harmed.port, delay=0.05) as slow:
            one = Process(stream(slow.url))
            other = Process(stream(harmed.url))
            async with running(one, other):
                await play(iter(traffic_of(100)), [one, other])
                await settled(one, other)
                alike(one, other)
                assert not one.heard("log_local")

    quickly(test())


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0"])
def test_without_a_server_a_process_serves_and_learns_alone(url: str) -> None:
    async def test() -> None:
        process = Process(stream(url), patience=0.05)
        async with running(process):
            await play(iter(traffic_of(10)), [process])
            await until(lambda: len(process.accounts) > 0)
            assert process.heard("log_lost")

    quickly(test())


def test_what_waits_for_a_log_is_bounded_and_what_goes_holds_no_budget(tmp_path: Path) -> None:
    async def test() -> None:
        process = Process(stream("redis://127.0.0.1:1/0"), queue_bytes=1 << 20, patience=100.0)
        async with running(process):
            for number in range(4_000):
                process.engine.order(Order(float(number), "pardon", "x" * 200))
            assert process.replicator.waiting < 3_000
            assert process.counts["dropped"] > 1_000

    quickly(test())


def test_a_damaged_tail_is_cut_and_told(tmp_path: Path) -> None:
    path, sent = tmp_path / "log.db", traffic_of(SHORT)

    async def test() -> None:
        async with running(one := Process(file(path))):
            for exchanged in sent[:300]:
                exchange(one.engine, exchanged)
                await asyncio.sleep(0.001)
            await settled(one)
        with sqlite3.connect(path) as database:
            (middle,) = database.execute("SELECT max(position) / 2 FROM batches").fetchone()
            database.execute("UPDATE batches SET data = x'00' WHERE position = ?", (middle,))
        database.close()
        async with running(again := Process(file(path)), later := Process(file(path))):
            assert [*again.heard("log_damaged"), *later.heard("log_damaged")]
            await play(iter(sent[300:]), [again, later])
            await settled(again, later)
            alike(again, later)
            assert len(again.accounts) > 0

    quickly(test())


def test_a_state_that_cannot_be_written_stops_neither_the_log_nor_its_mending(
    tmp_path: Path,
) -> None:
    path, sent = tmp_path / "log.db", traffic_of(SHORT)

    async def test() -> None:
        one = Process(file(path), snapshot_entries=100)
        async with running(one):
            one.engine.state.reloaded = 1 << 64
            for exchanged in sent[:200]:
                exchange(one.engine, exchanged)
                await settled(one)
            assert one.heard("snapshot_failed")
            _damage(path)
            exchange(one.engine, sent[200])
            await until(lambda: "log: OverflowError" in " ".join(one.errors))
            one.engine.state.reloaded = 0.0
            await until(lambda: bool(one.heard("log_founded")))
            await play(iter(sent[201:]), [one])
            await settled(one)
        async with running(later := Process(file(path))):
            assert later.state == one.state

    quickly(test())


def _damage(path: Path) -> None:
    """Put what is no batch at the log's end."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO batches (at, data) VALUES (1e9, x'00')")


def test_a_damaged_snapshot_falls_back_to_the_one_before(tmp_path: Path) -> None:
    path, sent = tmp_path / "log.db", traffic_of(2 * EACH)

    async def test() -> None:
        async with running(one := Process(file(path), snapshot_entries=100)):
            for exchanged in sent:
                exchange(one.engine, exchanged)
                await settled(one)
        files = [one for one in _files(path) if one.name.count("-") == 3][::-1]
        assert len(files) == 2
        data = bytearray(files[-1].read_bytes())
        data[len(data) // 2] ^= 1
        files[-1].write_bytes(data)
        async with running(again := Process(file(path), snapshot_entries=100)):
            assert again.heard("snapshot_damaged")
            alike(one, again)

    quickly(test())


def _files(path: Path) -> list[Path]:
    """Return a log's files, the log itself last."""
    return sorted(path.parent.glob(f"{path.name}*"), reverse=True)


def test_a_file_that_is_taken_away_is_made_anew_from_what_is_remembered(tmp_path: Path) -> None:
    path, sent = tmp_path / "log.db", traffic_of(SHORT)

    async def test() -> None:
        one, other = Process(file(path), patience=0.2), Process(file(path), patience=0.2)
        async with running(one, other):
            await play(iter(sent[:200]), [one, other])
            await settled(one, other)
            known = one.accounts
            for gone in _files(path):
                gone.unlink()
            await play(iter(sent[200:]), [one, other])
            await until(lambda: not (one.replicator.local or other.replicator.local))
            await settled(one, other)
            alike(one, other)
            assert known <= one.accounts
        async with running(later := Process(file(path))):
            assert later.accounts == one.accounts

    quickly(test())

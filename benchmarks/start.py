"""A start beside a hundred thousand accounts: its seconds, the state's bytes, a snapshot's pieces.

The kept population's log, and behind its snapshot as many entries as there are at most, in a
process of its own: how long until they are taken up, how much memory that is, how much the snapshot
on disk, and how long the loop is held at most while another snapshot is taken and exchanges go on.
"""

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import numpy.ma  # noqa: F401 - else what first needs it loads it: no memory of an account

from benchmarks import ledger, machine, population
from benchmarks.crowd import Crowd
from benchmarks.holding import Held
from benchmarks.report import Table
from distillgate.assembly import Parts, build
from distillgate.cli.collector import few_collections
from distillgate.config.schema import Config
from distillgate.log.settings import LogSettings

ACCOUNTS = 100_000
TAIL = LogSettings().snapshot_entries
"""Entries behind the latest snapshot when the next is due."""
AIMS = {"bytes": 2048, "on_disk": 1400, "start_s": 6.0, "slice_ms": 2.0}


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Measure in a process of its own; `quick` is a tenth of accounts and of entries."""
    accounts, tail = (ACCOUNTS // 10, TAIL // 10) if quick else (ACCOUNTS, TAIL)
    kept = population.prepared(accounts)
    with tempfile.TemporaryDirectory() as folder:
        for file in kept.parent.glob(f"{kept.name}*"):
            copy(file, folder)
        path = f"{folder}/{kept.name}"
        for what, number in (("tail", tail), ("start", accounts)):
            command = [sys.executable, "-m", "benchmarks.start", what, path, str(number)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=population.ROOT)
        found: dict[str, Any] = json.loads(done.stdout)
    return found


def _parts(path: str, every: int) -> Parts:
    log = {"path": path, "snapshot_entries": every}
    settings = {"key": population.KEY, "log": log, "telemetry": {"log": {"level": "off"}}}
    return build(Config.model_validate(settings))


async def _play(parts: Parts, crowd: Crowd, exchanges: int, *, pause: float = 0.0) -> None:
    for number, exchange in enumerate(crowd.play((1,))):
        if number >= exchanges:
            return
        now = time.time()
        decision = parts.engine.begin(exchange, now)
        parts.engine.finish(decision, crowd.outcome(exchange), now)
        if pause or not number % 50:
            await asyncio.sleep(pause)


async def _add(path: str, entries: int) -> None:
    """Append what so many exchanges show, behind the snapshot."""
    parts = _parts(path, 1_000_000_000)
    assert parts.replicator is not None
    await parts.replicator.start()
    parts.engine.publish = parts.replicator.publish
    await _play(parts, Crowd.of(entries, "tail"), entries)
    await parts.replicator.close()


async def _start(path: str, accounts: int) -> dict[str, Any]:
    on_disk = sum(file.stat().st_size for file in _snapshots(path))
    parts = _parts(path, LogSettings().snapshot_entries)
    gc.collect()
    before, began, worked = ledger.resident(), time.perf_counter(), time.process_time()
    assert parts.replicator is not None
    await parts.replicator.start()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    gc.collect()
    fixed = ledger.touch(parts.engine)
    memory = ledger.resident() - before - fixed
    found = {
        "accounts": len(parts.engine.state.accounts), "groups": len(parts.engine.state.groups),
        "start_s": seconds, "start_cpu_s": worked,
        "bytes": memory / accounts, "fixed": fixed, "on_disk": on_disk / accounts,
    }  # fmt: skip
    parts.engine.publish = parts.replicator.publish
    known, held = set(_snapshots(path)), Held()
    crowd = Crowd.of(20_000, "beside")
    with few_collections(), held.watching():  # the tail makes one due
        while set(_snapshots(path)) <= known:
            await _play(parts, crowd, 200, pause=0.002)
    await parts.replicator.close()
    return {**found, "slice_ms": held.cpu, "slice_wall_ms": held.wall}


def _snapshots(path: str) -> Iterator[Path]:
    named = Path(path).name
    return (
        file for file in Path(path).parent.glob(f"{named}.snapshot-*") if file.suffix != ".part"
    )


def tables(result: dict[str, Any]) -> list[Table]:
    """Return one table, with what is aimed at."""
    rows = [
        ("bytes an account in memory", f"{result['bytes']:,.0f}", f"{AIMS['bytes']:,}"),
        ("MB of tables of fixed size beside them", f"{result['fixed'] / 1e6:,.0f}", ""),
        ("bytes an account in the snapshot", f"{result['on_disk']:,.0f}", f"{AIMS['on_disk']:,}"),
        (
            "seconds to start (of the processor)",
            f"{result['start_s']:.1f} ({result['start_cpu_s']:.1f})",
            f"{AIMS['start_s']}",
        ),
        (
            "longest callback while a snapshot is taken, ms of processor (wall)",
            f"{result['slice_ms']:.1f} ({result['slice_wall_ms']:.1f})",
            f"{AIMS['slice_ms']}",
        ),
    ]
    title = f"A start beside {result['accounts']:,} accounts in {result['groups']:,} groups"
    return [Table(title, ("", "measured", "aim"), rows)]


if __name__ == "__main__":
    what, path, number = sys.argv[1:]
    if what == "tail":
        asyncio.run(_add(path, int(number)))
    else:
        json.dump(asyncio.run(_start(path, int(number))), sys.stdout)

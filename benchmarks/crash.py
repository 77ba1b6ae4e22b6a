"""`kill -9` in the middle of load: what a restart lacks of evidence and of decisions.

A real sidecar in front of a real upstream, with a store. Clients note when each of their requests
was answered; the audit log notes each restriction. The ladder restricts everybody at once (in
shadow mode), so that there are many. After the kill the file is read as a restart reads it.
"""

import asyncio
import itertools
import json
import os
import signal
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import machine, servers
from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine
from distillgate.log.replicator import Replicator

ROUNDS = 20
SECONDS = 4.0
CLIENTS = 32
KEY = "benchmark"
_TROUBLE = (
    "log_off",
    "log_lost",
    "log_damaged",
    "log_set_aside",
    "snapshot_damaged",
    "snapshot_failed",
)


@dataclass(frozen=True)
class Round:
    """What one kill cost."""

    answered: int
    per_second: float
    missing: int
    """Answered exchanges that the file lacks."""
    missing_seconds: float
    """How long before the kill the first of them was answered."""
    decisions: int
    """Restrictions that the audit log notes."""
    decisions_lost_seconds: float
    """How long before the kill the first of them was made that the file lacks."""
    sound: bool
    """SQLite finds nothing wrong with the file."""
    trouble: int
    """Lines of the log that complain about the store."""


class Load:
    """Clients of many accounts, a new one every now and then."""

    def __init__(self) -> None:
        self.answered: defaultdict[str, list[float]] = defaultdict(list)
        self._numbers = itertools.count()

    async def run(self, port: int, seconds: float, rate: float | None) -> None:
        """Send until the time is over or the server is gone."""
        end = time.time() + seconds
        async with aiohttp.ClientSession() as session:
            clients = (self._client(session, port, end, rate) for _ in range(CLIENTS))
            await asyncio.gather(*clients)

    async def _client(
        self, session: aiohttp.ClientSession, port: int, end: float, rate: float | None
    ) -> None:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        account = ""
        for turn in itertools.count():
            if time.time() >= end:
                return
            if turn % 20 == 0:
                account = f"a-{next(self._numbers)}"
            text = f"Say something about the number {next(self._numbers)}, please."
            body = {"model": "m", "messages": [{"role": "user", "content": text}]}
            try:
                async with session.post(url, json=body, headers={"x-account": account}) as answer:
                    await answer.read()
            except aiohttp.ClientError:
                return
            self.answered[account].append(time.time())
            if rate is not None:
                await asyncio.sleep(CLIENTS / rate)


def run(
    rounds: int, seconds: float, rate: float | None = None, cores: machine.Cores | None = None
) -> list[Round]:
    """Load, kill and look, a number of times, with one file."""
    load_core, core = (cores.load, cores.server) if cores is not None else (None, None)
    with tempfile.TemporaryDirectory() as name, servers.app("upstream", load_core) as upstream:
        folder = Path(name)
        sent = Load()
        return [_round(folder, sent, upstream.port, core, seconds, rate) for _ in range(rounds)]


def _round(
    folder: Path, sent: Load, upstream: int, core: int | None, seconds: float, rate: float | None
) -> Round:
    port = servers.free_port()
    command = [sys.executable, "-m", "distillgate", "serve", "--config", _config(folder)]
    command += ["--upstream", f"http://127.0.0.1:{upstream}", "--port", str(port)]
    before = sum(map(len, sent.answered.values()))
    with servers.serve("distillgate", command, port, core) as server:
        killed = asyncio.run(_kill_under(sent, server, seconds, rate))
    answered = sum(map(len, sent.answered.values())) - before
    engine = read(folder / "state.db")
    first, missing = _missing(sent, engine)
    decisions, lost = _decisions(folder / "audit.jsonl", engine)
    log = (folder / "log.jsonl").read_text()
    for account in list(sent.answered):  # what a crash cost is not missed again
        known = engine.state.accounts.get(account)
        del sent.answered[account][known.exchanges if known is not None else 0 :]
    return Round(
        answered=answered,
        per_second=answered / seconds,
        missing=missing,
        missing_seconds=max(0.0, killed - first),
        decisions=decisions,
        decisions_lost_seconds=max(0.0, killed - lost),
        sound=_sound(folder / "state.db"),
        trouble=sum(log.count(word) for word in _TROUBLE),
    )


async def _kill_under(
    sent: Load, server: servers.Server, seconds: float, rate: float | None
) -> float:
    """Kill the server in the middle of load; give when."""
    running = asyncio.ensure_future(sent.run(server.port, seconds + 30, rate))
    await asyncio.sleep(seconds)
    killed = time.time()
    os.kill(server.process, signal.SIGKILL)
    await running
    return killed


def read(path: Path) -> Engine:
    """Read a file as a restart does."""
    log = {"path": str(path), "snapshot_entries": 1_000_000_000}
    settings = {"key": KEY, "log": log, "telemetry": {"log": {"level": "off"}}}
    parts = build(Config.model_validate(settings))
    assert parts.replicator is not None

    async def start(replicator: Replicator) -> None:
        await replicator.start()
        await replicator.close()

    asyncio.run(start(parts.replicator))
    return parts.engine


def _missing(sent: Load, engine: Engine) -> tuple[float, int]:
    """Say when the first answer was given that the file knows nothing of, and how many such."""
    first, missing = time.time() + 1e9, 0
    for name, times in sent.answered.items():
        account = engine.state.accounts.get(name)
        lost = times[account.exchanges if account is not None else 0 :]
        missing += len(lost)
        first = min([first, *lost])
    return first, missing


def _decisions(audit: Path, engine: Engine) -> tuple[int, float]:
    """Count restrictions; say when the first was made that the file knows nothing of."""
    made = [line for line in _lines(audit) if line.get("event") == "restricted"]
    lost = []
    for line in made:
        account = engine.state.accounts.get(line["account"])
        if account is None or not account.restriction:
            lost.append(float(line["ts"]))
    audit.unlink()
    return len(made), min(lost, default=time.time() + 1e9)


def _lines(path: Path) -> Iterable[dict[str, Any]]:
    for text in path.read_text().splitlines():
        try:
            yield json.loads(text)
        except ValueError:
            continue  # cut by the kill


def _sound(path: Path) -> bool:
    connection = sqlite3.connect(path)
    try:
        found: list[tuple[str]] = connection.execute("PRAGMA integrity_check").fetchall()
        return found == [("ok",)]
    finally:
        connection.close()


def _config(folder: Path) -> str:
    path = folder / "config.yaml"
    path.write_text(
        f"""
key: {KEY}
log: {{path: {folder}/state.db}}
asgi: {{identity: {{order: [header], header: x-account}}}}
governance: {{audit: {{path: {folder}/audit.jsonl}}}}
policy: {{ladder: {{observe: -2, throttle: -1}}}}
telemetry: {{log: {{level: warning, destination: {folder}/log.jsonl}}}}
"""
    )
    (folder / "log.jsonl").touch()
    return str(path)


def measure(
    cores: machine.Cores,
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Kill twenty times."""
    found = run(2 if quick else ROUNDS, SECONDS, cores=cores)
    return {"rounds": [asdict(one) for one in found]}


def write(result: dict[str, Any]) -> str:
    """Write a line a round, and the worst."""
    rounds = result["rounds"]
    lines = [
        f"kill -9 under load, {len(rounds)} rounds with one file",
        f"  {'a second':>9} {'missing':>8} {'oldest, s':>10} {'decisions':>10} {'lost, s':>8}",
    ]
    lines += [
        f"  {one['per_second']:>9,.0f} {one['missing']:>8,} {one['missing_seconds']:>10.2f} "
        f"{one['decisions']:>10,} {one['decisions_lost_seconds']:>8.2f}"
        for one in rounds
    ]
    worst = max(one["missing_seconds"] for one in rounds)
    lost = max(one["decisions_lost_seconds"] for one in rounds)
    sound = all(one["sound"] for one in rounds)
    lines.append(
        f"  at worst {worst:.2f} s of evidence and {lost:.2f} s of decisions; "
        f"files {'sound' if sound else 'DAMAGED'}, {rounds[-1]['trouble']} complaints"
    )
    return "\n".join(lines)

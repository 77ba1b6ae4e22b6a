"""The state that servers are loaded with: a crowd of accounts, played once and kept in a file."""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.crowd import DAY, Crowd
from distillgate.assembly import Parts, build
from distillgate.cli.collector import few_collections
from distillgate.config.schema import Config

KEPT = "DISTILLGATE_POPULATION"
"""The environment variable that names a population that is there already."""
ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".benchmarks"
KEY = "benchmark"
"""The key its hashes are made with; servers that load it need the same."""
DAYS = 14.0
ROUNDS = (1, 0.5)
"""Every account's exchanges: one, and half of them another."""


def prepared(accounts: int) -> Path:
    """Return the file, made where this version of the code has not made it yet (two minutes)."""
    if kept := os.environ.get(KEPT):
        return Path(kept)
    code = hashlib.sha256()
    for source in sorted((ROOT / "middleware").rglob("*.py")):
        code.update(source.read_bytes())
    path = FOLDER / f"{accounts}-{code.hexdigest()[:16]}.db"
    if not path.exists():
        FOLDER.mkdir(exist_ok=True)
        for stale in FOLDER.glob(f"{accounts}-*.db*"):
            stale.unlink()
        making = FOLDER / "making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        command = [sys.executable, "-m", "benchmarks.population", str(accounts)]
        subprocess.run([*command, str(making / path.name)], check=True, cwd=ROOT)
        for made in sorted(making.iterdir(), reverse=True):  # the file itself last
            made.rename(FOLDER / made.name)
    return path


def make(accounts: int, path: str) -> None:
    """Play the crowd over the two weeks up to now, and keep what is remembered of it."""
    log = {"path": path, "snapshot_entries": 1_000_000_000}
    settings = {"key": KEY, "log": log, "telemetry": {"log": {"level": "off"}}}
    parts = build(Config.model_validate(settings))
    with few_collections():
        asyncio.run(_play(parts, Crowd.of(accounts)))


async def _play(parts: Parts, crowd: Crowd) -> None:
    step = DAYS * DAY / (len(crowd.senders) * sum(ROUNDS))
    now = time.time() - DAYS * DAY
    for exchange in crowd.play(ROUNDS):
        decision = parts.engine.begin(exchange, now)
        parts.engine.finish(decision, crowd.outcome(exchange), now + 1.0)
        now += step
    assert parts.replicator is not None
    await parts.replicator.start()  # which founds a log on what is remembered
    await parts.replicator.close()


if __name__ == "__main__":
    make(int(sys.argv[1]), sys.argv[2])

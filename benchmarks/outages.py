"""What failures of the server cost that several gates share: stopped, paused, full, emptied, slow.

Real sidecars, a real server, real sockets.
"""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from benchmarks import prompts
from benchmarks.client import Connection
from benchmarks.fleet import Fleet, Gate
from benchmarks.machine import Cores, percentile
from benchmarks.report import Table
from benchmarks.valkey import Detour, Valkey, detour, valkey

PHASE = 12.0
"""Seconds of each failure, and of each time between them."""
PACE = 0.01
"""Seconds from one request to the next."""
_LOST = 'distillgate_log_entries_total{what="lost"}'
_RECOVERY = 60.0
_SHOWN = (
    ("healthy", "shared_p99_ms"),
    ("healthy", "alone_p99_ms"),
    ("broken", "shared_p99_ms"),
    ("broken", "alone_p99_ms"),
)


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Break the server that two gates share, in every way; `quick` a tenth of the time."""
    del calibration
    with contextlib.ExitStack() as stack:
        return {"failures": _failures(stack, cores.server, PHASE / 10 if quick else PHASE)}


@dataclass
class _Load:
    """Two gates that share, one that does not, and what asking them took."""

    shared: list[Gate]
    alone: Gate
    taken: dict[str, list[float]] = field(default_factory=dict)
    failed: int = 0
    ended: bool = False

    def ask(self, gate: Gate, name: str, seed: int) -> None:
        """Send paced requests until the end; failures are counted, not raised."""
        dice, connection = random.Random(seed), Connection(gate.server.port)
        while not self.ended:
            due = time.perf_counter() + PACE
            text = prompts.text(dice, 100)
            try:
                taken = connection.exchange(prompts.exchange(text, dice.randrange(2000)))
                self.taken.setdefault(name, []).append(taken * 1000)
            except Exception:  # noqa: BLE001  # that is what is counted
                self.failed += 1
                connection = Connection(gate.server.port)
            time.sleep(max(0.0, due - time.perf_counter()))

    def run(self, seconds: float) -> dict[str, float]:
        """Load all for a while, and say how long answers took."""
        self.taken, self.ended = {}, False
        ways = [(self.shared[0], "shared"), (self.shared[1], "shared"), (self.alone, "alone")]
        threads = [
            threading.Thread(target=self.ask, args=(gate, name, number))
            for number, (gate, name) in enumerate(ways)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self.ended = True
        for thread in threads:
            thread.join()
        return {
            f"{name}_p{share}_ms": percentile(self.taken[name], share)
            for name in ("shared", "alone")
            for share in (50, 99)
        }


def _failures(stack: contextlib.ExitStack, core: int | None, phase: float) -> list[dict[str, Any]]:
    """Break the server in every way, under load."""
    server = stack.enter_context(valkey("--maxmemory-policy", "noeviction"))
    way = stack.enter_context(detour(server.port))
    fleet = Fleet(stack, core)
    load = _Load([fleet.gate(way.url), fleet.gate(way.url)], fleet.gate())
    load.run(phase)  # warm
    rows = []
    for name, broken in _breaks(server, way).items():
        row: dict[str, Any] = {"failure": name, "healthy": load.run(phase)}
        load.failed = 0
        with broken():
            row["broken"] = load.run(phase)
        ended = time.perf_counter()
        recovered = _recovered(load.shared)
        row |= {
            "failed": load.failed,
            "recovered_seconds": recovered - ended if recovered else None,
            "lost": sum(gate.metric(_LOST) for gate in load.shared),
        }
        rows.append(row)
    return rows


def _recovered(gates: list[Gate]) -> float | None:
    """Wait until all that was shared came back, everywhere; give when that was."""
    deadline = time.perf_counter() + _RECOVERY
    while time.perf_counter() < deadline:
        left = [gate.metric("distillgate_log_local") for gate in gates]
        left += [gate.metric("distillgate_log_backlog_bytes") for gate in gates]
        if not any(left):
            return time.perf_counter()
        time.sleep(0.05)
    return None


def _between(
    broken: Callable[[], object], mended: Callable[[], object]
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Return what breaks a server when it begins and mends it when it ends."""

    @contextlib.contextmanager
    def failing() -> Iterator[None]:
        broken()
        yield
        mended()

    return failing


def _breaks(
    server: Valkey, way: Detour
) -> dict[str, Callable[[], contextlib.AbstractContextManager[None]]]:
    @contextlib.contextmanager
    def emptied() -> Iterator[None]:
        server.stop()
        server.start()
        yield

    @contextlib.contextmanager
    def full() -> Iterator[None]:
        with server.client() as client:
            client.config_set("maxmemory", client.info("memory")["used_memory"] + (2 << 20))
            with contextlib.suppress(Exception):
                for number in itertools.count():
                    client.set(f"filler-{number}", b"x" * 10_000)
            client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
            yield
            client.config_set("maxmemory", 0)
            client.delete(*client.keys("filler-*"))

    @contextlib.contextmanager
    def slow() -> Iterator[None]:
        way.delay = 0.25
        yield
        way.delay = 0.0

    return {
        "stopped": _between(server.stop, server.start),
        "paused (SIGSTOP)": _between(server.pause, server.resume),
        "full (maxmemory, noeviction)": full,
        "restarted empty": emptied,
        "slowed by 500 ms": slow,
    }


def tables(result: dict[str, Any]) -> list[Table]:
    """Lay out what a failing server costs."""
    failures = [
        [
            row["failure"],
            str(row["failed"]),
            *(f"{row[when][name]:.2f}" for when, name in _SHOWN),
            f"{row['broken']['shared_p99_ms'] - row['broken']['alone_p99_ms']:+.2f}",
            "never" if row["recovered_seconds"] is None else f"{row['recovered_seconds']:.1f}",
        ]
        for row in result["failures"]
    ]
    return [
        Table(
            "A server that fails, at 100 requests a second a gate (p99, ms)",
            [
                "failure",
                "failed",
                *(f"{name.split('_')[0]}, {when}" for when, name in _SHOWN),
                "added",
                "back s",
            ],
            failures,
            ["alone: a gate that shares nothing, asked at the same time; added: broken, to alone"],
        )
    ]

"""Several gates on one server: when they see a campaign, what its failures cost, whether a budget
holds, and what a gate learns in a second. Real sidecars, a real server, real sockets."""

import asyncio
import contextlib
import itertools
import json
import random
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import prompts, servers
from benchmarks.client import Connection
from benchmarks.machine import Cores, percentile
from benchmarks.report import Table
from benchmarks.valkey import Detour, Valkey, detour, valkey
from distillgate_lab.drill.script import write
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

RATE = 30.0
"""Calls of the campaign a second."""
CALLS = 450
PHASE = 12.0
"""Seconds of each failure, and of each time between them."""
PACE = 0.01
"""Seconds from one request to the next, where latency is measured."""
BUDGET = 8_000
"""Output tokens of one organisation: 1,000 answers."""
KEY = "benchmark"
_LOST = 'distillgate_log_entries_total{what="lost"}'
_RECOVERY = 60.0
_SHOWN = (
    ("healthy", "shared_p99_ms"),
    ("healthy", "alone_p99_ms"),
    ("broken", "shared_p99_ms"),
    ("broken", "alone_p99_ms"),
)
_ANSWER = 8
"""Output tokens of an answer of `benchmarks.apps`."""


@dataclass
class Gate:
    """A sidecar and its log."""

    server: servers.Server
    log: Path

    def events(self) -> list[dict[str, Any]]:
        """Give what it has logged."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]

    def restricted(self) -> list[str]:
        """Give the times at which it would have restricted."""
        return [
            event["timestamp"]
            for event in self.events()
            if event["event"] == "decision" and event["action"] not in ("allow", "observe")
        ]

    def metric(self, name: str) -> float:
        """Read one figure off its metrics."""
        url = f"http://127.0.0.1:{self.server.port}/distillgate/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name):
                    return float(line.rpartition(" ")[2])
        return 0.0


class Fleet:
    """Starts gates; everything ends with the block."""

    def __init__(
        self, stack: contextlib.ExitStack, core: int | None, service: str | None = None
    ) -> None:
        self._stack, self._core = stack, core
        self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._numbers = itertools.count()
        self._service = service
        if service is None:
            port = stack.enter_context(servers.app("upstream", core)).port
            self._service = f"http://127.0.0.1:{port}"

    def gate(self, url: str | None = None, *, workers: int = 1, **more: Any) -> Gate:
        """Start a sidecar, on a server if one is named."""
        port, number = servers.free_port(), next(self._numbers)
        log = self._folder / f"{number}.log"
        settings: dict[str, Any] = {
            "key": KEY,
            "admin": {"open_metrics": True},
            "telemetry": {"log": {"destination": str(log)}},
            "proxy": {
                "upstream": self._service,
                "host": "127.0.0.1",
                "port": port,
                "workers": workers,
            },
            **more,
        }
        if url is not None:
            settings["log"] = {"url": url}
        config = self._folder / f"{number}.yaml"
        config.write_text(json.dumps(settings))
        command = [sys.executable, "-m", "distillgate", "serve", "--config", str(config)]
        server = self._stack.enter_context(servers.serve("gate", command, port, self._core))
        return Gate(server, log)


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Measure everything; `quick` a tenth of the time."""
    del calibration
    with contextlib.ExitStack() as stack:
        split = _split(stack, cores.server)
    failures = outages(cores, quick=quick, calibration={})
    return {"split": split, **failures, "budget": _budget(cores.server)}


def outages(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Break the server that two gates share, in every way; `quick` a tenth of the time."""
    del calibration
    with contextlib.ExitStack() as stack:
        return {"failures": _failures(stack, cores.server, PHASE / 10 if quick else PHASE)}


def _split(stack: contextlib.ExitStack, core: int | None) -> dict[str, Any]:
    """Send a campaign to two gates in turns, and all of it to one."""
    server = stack.enter_context(valkey())
    fleet = Fleet(stack, core, stack.enter_context(serve(upstream())).url)
    shared = [fleet.gate(server.url), fleet.gate(server.url)]
    whole, halves = fleet.gate(), [fleet.gate(), fleet.gate()]
    calls = write(["rubric grading"], accounts=30, limit=CALLS, seed="fleet", texts=None).calls
    connections = {id(gate): Connection(gate.server.port) for gate in (*shared, whole, *halves)}
    names = {name: number for number, name in enumerate({c.record["account"] for c in calls})}
    began = time.perf_counter()
    for number, (_, _, record) in enumerate(calls):
        time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        body = json.dumps(record["request"]).encode()
        head = prompts.head(names[record["account"]], record["path"], len(body))
        for gate in (shared[number % 2], whole, halves[number % 2]):
            connections[id(gate)].exchange(head + body)
    time.sleep(2.0)
    first = min(whole.restricted())
    return {
        "calls": CALLS,
        "whole": len(whole.restricted()),
        "halves": [len(gate.restricted()) for gate in halves],
        "shared": [len(gate.restricted()) for gate in shared],
        "later_seconds": [
            _seconds(min(gate.restricted())) - _seconds(first) if gate.restricted() else None
            for gate in shared
        ],
    }


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


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


def _breaks(
    server: Valkey, way: Detour
) -> dict[str, Callable[[], contextlib.AbstractContextManager[None]]]:
    @contextlib.contextmanager
    def stopped() -> Iterator[None]:
        server.stop()
        yield
        server.start()

    @contextlib.contextmanager
    def emptied() -> Iterator[None]:
        server.stop()
        server.start()
        yield

    @contextlib.contextmanager
    def paused() -> Iterator[None]:
        server.pause()
        yield
        server.resume()

    @contextlib.contextmanager
    def full() -> Iterator[None]:
        with server.client() as client:
            client.config_set("maxmemory", client.info("memory")["used_memory"] + (2 << 20))
            with contextlib.suppress(Exception):
                for number in itertools.count():
                    client.set(f"filler-{number}", b"x" * 10_000)
            client.config_set("maxmemory", client.info("memory")["used_memory"] - (4 << 20))
            yield
            client.config_set("maxmemory", 0)
            client.delete(*client.keys("filler-*"))

    @contextlib.contextmanager
    def slow() -> Iterator[None]:
        way.delay = 0.25
        yield
        way.delay = 0.0

    return {
        "stopped": stopped,
        "paused (SIGSTOP)": paused,
        "full (maxmemory, noeviction)": full,
        "restarted empty": emptied,
        "slowed by 500 ms": slow,
    }


def _budget(core: int | None) -> dict[str, Any]:
    """Let four gates hold accounts of one organisation to one budget of output tokens."""
    enforced: dict[str, Any] = {
        "mode": "enforce",
        "asgi": {"identity": {"attributes": {"organisation": "x-organisation"}}},
        "policy": {
            "ladder": {"observe": -4, "throttle": -3, "degrade": 50, "refuse": 60},
            "enforcement": {"onset_exchanges": 0},
            "group_budget": {"refill": 1, "floor_per_day": 1},
            "throttle": {"concurrent": 1000},
        },
        "signals": {"work_list": {"value_tokens": BUDGET}},
    }
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(valkey())
        fleet = Fleet(stack, core)
        gates = [fleet.gate(server.url, **enforced) for _ in range(4)]
        passed, asked, seconds = asyncio.run(_spend(gates))
    return {
        "budget": BUDGET,
        "asked": asked,
        "answered_tokens": passed * _ANSWER,
        "overshoot": passed * _ANSWER / BUDGET - 1,
        "per_second": asked / seconds,
    }


async def _spend(gates: list[Gate]) -> tuple[int, int, float]:
    passed = asked = 0
    began = time.perf_counter()

    async def client(session: aiohttp.ClientSession, number: int) -> None:
        nonlocal passed, asked
        for turn in range(100):
            url = f"http://127.0.0.1:{gates[(number + turn) % 4].server.port}/v1/chat/completions"
            said = [{"role": "user", "content": f"{number} {turn}"}]
            body = {"model": "m", "max_tokens": _ANSWER, "messages": said}
            headers = {"authorization": f"Bearer sk-{number}", "x-organisation": "one"}
            async with session.post(url, json=body, headers=headers) as answer:
                await answer.read()
                asked += 1
                passed += answer.status == 200
            await asyncio.sleep(0.05)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(client(session, number) for number in range(16)))
    return passed, asked, time.perf_counter() - began


def tables(result: dict[str, Any]) -> list[Table]:
    """Lay the figures out."""
    split, budget = result["split"], result["budget"]
    rows = [
        ["all of it, one gate", str(split["whole"]), ""],
        *(["half of it, alone", str(found), ""] for found in split["halves"]),
        *(
            ["half of it, shared", str(found), "never" if later is None else f"{later:+.2f}"]
            for found, later in zip(split["shared"], split["later_seconds"], strict=True)
        ),
    ]
    return [
        Table(
            f"A campaign of {split['calls']} calls at {RATE:.0f} a second, over two gates",
            ["what a gate sees", "restricted", "s later than one gate with all"],
            rows,
        ),
        *outage_tables(result),
        Table(
            "A group's budget over four gates",
            ["output tokens", "answered", "overshoot", "requests a second"],
            [
                [
                    f"{budget['budget']:,}",
                    f"{budget['answered_tokens']:,}",
                    f"{budget['overshoot']:.1%}",
                    f"{budget['per_second']:.0f}",
                ]
            ],
        ),
    ]


def outage_tables(result: dict[str, Any]) -> list[Table]:
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

"""Several gates on one server: when they see a campaign, and whether a budget holds.

Real sidecars, a real server, real sockets.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import prompts, servers
from benchmarks.client import Connection
from benchmarks.machine import Cores
from benchmarks.report import Table
from benchmarks.valkey import valkey
from distillgate_lab.drill.script import write
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

RATE = 30.0
"""Calls of the campaign a second."""
CALLS = 450
TAKEN = 2_000
"""What one operator may take, in value tokens, of the upstream's short answers."""
BUDGET = 8_000
"""Output tokens of one organisation: 1,000 answers."""
KEY = "benchmark"
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
    """Measure both; nothing of it takes less time where it is `quick`."""
    del quick, calibration
    with contextlib.ExitStack() as stack:
        split = _split(stack, cores.server)
    return {"split": split, "budget": _budget(cores.server)}


def _split(stack: contextlib.ExitStack, core: int | None) -> dict[str, Any]:
    """Send a campaign to two gates in turns, and all of it to one."""
    server = stack.enter_context(valkey())
    fleet = Fleet(stack, core, stack.enter_context(serve(upstream())).url)
    small: dict[str, Any] = {"signals": {"work_list": {"value_tokens": TAKEN}}}
    shared = [fleet.gate(server.url, **small) for _ in range(2)]
    whole, halves = fleet.gate(**small), [fleet.gate(**small) for _ in range(2)]
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

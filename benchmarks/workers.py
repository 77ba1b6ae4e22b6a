"""One evidence in several processes: requests a second and processor time, by workers.

Load, upstream and workers share two cores here, so requests a second say little of what workers
bring: each takes processor time from the others. What an exchange costs in processor time of all
workers together says it: N cores carry N times as many of them as one, as much dearer as they are.
"""

import contextlib
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from benchmarks import prompts, servers
from benchmarks.client import load
from benchmarks.machine import Cores, percentile

ROUNDS = 5
SECONDS = 4.0
TOKENS = 500
CONNECTIONS = 32
WORKERS = (1, 2)
PATIENCE = 60.0


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Load one process and several in turns; the median round counts."""
    rounds, seconds = (1, 1.0) if quick else (ROUNDS, SECONDS)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_unpinned(cores))
        upstream = stack.enter_context(servers.service(None))
        gates = {n: stack.enter_context(_gate(upstream.port, n)) for n in WORKERS}
        found: dict[int, list[dict[str, Any]]] = {n: [] for n in gates}
        for number in range(rounds):
            for workers, gate in gates.items():
                found[workers].append(_round(gate, f"{workers} {number}", seconds, upstream.port))
    rows = [{"workers": n, **_median(done)} for n, done in found.items()]
    return {"tokens": TOKENS, "connections": CONNECTIONS, "rounds": rounds, "rows": rows}


@contextlib.contextmanager
def _unpinned(cores: Cores) -> Iterator[None]:
    """Let everything run on both cores: two workers have none to themselves."""
    both = {core for core in cores if core is not None}
    before = os.sched_getaffinity(0) if both else set()
    if both:
        os.sched_setaffinity(0, both)
    try:
        yield
    finally:
        if both:
            os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _gate(upstream: int, workers: int) -> Iterator[servers.Server]:
    with servers.sidecar(upstream, None, "shadow", None, "--workers", str(workers)) as gate:
        deadline = time.monotonic() + PATIENCE
        while not _ready(gate.port):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{workers} workers were not ready in {PATIENCE:.0f} s")
            time.sleep(0.05)
        yield gate


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


def _round(gate: servers.Server, seed: str, seconds: float, upstream: int) -> dict[str, Any]:
    requests = prompts.stream(TOKENS, "/v1/chat/completions", seed, upstream=upstream)
    load(gate.port, requests, CONNECTIONS, seconds / 4)
    before = gate.cpu_seconds() or 0.0
    done = load(gate.port, requests, CONNECTIONS, seconds)
    spent = (gate.cpu_seconds() or 0.0) - before
    return {
        "per_second": done.rate,
        "p50_ms": percentile(done.latencies, 50) * 1000,
        "p99_ms": percentile(done.latencies, 99) * 1000,
        "cpu_us": spent / done.answers * 1e6,
        "busy": spent / done.seconds,
    }


def _median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Take the median of each figure."""
    return {name: percentile([found[name] for found in rounds], 50) for name in rounds[0]}


def write(result: dict[str, Any]) -> str:
    """Write a table, and the two ratios with what each of them is worth."""
    shape = f"{result['tokens']} new tokens a request, {result['connections']} connections"
    head = ("workers", "per second", "p50 ms", "p99 ms", "CPU us", "busy")
    lines = [f"Workers, {shape}, medians of {result['rounds']}, in turns"]
    lines.append("  {:>9} {:>10} {:>8} {:>8} {:>8} {:>6}".format(*head))
    lines += ["  {:>9} {:>10,.0f} {:>8.2f} {:>8.2f} {:>8.0f} {:>6.2f}".format(*row.values())
              for row in result["rows"]]  # fmt: skip
    one, *more = result["rows"]
    for row in more:
        n, dearer = row["workers"], row["cpu_us"] / one["cpu_us"]
        rate = row["per_second"] / one["per_second"]
        lines.append(f"  {n} workers answer {rate:.2f} times the requests of one, here where load")
        lines.append(
            f"  and upstream take the same cores. An exchange takes {dearer:.2f} times the"
        )
        lines.append(f"  processor time of all workers: {n} cores of their own would carry")
        lines.append(f"  {n / dearer:.2f} times what one does.")
    return "\n".join(lines)

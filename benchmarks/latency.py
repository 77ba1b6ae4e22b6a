"""What the mounted gate adds to a request: the same application with and without it, in turns.

Twice, because the gate learns after an answer has left. Asked again at once (`closed`), the next
request waits for the learning too, as behind a client that does nothing but ask; asked at a stated
rate (`paced`), what remains is what stands between a request and its answer.
"""

import random
import time
from typing import Any, NamedTuple

from benchmarks import prompts, servers
from benchmarks.client import Connection
from benchmarks.machine import Cores, percentile
from benchmarks.report import Table

REQUESTS = {100: 2000, 500: 2000, 4000: 800, 100_000: 60}
"""How many requests a size of prompt (in tokens) is measured with."""
RATE = 200.0
"""Requests a second that each server is sent where they are paced."""
SLOW = {100_000: 5.0}
"""A lower rate where the gate counts a very long text exactly, off the event loop, afterwards."""
BLOCK = 20
"""Requests that one server gets before it is the other's turn."""


class _Side(NamedTuple):
    """One of the two servers, and what asking it took."""

    server: servers.Server
    connection: Connection
    taken: list[float]


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Measure every size both ways; both servers run at once and are asked in turns."""
    rows = []
    with servers.app("bare", cores.server) as bare, servers.app("gated", cores.server) as gated:
        for tokens, count in REQUESTS.items():
            number = max(BLOCK, count // 10 if quick else count)
            rate = SLOW.get(tokens, RATE)
            for pause in (0.0 if tokens not in SLOW else None, 1 / rate):
                if pause is not None:
                    row = _size(bare, gated, tokens, number, pause)
                    row["added_to_calibration"] = (
                        row["added_p50_ms"] / calibration["calibration_ms"]
                    )
                    rows.append(row)
    return {"rows": rows}


def _size(
    bare: servers.Server, gated: servers.Server, tokens: int, count: int, pause: float
) -> dict[str, Any]:
    rng = random.Random(f"{tokens} {pause}")
    pair = [_Side(server, Connection(server.port), []) for server in (bare, gated)]
    for side in pair:
        _block(side, rng, tokens, pause)
        side.taken.clear()
    started = [side.server.cpu_seconds() or 0.0 for side in pair]
    for _ in range(count // BLOCK):
        for side in pair:
            _block(side, rng, tokens, pause)
    spent = [side.server.cpu_seconds() or 0.0 for side in pair]
    for side in pair:
        side.connection.close()
    without, within = (side.taken for side in pair)
    cpu = [(end - start) / len(without) * 1e6 for start, end in zip(started, spent, strict=True)]
    return {
        "tokens": tokens,
        "per_second": round(1 / pause) if pause else None,
        "requests": len(within),
        "bare_p50_ms": percentile(without, 50),
        "bare_p99_ms": percentile(without, 99),
        "gated_p50_ms": percentile(within, 50),
        "gated_p99_ms": percentile(within, 99),
        "added_p50_ms": percentile(within, 50) - percentile(without, 50),
        "added_p99_ms": percentile(within, 99) - percentile(without, 99),
        "added_cpu_us": cpu[1] - cpu[0],
    }


def _block(side: _Side, rng: random.Random, tokens: int, pause: float) -> None:
    requests = [
        prompts.exchange(prompts.text(rng, tokens), rng.randrange(prompts.ACCOUNTS))
        for _ in range(BLOCK)
    ]
    for request in requests:
        due = time.perf_counter() + pause
        side.taken.append(side.connection.exchange(request) * 1000)
        if pause:
            time.sleep(max(0.0, due - time.perf_counter()))


def tables(result: dict[str, Any]) -> list[Table]:
    """Give one table."""
    cells = [
        (
            f"{row['tokens']:,}",
            f"{row['per_second']}/s" if row["per_second"] else "closed",
            *(f"{row[name]:.3f}" for name in _FIGURES),
            f"{row['added_cpu_us']:.0f}",
            f"{row['added_to_calibration']:.2f}",
        )
        for row in result["rows"]
    ]
    head = ("tokens", "sent", "bare p50", "p99", "gated p50", "p99", "added p50", "p99")
    notes = (
        "`closed`: the next request at once, behind what the gate learns of the last one",
        "`calibrated`: the added median in units of the calibration's time",
    )
    title = "Latency of the mounted gate (uvicorn, one connection, every prompt new), ms"
    return [Table(title, (*head, "CPU µs", "calibrated"), cells, notes)]


_FIGURES = (
    "bare_p50_ms",
    "bare_p99_ms",
    "gated_p50_ms",
    "gated_p99_ms",
    "added_p50_ms",
    "added_p99_ms",
)

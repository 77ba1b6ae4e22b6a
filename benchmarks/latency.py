"""What the mounted gate adds to a request: the same application with and without it, in turns."""

import random
import time
from typing import Any

from benchmarks import prompts, servers
from benchmarks.client import Connection
from benchmarks.machine import Cores, percentile

REQUESTS = {100: 2000, 500: 2000, 4000: 800, 100_000: 120}
"""How many requests a size of prompt (in tokens) is measured with."""
PAUSE = {100_000: 0.1}
"""Seconds after a request in which the gate counts a very long text exactly, off the event loop."""


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:
    """Measure every size; both servers run at once and are asked alternately."""
    rows = []
    with servers.app("bare", cores.server) as bare, servers.app("gated", cores.server) as gated:
        for tokens, count in REQUESTS.items():
            row = _size(bare, gated, tokens, max(20, count // 10 if quick else count))
            row["added_to_calibration"] = row["added_p50_ms"] / calibration["calibration_ms"]
            rows.append(row)
    return {"rows": rows}


def _size(bare: servers.Server, gated: servers.Server, tokens: int, count: int) -> dict[str, Any]:
    rng = random.Random(tokens)
    pair = [(server, Connection(server.port), list[float]()) for server in (bare, gated)]
    warm = max(5, count // 20)
    started = [0.0, 0.0]
    for number in range(warm + count):
        if number == warm:
            started = [server.cpu_seconds() or 0.0 for server, _, _ in pair]
        for _, connection, taken in pair if number % 2 else reversed(pair):
            request = prompts.exchange(prompts.text(rng, tokens), number % prompts.ACCOUNTS)
            seconds = connection.exchange(request)
            time.sleep(PAUSE.get(tokens, 0.0))
            if number >= warm:
                taken.append(seconds * 1000)
    spent = [(server.cpu_seconds() or 0.0) for server, _, _ in pair]
    for _, connection, _ in pair:
        connection.close()
    (_, _, without), (_, _, within) = pair
    cpu = [(end - start) / count * 1e6 for start, end in zip(started, spent, strict=True)]
    return {
        "tokens": tokens,
        "requests": count,
        "bare_p50_ms": percentile(without, 50),
        "bare_p99_ms": percentile(without, 99),
        "gated_p50_ms": percentile(within, 50),
        "gated_p99_ms": percentile(within, 99),
        "added_p50_ms": percentile(within, 50) - percentile(without, 50),
        "added_p99_ms": percentile(within, 99) - percentile(without, 99),
        "added_cpu_us": cpu[1] - cpu[0],
    }


def write(result: dict[str, Any]) -> str:
    """Write the table."""
    lines = [
        "Latency added by the mounted gate (uvicorn, one connection, every prompt new), ms",
        "  tokens  bare p50      p99  gated p50      p99  ADDED p50      p99   CPU us  calibrated",
    ]
    lines += [
        f"{row['tokens']:>8,} {row['bare_p50_ms']:>9.3f} {row['bare_p99_ms']:>8.3f} "
        f"{row['gated_p50_ms']:>10.3f} {row['gated_p99_ms']:>8.3f} "
        f"{row['added_p50_ms']:>10.3f} {row['added_p99_ms']:>8.3f} {row['added_cpu_us']:>8.0f} "
        f"{row['added_to_calibration']:>11.2f}"
        for row in result["rows"]
    ]
    return "\n".join(lines)

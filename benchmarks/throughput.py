"""Requests a second through each proxy on one core, in turns: nginx, ours, and other gateways."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks import cases, population, prompts, servers
from benchmarks.cases import Case
from benchmarks.client import Failed, load
from benchmarks.machine import Cores, percentile
from benchmarks.report import Table

ROUNDS = 3
SECONDS = 1.5
TOKENS = 500
ACCOUNTS = 100_000
"""Accounts that ours has in memory."""
SIZES = {0: "2 KB", 18_000: "20 KB", 398_000: "400 KB"}
"""Bytes of resent history before the new tokens, and what a body then comes to."""


class Shape(NamedTuple):
    """What is sent: connections, and bytes of resent history before the new tokens."""

    connections: int
    history: int

    def __str__(self) -> str:
        return f"{SIZES[self.history]} x{self.connections}"


SHAPES = [Shape(connections, history) for history in SIZES for connections in (32, 1, 256)]
"""The first is the one that ratios are given for."""


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Load each proxy in turns, a number of rounds; the median round counts."""
    rounds, seconds = (1, 1.0) if quick else (ROUNDS, SECONDS)
    shapes = SHAPES[:2] if quick else SHAPES
    accounts = ACCOUNTS // 100 if quick else ACCOUNTS
    rows = []
    with (
        servers.service(cores.load) as upstream,
        cases.started(
            upstream, cores.server, population.prepared(accounts), others=not quick
        ) as compared,
    ):
        for shape in shapes:
            found: dict[str, list[dict[str, Any]]] = {case.name: [] for case in compared.cases}
            for number, case in itertools.product(range(rounds), compared.cases):
                if len(found[case.name]) == number:  # what failed once is not waited for again
                    with contextlib.suppress(Failed, TimeoutError):
                        found[case.name].append(_round(case, shape, number, seconds))
            rows += [{"name": n, "shape": str(shape), **_median(r)} for n, r in found.items() if r]
    return {"tokens": TOKENS, "accounts": accounts, "shapes": [str(shape) for shape in shapes],
            "rows": rows, "skipped": compared.skipped}  # fmt: skip


def _round(case: Case, shape: Shape, number: int, seconds: float) -> dict[str, Any]:
    requests = prompts.stream(
        TOKENS,
        case.path,
        f"{shape} {number}",
        upstream=case.upstream,
        history=shape.history,
    )
    server = case.server
    load(server.port, requests, shape.connections, seconds / 4)
    cpu, own = server.cpu_seconds(), time.process_time()
    done = load(server.port, requests, shape.connections, seconds)
    spent = server.cpu_seconds()
    return {
        "per_second": done.rate,
        "p50_ms": percentile(done.latencies, 50) * 1000,
        "p99_ms": percentile(done.latencies, 99) * 1000,
        "cpu_us": None if cpu is None or spent is None else (spent - cpu) / done.answers * 1e6,
        "client_share": (time.process_time() - own) / done.seconds,
    }


def _median(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(rounds, key=lambda found: float(found["per_second"]))
    return ordered[len(ordered) // 2]


def tables(result: dict[str, Any]) -> list[Table]:
    """Give a table a shape, and what follows from the first."""
    found = []
    head = ("", "requests/s", "ours beside it", "p50 ms", "p99 ms", "CPU µs", "client busy")
    for shape in result["shapes"]:
        rows = [row for row in result["rows"] if row["shape"] == shape]
        rates = {row["name"]: float(row["per_second"]) for row in rows}
        ours = rates.get(cases.SHADOW, 0.0)
        title = f"{shape}: {result['tokens']} new tokens a request, {result['accounts']:,} accounts"
        found.append(Table(title, head, [_cells(row, ours) for row in rows]))
    notes = [*_notes(result), *(f"skipped: {n}: {why}" for n, why in result["skipped"].items())]
    return [*found[:-1], found[-1]._replace(notes=notes)]


def _cells(row: dict[str, Any], ours: float) -> tuple[str, ...]:
    return (
        row["name"],
        f"{row['per_second']:,.0f}",
        f"{ours / row['per_second']:.3f}",
        f"{row['p50_ms']:.2f}",
        f"{row['p99_ms']:.2f}",
        "-" if row["cpu_us"] is None else f"{row['cpu_us']:.0f}",
        f"{row['client_share']:.0%}",
    )


def _notes(result: dict[str, Any]) -> Iterator[str]:
    yield "`ours beside it`: shadow mode's requests a second as a share of that row's"
    yield "`detectors off` is a path the gate does not judge: the relay alone"
    alone = {r["name"]: r["p50_ms"] for r in result["rows"] if r["shape"] == result["shapes"][1]}
    if {"direct", cases.SHADOW} <= alone.keys():
        for name in ("nginx", cases.OFF, cases.SHADOW, cases.ENFORCE):
            if name in alone:
                added = alone[name] - alone["direct"]
                yield f"one connection, 2 KB: {name} adds {added:.2f} ms to the median answer"

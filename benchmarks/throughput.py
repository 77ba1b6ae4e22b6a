"""Requests a second through each proxy on one core, in turns: nginx, ours, and other gateways."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks import peers, prompts, servers
from benchmarks.client import Failed, load
from benchmarks.machine import Cores, percentile

ROUNDS = 3
SECONDS = 3.0
TOKENS = 500
READ, UNREAD = "/v1/chat/completions", "/v1/other"
"""A path the gate judges, and one it only relays."""


class Shape(NamedTuple):
    """What is sent: connections, and bytes of resent history before the new tokens."""

    connections: int
    history: int

    def __str__(self) -> str:
        size = {0: "2 KB", 18_000: "20 KB", 398_000: "400 KB"}[self.history]
        return f"{size} x{self.connections}"


class Case(NamedTuple):
    """A server, and the path it is asked for."""

    name: str
    server: servers.Server
    path: str


SHAPES = [Shape(32, 0), Shape(1, 0), Shape(256, 0), Shape(32, 18_000), Shape(32, 398_000)]
"""The first is the one that ratios are given for."""


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Load each proxy in turns, a number of rounds; the median round counts."""
    rounds, seconds = (1, 1.0) if quick else (ROUNDS, SECONDS)
    shapes = SHAPES[:2] if quick else SHAPES
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.service(cores.load))
        cases, skipped = _cases(stack, upstream.port, cores, quick=quick)
        rows = []
        for shape in shapes:
            found: dict[str, list[dict[str, Any]]] = {case.name: [] for case in cases}
            for number, case in itertools.product(range(rounds), cases):
                with contextlib.suppress(Failed):
                    found[case.name].append(_round(case, shape, number, seconds, upstream.port))
            rows += [{"name": n, "shape": str(shape), **_median(r)} for n, r in found.items() if r]
    return {"tokens": TOKENS, "shapes": [str(shape) for shape in shapes], "rows": rows,
            "skipped": skipped}  # fmt: skip


def _cases(
    stack: contextlib.ExitStack, upstream: int, cores: Cores, *, quick: bool
) -> tuple[list[Case], dict[str, str]]:
    cases, skipped = [], {}
    if servers.has_nginx():
        nginx = stack.enter_context(servers.nginx_proxy(upstream, cores.server))
        cases.append(Case("nginx", nginx, READ))
    else:
        skipped["nginx"] = "not installed here (apt-get install nginx)"
    shadow = stack.enter_context(servers.sidecar(upstream, cores.server))
    enforce = stack.enter_context(servers.sidecar(upstream, cores.server, "enforce"))
    cases += [
        Case("distillgate, shadow", shadow, READ),
        Case("distillgate, enforce", enforce, READ),
        Case("distillgate, relay only", shadow, UNREAD),
    ]
    for name, serve in {} if quick else peers.PEERS.items():
        try:
            server = stack.enter_context(serve(upstream, cores.server))
        except (peers.Missing, RuntimeError) as error:
            skipped[name] = str(error).strip().rpartition("\n")[2]
        else:
            cases.append(Case(server.name, server, READ))
    return cases, skipped


def _round(case: Case, shape: Shape, number: int, seconds: float, upstream: int) -> dict[str, Any]:
    requests = prompts.stream(
        TOKENS,
        case.path,
        f"{case.name} {shape} {number}",
        upstream=upstream,
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


def write(result: dict[str, Any]) -> str:
    """Write a table a shape, and what follows from the first."""
    lines = [f"Proxies, one core, {result['tokens']} new tokens a request"]
    for shape in result["shapes"]:
        lines.append(
            f"  {shape:24} {'per second':>10} {'p50 ms':>8} {'p99 ms':>8} {'CPU us':>8} "
            f"{'client busy':>12}"
        )
        lines += map(_line, (row for row in result["rows"] if row["shape"] == shape))
    lines += _ratios(result)
    lines += [f"  skipped: {name}: {why}" for name, why in result["skipped"].items()]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    cpu = "-" if row["cpu_us"] is None else f"{row['cpu_us']:.0f}"
    return (
        f"    {row['name']:22} {row['per_second']:>10,.0f} {row['p50_ms']:>8.2f} "
        f"{row['p99_ms']:>8.2f} {cpu:>8} {row['client_share']:>11.0%}"
    )


def _ratios(result: dict[str, Any]) -> Iterator[str]:
    rates = {
        r["name"]: r["per_second"] for r in result["rows"] if r["shape"] == result["shapes"][0]
    }
    judged = rates["distillgate, shadow"]
    for name, rate in rates.items():
        if not name.startswith("distillgate"):
            yield f"  judging in shadow does {judged / rate:.3f} of {name}'s requests a second"

"""Requests a second through the sidecar, beside nginx as a bare reverse proxy on the same core."""

import contextlib
import time
from typing import Any

from benchmarks import prompts, servers
from benchmarks.client import load
from benchmarks.machine import Cores, percentile

CONNECTIONS = 32
ROUNDS = 3
SECONDS = 4.0
TOKENS = 500

READ, UNREAD = "/v1/chat/completions", "/v1/other"
"""A path the gate judges, and one it only relays."""


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Load each proxy in turns, a number of rounds; the median round counts."""
    rounds, seconds = (1, 1.0) if quick else (ROUNDS, SECONDS)
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.service(cores.load))
        sidecar = stack.enter_context(servers.sidecar(upstream.port, cores.server))
        cases = [
            ("distillgate, every prompt judged", sidecar, READ),
            ("distillgate, relay only", sidecar, UNREAD),
        ]
        if servers.has_nginx():
            nginx = stack.enter_context(servers.nginx_proxy(upstream.port, cores.server))
            cases.insert(0, ("nginx, bare reverse proxy", nginx, READ))
        results: dict[str, list[dict[str, Any]]] = {name: [] for name, _, _ in cases}
        for number in range(rounds):
            for name, server, path in cases:
                results[name].append(_round(server, path, number, seconds))
    rows = [{"name": name, **_median(found)} for name, found in results.items()]
    return {"nginx": servers.has_nginx(), "connections": CONNECTIONS, "rows": rows}


def _round(server: servers.Server, path: str, number: int, seconds: float) -> dict[str, Any]:
    requests = prompts.stream(TOKENS, path, seed=f"{server.name} {path} {number}")
    load(server.port, requests, CONNECTIONS, seconds / 4)
    cpu, own = server.cpu_seconds(), time.process_time()
    done = load(server.port, requests, CONNECTIONS, seconds)
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
    """Write the table."""
    lines = [
        f"Sidecar, one process, {result['connections']} connections, {TOKENS} new tokens a request",
        f"{'':34} {'per second':>10} {'p50 ms':>8} {'p99 ms':>8} {'CPU us':>8} {'client busy':>12}",
    ]
    for row in result["rows"]:
        cpu = "-" if row["cpu_us"] is None else f"{row['cpu_us']:.0f}"
        lines.append(
            f"{row['name']:34} {row['per_second']:>10,.0f} {row['p50_ms']:>8.2f} "
            f"{row['p99_ms']:>8.2f} {cpu:>8} {row['client_share']:>11.0%}"
        )
    if result["nginx"]:
        nginx, judged = result["rows"][0], result["rows"][1]
        share = judged["per_second"] / nginx["per_second"]
        lines.append(f"The judging sidecar does {share:.0%} of nginx's requests a second.")
        if nginx["client_share"] > 0.5:
            lines.append("The client was busy: nginx could do more; compare the CPU column.")
    else:
        lines.append("nginx is not installed here: skipped (apt-get install nginx to compare).")
    return "\n".join(lines)

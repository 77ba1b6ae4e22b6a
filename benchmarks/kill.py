"""`python -m benchmarks.kill`: how long a gate under load takes from a kill to shadow mode.

A real sidecar refuses every request of some accounts and throttles others. Then an operator kills
it over its pages, while all of them go on. Server and clients share one process, so
what is printed is more than it takes.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

_PAUSE = 0.1
"""Seconds between a client's requests: a load that the clients themselves can bear."""
_REFUSED, _THROTTLED = "refused", "throttled"
_KEY = {"authorization": "Bearer operator"}
_CALL = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}
_CONFIG: dict[str, Any] = {
    "mode": "enforce",
    "admin": {"key": "operator"},
    "asgi": {"identity": {"header": "x-account"}},
    "policy": {
        "ladder": {"observe": -4, "throttle": -3, "degrade": -2, "refuse": -1, "hard_families": 0},
        "enforcement": {"onset_exchanges": 0},
        "exemptions": [{"account": f"{_THROTTLED}-*", "at_most": "throttle", "reason": "slow"}],
        "group_budget": {"refill": 1e-6, "floor_per_day": 1},
    },
    "telemetry": {"log": {"level": "off"}},
}


@dataclass(slots=True)
class Run:
    """What a run's clients saw."""

    began: float = 0.0
    """When the kill was sent."""
    returned: float = 0.0
    """When it was answered."""
    calls: list[tuple[float, float, int]] = field(default_factory=list)
    """Begin, end and status of every request; 0 for one that was lost."""

    @property
    def lost(self) -> int:
        """Requests that got no answer, or one that neither gate nor upstream meant."""
        return sum(status not in (200, 403, 429) for *_, status in self.calls)

    @property
    def refused_before(self) -> int:
        """Requests refused before the kill."""
        return sum(end < self.began and status != 200 for _, end, status in self.calls)

    @property
    def refused_after(self) -> int:
        """Requests that began when the kill was answered, and were refused all the same."""
        return sum(begin > self.returned and status != 200 for begin, _, status in self.calls)

    @property
    def shadow_ms(self) -> float:
        """Milliseconds from the kill to the answer to it, or the last refusal if that was later."""
        refused = [end for _, end, status in self.calls if status != 200 and end > self.began]
        return 1000 * (max([self.returned, *refused]) - self.began)


def measure(*, clients: int, throttled: int, requests: int) -> Run:
    """Load a gate, kill it when half of the `requests` were answered, and go on to the end."""
    # Connections must outlive the time in which everything is refused, or the first is stale.
    with serve(upstream(), timeout_keep_alive=60) as behind:
        gate = Gate(Relay(ProxySettings(upstream=behind.url)), _CONFIG)
        with serve(gate.sidecar()) as front:
            return asyncio.run(_play(front.url, clients, throttled, requests))


async def _play(url: str, clients: int, throttled: int, requests: int) -> Run:
    run, halfway = Run(), asyncio.Event()
    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(
        base_url=url, timeout=60, limits=limits, trust_env=False
    ) as client:

        async def send(name: str) -> None:
            while len(run.calls) < requests:
                begin = time.perf_counter()
                try:
                    answer = await client.post(
                        "/v1/chat/completions", json=_CALL, headers={"x-account": name}
                    )
                    status = answer.status_code
                except httpx2.HTTPError:
                    status = 0
                run.calls.append((begin, time.perf_counter(), status))
                await asyncio.sleep(_PAUSE)
                if len(run.calls) >= requests // 2:
                    halfway.set()

        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(send(f"{_REFUSED}-{number}"))
            for number in range(throttled):
                group.create_task(send(f"{_THROTTLED}-{number}"))
            await halfway.wait()
            run.began = time.perf_counter()
            order = {"reason": "a drill", "by": "benchmark"}
            done = await client.post("/distillgate/kill", json=order, headers=_KEY)
            run.returned = time.perf_counter()
            done.raise_for_status()
    return run


def main(arguments: Sequence[str] | None = None) -> None:
    """Kill a gate under load a number of times, and print how long it took."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--throttled", type=int, default=16)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args(arguments)
    times = []
    for _ in range(options.runs):
        run = measure(
            clients=options.clients, throttled=options.throttled, requests=options.requests
        )
        times.append(run.shadow_ms)
        print(
            f"{run.shadow_ms:7.1f} ms to shadow; {len(run.calls):,} requests, {run.lost} lost, "
            f"{run.refused_before:,} refused before, "
            f"{run.refused_after} refused after"
        )
    print(f"median {statistics.median(times):.1f} ms, worst {max(times):.1f} ms")


if __name__ == "__main__":
    main()

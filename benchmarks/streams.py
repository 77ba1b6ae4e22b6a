"""Streams through the proxies: the first byte's delay, events a second, a thousand at once.

The upstream sends 200 events, one write each, a fixed pause apart, as a model does.
"""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import prompts, servers
from benchmarks.client import Failed
from benchmarks.machine import Cores, percentile

EVENTS = 200
LATE, FLOOD, MANY = 1, 64, 1000
"""Streams at once: for the first byte's delay, for chunks a second, and for memory."""
ROUNDS = 3
PATH = "/v1/chat/completions"


@dataclass
class Streamed:
    """What a number of streams came to."""

    first: list[float] = field(default_factory=list)
    """Seconds from each request to its first byte of body."""
    events: int = 0
    seconds: float = 0.0


def measure(cores: Cores, *, quick: bool, calibration: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    """Measure each proxy in turns; the median round counts."""
    with contextlib.ExitStack() as stack:
        upstream = stack.enter_context(servers.app("events", cores.load))
        cases = {
            "direct": upstream,
            "distillgate, shadow": stack.enter_context(
                servers.sidecar(upstream.port, cores.server)
            ),
        }
        if servers.has_nginx():
            cases["nginx"] = stack.enter_context(servers.nginx_proxy(upstream.port, cores.server))
        rows = {name: _case(server, 1 if quick else ROUNDS) for name, server in cases.items()}
        memory = _memory(cases["distillgate, shadow"], 50 if quick else MANY)
    return {"events": EVENTS, "rows": rows, "memory": memory}


def _case(server: servers.Server, rounds: int) -> dict[str, float]:
    requests = prompts.stream(
        500, PATH, f"streams {server.name}", upstream=server.port, streamed=True
    )
    first, rates = [], []
    for _ in range(rounds):
        for _ in range(10):
            first += _run(server.port, requests, LATE).first
        done = _run(server.port, requests, FLOOD)
        rates.append(done.events / done.seconds)
    return {
        "first_byte_ms": percentile(first, 50) * 1000,
        "events_per_second": sorted(rates)[len(rates) // 2],
    }


def _memory(server: servers.Server, streams: int) -> dict[str, Any]:
    """Sample the process's memory while a thousand streams are open, twice."""
    requests = prompts.stream(100, PATH, "memory", upstream=server.port, streamed=True)
    peaks = []
    for _ in range(2):
        _run(server.port, requests, streams)
        peaks.append(resident(server.process))
    return {"streams": streams, "after_first_mb": peaks[0], "after_second_mb": peaks[1]}


def resident(process: int) -> float:
    """Give the memory a process holds, in MB."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


class _Reader(asyncio.Protocol):
    """Sends one request and reads its stream to the end."""

    def __init__(self, request: bytes, done: Streamed) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._done = done
        self._head = b""
        self._started = 0.0
        self._begun = False
        self._tail = b""
        self._transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._started = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._begun:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0 or end + 4 == len(self._head):
                return
            if not self._head.startswith(b"HTTP/1.1 200"):
                self._end(Failed(self._head[:200].decode("latin-1")))
                return
            self._begun = True
            self._done.first.append(time.perf_counter() - self._started)
            data = self._head[end + 4 :]
        self._done.events += data.count(b"data: ")
        self._tail = (self._tail + data)[-64:]
        if self._tail.endswith(b"0\r\n\r\n"):
            self._end(None)

    def connection_lost(self, _: Exception | None) -> None:
        self._end(Failed("the server closed the connection"))

    def _end(self, error: Failed | None) -> None:
        if self.ended.done():
            return
        if error is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(error)
        self._transport.close()


async def _streams(port: int, requests: Iterator[bytes], count: int) -> Streamed:
    done = Streamed()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    readers = []
    for _ in range(count):
        _, reader = await loop.create_connection(
            lambda: _Reader(next(requests), done), "127.0.0.1", port
        )
        readers.append(reader.ended)
    async with asyncio.timeout(120):
        await asyncio.gather(*readers)
    done.seconds = time.perf_counter() - started
    return done


def _run(port: int, requests: Iterator[bytes], count: int) -> Streamed:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_streams(port, requests, count))


def write(result: dict[str, Any]) -> str:
    """Write the table."""
    rows, memory = result["rows"], result["memory"]
    lines = [
        f"Streams of {result['events']} events, 500 new tokens a request",
        f"{'':24} {'first byte ms':>14} {'events a second':>16}",
    ]
    lines += [
        f"  {name:22} {row['first_byte_ms']:>14.2f} {row['events_per_second']:>16,.0f}"
        for name, row in rows.items()
    ]
    own = rows["distillgate, shadow"]
    for name, row in rows.items():
        if name != "distillgate, shadow":
            late = own["first_byte_ms"] - row["first_byte_ms"]
            share = own["events_per_second"] / row["events_per_second"]
            lines.append(f"  beside {name}: first byte {late:+.2f} ms, {share:.2f} of its events")
    lines.append(
        f"  memory with {memory['streams']:,} streams: {memory['after_first_mb']:.0f} MB, "
        f"once more {memory['after_second_mb']:.0f} MB"
    )
    return "\n".join(lines)

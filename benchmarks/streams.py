"""Streams through the proxies: the first byte's delay, events a second, a thousand at once.

The upstream sends 200 events, one write each: a fixed pause apart, as a model does, for the first
byte and for memory; without a pause for events a second.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import cases, population, prompts, servers
from benchmarks.cases import Case
from benchmarks.client import Failed
from benchmarks.machine import Cores, percentile
from benchmarks.report import Table

EVENTS = 200
FLOODS, MANY = (1, 32, 256), 1000
"""Streams at once: for events a second, and for memory."""
ACCOUNTS = 100_000
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
    state = population.prepared(1000 if quick else ACCOUNTS)
    rounds, others = (1, False) if quick else (ROUNDS, True)
    with (
        servers.app("events", cores.load) as upstream,
        cases.started(upstream, cores.server, state, others=others) as paced,
    ):
        first = {case.name: _first(case, rounds) for case in paced.cases}
        shadow = next(case for case in paced.cases if case.name == cases.SHADOW)
        memory = _memory(shadow.server, 50 if quick else MANY)
    with (
        servers.app("burst", cores.load) as upstream,
        cases.started(upstream, cores.server, state, others=others) as burst,
    ):
        rates = {case.name: {n: _rate(case, n, rounds) for n in FLOODS} for case in burst.cases}
    rows = {
        name: {"first_byte_ms": first[name], "events_per_second": rates.get(name, {})}
        for name in first
    }
    return {"events": EVENTS, "rows": rows, "memory": memory, "skipped": paced.skipped}


def _first(case: Case, rounds: int) -> float | None:
    """Give the median delay of a stream's first byte, one stream at a time."""
    requests = _requests(case, "first")
    try:
        first = [t for _ in range(3 * rounds) for t in _run(case.server.port, requests, 1).first]
    except Failed:
        return None
    return percentile(first[1:] or first, 50) * 1000


def _rate(case: Case, streams: int, rounds: int) -> float | None:
    """Give the median events a second of so many streams at once, each without a pause."""
    requests, rates = _requests(case, f"{streams} at once"), []
    repeats = max(1, 96 // streams)
    try:
        for _ in range(rounds):
            done = [_run(case.server.port, requests, streams) for _ in range(repeats)]
            rates.append(sum(d.events for d in done) / sum(d.seconds for d in done))
    except (Failed, TimeoutError):
        return None
    return sorted(rates)[len(rates) // 2]


def _requests(case: Case, seed: str) -> Iterator[bytes]:
    return prompts.stream(500, case.path, seed, upstream=case.upstream, streamed=True)


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


def tables(result: dict[str, Any]) -> list[Table]:
    """Give one table."""
    rows, memory = result["rows"], result["memory"]
    own = rows[cases.SHADOW]
    floods = [f"events/s x{n}" for n in FLOODS]
    head = ("", "first byte ms", "ours later by", *floods, f"ours beside it x{FLOODS[1]}")
    cells = []
    for name, row in rows.items():
        rates = [row["events_per_second"].get(n) for n in FLOODS]
        first, ours = row["first_byte_ms"], own["events_per_second"][FLOODS[1]]
        late = "-" if first is None else f"{own['first_byte_ms'] - first:+.2f}"
        share = f"{ours / rates[1]:.2f}" if rates[1] and ours else "-"
        cells.append((name, _text(first, 2), late, *(_text(rate, 0) for rate in rates), share))
    held = f"{memory['after_first_mb']:.0f} MB, once more {memory['after_second_mb']:.0f} MB"
    notes = [
        f"memory with {memory['streams']:,} streams: {held}",
        *(f"skipped: {name}: {why}" for name, why in result["skipped"].items()),
    ]
    title = f"Streams of {result['events']} events, 500 new tokens a request"
    return [Table(title, head, cells, notes)]


def _text(value: float | None, digits: int) -> str:
    return "failed" if value is None else f"{value:,.{digits}f}"

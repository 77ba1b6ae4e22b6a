"""Clients that cost little: one blocking connection for latency, many at once for load."""

import asyncio
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Failed(Exception):  # noqa: N818  # it ends the run, it is not handled
    """The server answered something else than 200, or went away."""


def answer_length(received: bytes | bytearray) -> int | None:
    """Say how long a whole answer is, once that can be told: chunked ones, when they are there."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    if not received.startswith(b"HTTP/1.1 200"):
        raise Failed(bytes(received[:200]).decode("latin-1"))
    length = LENGTH.search(received, 0, end + 2)
    if length is not None:
        return end + 4 + int(length[1])
    return len(received) if received.endswith(b"\r\n0\r\n\r\n") else None


class Connection:
    """One keep-alive connection, used for one request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def exchange(self, request: bytes) -> float:
        """Send a request and read its answer; gives the seconds between."""
        start = time.perf_counter()
        self._socket.sendall(request)
        received = self._socket.recv(65_536)
        while (length := answer_length(received)) is None or len(received) < length:
            more = self._socket.recv(65_536)
            if not more:
                raise Failed("the server closed the connection")
            received += more
        return time.perf_counter() - start

    def close(self) -> None:
        self._socket.close()


@dataclass
class Load:
    """What a number of connections got done."""

    answers: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


class _Caller(asyncio.Protocol):
    """Sends the next request as soon as the last is answered."""

    def __init__(self, requests: Iterator[bytes], load: Load, until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._load = load
        self._until = until
        self._received = bytearray()
        self._start = 0.0
        self._transport: Any  # uvloop's are no subclass of asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next(time.perf_counter())

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            length = answer_length(self._received)
        except Failed as error:
            if not self.done.done():
                self.done.set_exception(error)
            self._transport.abort()
            return
        if length is None or len(self._received) < length:
            return
        self._received.clear()
        now = time.perf_counter()
        self._load.answers += 1
        self._load.latencies.append(now - self._start)
        if now < self._until:
            self._next(now)
        else:
            self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        if self.done.done():
            return
        if time.perf_counter() < self._until:
            self.done.set_exception(Failed("the server closed the connection"))
        else:
            self.done.set_result(None)

    def _next(self, now: float) -> None:
        self._start = now
        self._transport.write(next(self._requests))


async def _load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    load = Load()
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    callers = []
    for _ in range(connections):
        _, caller = await loop.create_connection(
            lambda: _Caller(requests, load, start + seconds), "127.0.0.1", port
        )
        callers.append(caller.done)
    async with asyncio.timeout(seconds + 30):
        await asyncio.gather(*callers)
    load.seconds = time.perf_counter() - start
    return load


def load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    """Keep `connections` busy for `seconds`. Raises `Failed` for any answer that is not a 200."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_load(port, requests, connections, seconds))

"""A sidecar on real sockets, gate and all, and raw exchanges with it."""

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

import pytest

from distillgate.assembly import build
from distillgate.config.schema import Config
from distillgate.proxy.app import Sidecar
from distillgate.proxy.relay import Relay
from distillgate.proxy.serve import protocol
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.server import Address, serve


class Got(NamedTuple):
    """An answer, its framing undone."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


class Run(Protocol):
    def __call__(self, upstream: str, **settings: Any) -> AbstractContextManager[Address]: ...


@pytest.fixture
def sidecar() -> Run:
    """Serve a sidecar in front of an upstream's URL."""

    @contextlib.contextmanager
    def run(upstream: str, **settings: Any) -> Iterator[Address]:
        given = ProxySettings(upstream=upstream, **settings)
        relay = Relay(given)
        parts = build(Config())
        gate = parts.middleware(relay)
        try:
            app = Sidecar(gate)
            front = protocol(app, given)
            with serve(app, http=front, server_header=False, date_header=False) as address:
                yield address
        finally:
            asyncio.run(parts.close())

    return run


@pytest.fixture
def ask() -> Callable[..., Got]:
    """Send a request byte for byte and read the whole answer."""

    def ask(address: Address, request: bytes, *, head: bool = False) -> Got:
        with socket.create_connection((address.host, address.port), timeout=20) as connection:
            connection.sendall(request)
            answer = http.client.HTTPResponse(connection, method="HEAD" if head else "GET")
            answer.begin()
            try:
                return Got(answer.status, answer.getheaders(), answer.read())
            finally:
                answer.close()

    return ask


@pytest.fixture
def eventually() -> Callable[..., float]:
    """Wait until something is true; gives the seconds it took."""

    def wait(condition: Callable[[], object], seconds: float = 10.0) -> float:
        begun = time.monotonic()
        while not condition():
            assert time.monotonic() - begun < seconds, "it never became true"
            time.sleep(0.002)
        return time.monotonic() - begun

    return wait


@contextlib.contextmanager
def speaking(
    *parts: bytes, hold: bool = False, hung_up: list[bool] | None = None
) -> Iterator[Address]:
    """A server that answers each connection with these bytes and hangs up, or holds on.

    `hung_up` grows by one whenever it has.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def talk() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    for part in parts:
                        connection.sendall(part)
                    if hold:
                        over.wait(30)
                if hung_up is not None:
                    hung_up.append(True)

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield Address(*listener.getsockname())
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def talking(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server in this event loop that talks as told; its port. Its connections end with it."""
    talks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*talks)
        await server.wait_closed()

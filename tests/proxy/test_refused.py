"""A refusal is a whole answer, in a shape that its reader knows."""

import asyncio
import contextlib
import http.client
import io
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from distillgate.proxy.head import Head, InvalidRequestError
from distillgate.proxy.refused import DISCARDED_BYTES, Linger, written


class _Bytes(io.BytesIO):
    def makefile(self, *_: Any) -> "_Bytes":
        return self


def read(answer: bytes) -> tuple[http.client.HTTPResponse, bytes]:
    response = http.client.HTTPResponse(_Bytes(answer))  # type: ignore[arg-type]  # as a socket
    response.begin()
    return response, response.read()


@pytest.mark.parametrize("status", [400, 408, 414, 431, 503, 505])
@pytest.mark.parametrize("path", [b"/v1/messages", b"/v1/chat/completions", b"/files"])
def test_every_status_has_the_shape_of_the_paths_api(status: int, path: bytes) -> None:
    head = Head("POST", path, b"", "1.1", [])
    response, body = read(written(InvalidRequestError("No.", status, head=head)))
    assert (response.status, response.getheader("connection")) == (status, "close")
    document = json.loads(body)
    assert document["error"]["message"].startswith("No.")
    assert (document.get("type") == "error") is (path == b"/v1/messages")


def test_without_a_path_it_is_plain_text() -> None:
    response, body = read(written(InvalidRequestError("This is no HTTP request.")))
    assert response.getheader("content-type") == "text/plain; charset=utf-8"
    assert body == b"This is no HTTP request.\n"


class Refusing(asyncio.Protocol):
    """Refuses whatever comes, and lingers."""

    def __init__(self, over: asyncio.Future[None]) -> None:
        self.over = over

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"no")
        self.linger = Linger(transport, FlowControl(transport), asyncio.get_running_loop())

    def data_received(self, data: bytes) -> None:
        self.linger.discard(data)

    def connection_lost(self, error: Exception | None) -> None:
        self.over.set_result(None)


def send(port: int, count: int) -> bytes:
    """Send so many bytes before anything is read."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"x" * count)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while part := connection.recv(65536):
            got += part
        return got


@contextlib.asynccontextmanager
async def refusing() -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    server = await loop.create_server(lambda: Refusing(over), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await over


def test_what_a_client_had_under_way_does_not_keep_it_from_reading_the_answer() -> None:
    async def run() -> None:
        async with refusing() as port:
            assert await asyncio.to_thread(send, port, DISCARDED_BYTES // 2) == b"no"

    asyncio.run(run())


def test_a_client_that_never_stops_is_cut() -> None:
    async def run() -> None:
        async with refusing() as port:
            with pytest.raises(ConnectionError):
                await asyncio.to_thread(send, port, DISCARDED_BYTES * 8)

    asyncio.run(run())

"""The seam round the HTTP client: what is sent again, what is not, and what its errors become."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Self

import pytest

from distillgate.errors import UpstreamError
from distillgate.proxy.settings import ProxySettings
from distillgate.proxy.upstream import Upstream, cause

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Fickle:
    """Answers the first request of each connection, and hangs up on the second."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run)
        self.url = "http://{}:{}".format(*self._listener.getsockname())

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection:
                    for answer in (ANSWER, b""):
                        self.requests.append(connection.recv(65536))
                        connection.sendall(answer)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def fickle() -> Iterator[Fickle]:
    with Fickle() as server:
        yield server


async def ask(upstream: Upstream, method: str, body: bytes | None = None) -> bytes:
    answer = await upstream.ask(method, "/x", [], body)
    try:
        got, last = await answer.read()
        assert last
        return got
    finally:
        answer.close()


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", b"p"), ("DELETE", None)])
def test_an_idempotent_request_on_a_dead_connection_is_sent_again(
    fickle: Fickle, method: str, body: bytes | None
) -> None:
    async def run() -> list[bytes]:
        upstream = Upstream(ProxySettings(upstream=fickle.url))
        try:
            return [await ask(upstream, method, body) for _ in range(3)]
        finally:
            await upstream.close()

    assert asyncio.run(run()) == [b"ok"] * 3


def test_a_post_is_never_sent_twice(fickle: Fickle) -> None:
    async def run() -> None:
        upstream = Upstream(ProxySettings(upstream=fickle.url))
        try:
            assert await ask(upstream, "POST", b"first") == b"ok"
            with pytest.raises(UpstreamError) as raised:
                await ask(upstream, "POST", b"second")
        finally:
            await upstream.close()
        assert raised.value.status == 502

    asyncio.run(run())
    assert sum(b"second" in request for request in fickle.requests) == 1


def test_a_closed_pool_opens_anew(fickle: Fickle) -> None:
    async def run() -> None:
        upstream = Upstream(ProxySettings(upstream=fickle.url))
        for _ in range(2):
            assert await ask(upstream, "POST", b"x") == b"ok"
            await upstream.close()

    asyncio.run(run())


def test_a_file_of_authorities_that_is_none_is_an_error(tmp_path: object) -> None:
    async def run() -> None:
        Upstream(ProxySettings(upstream="https://h", ca_file=f"{tmp_path}/none.pem")).open()

    with pytest.raises((OSError, ssl.SSLError)):
        asyncio.run(run())


def test_a_cause_names_the_upstream_and_quotes_nothing() -> None:
    def named(error: UpstreamError, source: Exception) -> str:
        error.__cause__ = source
        return cause(error)

    refused = UpstreamError("The upstream could not be reached.", kind="connect")
    broken = UpstreamError("The upstream broke off.")

    assert named(refused, OSError("h:80: Connection refused")) == (
        "OSError: h:80: Connection refused"
    )
    assert named(broken, EOFError("the answer's text")) == "EOFError"
    assert cause(UpstreamError("unlinked")) == "UpstreamError"

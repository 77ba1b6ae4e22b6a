"""Whatever an application does, its client gets a whole answer or a broken connection."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from distillgate.proxy.app import Sidecar
from distillgate.proxy.cycle import Cycle
from distillgate.proxy.serve import protocol
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.server import serve


def answered(messages: list[dict[str, Any]], *, request: bytes = b"GET / HTTP/1.1") -> bytes:
    """Return what a client reads where an application sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            for message in messages:
                await send(message)

    sidecar = Sidecar(app)
    front = protocol(sidecar, ProxySettings())
    with (
        serve(
            sidecar, http=front, lifespan="off", date_header=False, server_header=False
        ) as address,
        socket.create_connection((address.host, address.port), timeout=30) as connection,
    ):
        connection.sendall(request + b"\r\nHost: h\r\nConnection: close\r\n\r\n")
        got = b""
        while part := connection.recv(65536):
            got += part
        return got


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(content: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": more}


HEAD = b"HTTP/1.1 200 OK\r\n"
CLOSE = b"connection: close\r\n"


@pytest.mark.parametrize(
    ("request_line", "messages", "expected"),
    [
        (
            b"GET / HTTP/1.1",
            [start(), body(b"a", more=True), body(b"", more=True), body(b"b")],
            HEAD + CLOSE + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
        ),
        (
            b"GET / HTTP/1.0",
            [start((b"Transfer-Encoding", b"chunked")), body(b"a", more=True), body(b"b")],
            HEAD + CLOSE + b"\r\nab",
        ),
        (
            b"GET / HTTP/1.0",
            [start((b"Content-Length", b"2")), body(b"ab")],
            HEAD + b"content-length: 2\r\n" + CLOSE + b"\r\nab",
        ),
        (b"HEAD / HTTP/1.1", [start(), body(b"ab")], HEAD + CLOSE + b"\r\n"),
        (
            b"HEAD / HTTP/1.1",
            [start((b"Content-Length", b"2")), body(b"")],
            HEAD + b"content-length: 2\r\n" + CLOSE + b"\r\n",
        ),
        (
            b"GET / HTTP/1.1",
            [start(status=204), body(b"")],
            b"HTTP/1.1 204 No Content\r\n" + CLOSE + b"\r\n",
        ),
        (
            b"GET / HTTP/1.1",
            [start((b"content-length", b"0"), status=299), body(b"")],
            b"HTTP/1.1 299 \r\ncontent-length: 0\r\n" + CLOSE + b"\r\n",
        ),
    ],
)
def test_an_answer_is_framed_for_its_reader(
    request_line: bytes, messages: list[dict[str, Any]], expected: bytes
) -> None:
    assert answered(messages, request=request_line) == expected


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [body(b"a")],
        [start((b"x", b"a\r\nb: c")), body(b"a")],
        [start((b"x\n", b"a")), body(b"a")],
    ],
)
def test_an_application_that_fails_before_it_answers_is_a_500(
    messages: list[dict[str, Any]],
) -> None:
    answer = answered(messages)
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert answer.endswith(b"\r\n\r\nInternal Server Error")


@pytest.mark.parametrize(
    "messages",
    [
        [start(), body(b"a", more=True)],
        [start((b"content-length", b"5")), body(b"a")],
        [start((b"content-length", b"1")), body(b"ab")],
        [start(), start()],
    ],
)
def test_an_answer_that_fails_is_never_taken_for_whole(messages: list[dict[str, Any]]) -> None:
    answer = answered(messages)
    assert answer.startswith(HEAD)
    head, _, content = answer.partition(b"\r\n\r\n")
    if b"content-length" in head:
        assert f"content-length: {len(content)}".encode() not in head
    else:
        assert not answer.endswith(b"0\r\n\r\n")


class Transport:
    """Keeps what is written to it, each write by itself."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, piece: bytes) -> None:
        self.written.append(piece)

    def writelines(self, pieces: Any) -> None:
        """Fail once closed, as asyncio's own transport does (Python 3.12.1 and 3.13.0)."""
        if self.closed:
            raise TypeError
        self.written.append(b"".join(pieces))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def written(app: Any, transport: Any = None, *, expects_continue: bool = False) -> list[bytes]:
    """Return what an application's answer is written in."""
    transport = transport or Transport()

    async def run() -> list[bytes]:
        cycle = Cycle(
            {"type": "http", "method": "GET", "http_version": "1.1"},
            transport,
            FlowControl(transport),
            default_headers=(),
            expects_continue=expects_continue,
            keep_alive=True,
            on_hungry=list,
            on_end=list,
        )
        await cycle.run(app)
        return list(transport.written)

    return asyncio.run(run())


def test_the_head_of_an_answer_goes_out_with_the_first_piece_of_its_body() -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send(start())
        await send(body(b"a", more=True))
        await send(body(b"b"))

    head = HEAD + b"transfer-encoding: chunked\r\n\r\n"
    assert written(app) == [head + b"1\r\na\r\n", b"1\r\nb\r\n0\r\n\r\n"]


def test_the_head_of_an_answer_does_not_wait_for_a_body_that_is_not_there_yet() -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send(start((b"content-length", b"1")))
        await send(body(b"", more=True))
        await asyncio.sleep(0)
        await send(body(b"a"))

    assert written(app) == [HEAD + b"content-length: 1\r\n\r\n", b"a"]


@pytest.mark.parametrize("rest", [[body(b"")], []])
def test_the_head_of_an_answer_without_a_body_goes_out(rest: list[Any]) -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        for message in (start((b"content-length", b"0")), *rest):
            await send(message)

    assert written(app) == [HEAD + b"content-length: 0\r\n\r\n"]


def test_an_answer_to_a_client_that_has_just_left_is_no_error() -> None:
    transport, sent = Transport(), []

    async def app(_: Any, __: Any, send: Any) -> None:
        transport.close()  # its connection is told of it in the loop's next turn
        for message in (start(), body(b"a")):
            await send(message)
            sent.append(message["type"])

    written(app, transport)
    assert sent == ["http.response.start", "http.response.body"]


def test_a_client_that_was_answered_is_not_told_to_go_on() -> None:
    async def app(_: Any, receive: Any, send: Any) -> None:
        await send(start((b"content-length", b"1")))
        await send(body(b"a", more=True))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0):
                await receive()
        await send(body(b""))

    answer = HEAD + b"content-length: 1\r\nconnection: close\r\n\r\na"
    assert b"".join(written(app, expects_continue=True)) == answer

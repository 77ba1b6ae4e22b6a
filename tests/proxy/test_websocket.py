"""WebSockets pass both ways, with their subprotocol, their refusal and the code they close with."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from websockets import ConnectionClosed, Subprotocol
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import Address, serve


class Far:
    """An upstream that remembers how it was closed, and closes when it is told to."""

    def __init__(self) -> None:
        self.closes: list[tuple[int, str | None]] = []
        self.scopes: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        self.scopes.append(scope)
        await receive()
        if scope["path"] == "/denied":
            headers = [(b"content-length", b"0")]
            await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": b""})
            return
        await send({"type": "websocket.accept", "headers": [(b"x-far", b"1")]})
        while (message := await receive())["type"] == "websocket.receive":
            if message.get("text") == "close":
                await send({"type": "websocket.close", "code": 4321, "reason": "as told"})
            elif message.get("text") == "die":
                raise ConnectionAbortedError
            else:
                await send(message | {"type": "websocket.send"})
        self.closes.append((message["code"], message.get("reason")))


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def address(far: Far, sidecar: Any) -> Iterator[Address]:
    with serve(far) as server, sidecar(server.url) as running:
        yield running


def dial(address: Address, path: str = "/v1/realtime?model=m", **options: Any) -> ClientConnection:
    url = f"ws://{address.host}:{address.port}{path}"
    near: ClientConnection = connect(url, proxy=None, close_timeout=5, **options)
    return near


def test_messages_pass_both_ways_in_order(address: Address) -> None:
    with dial(address, max_size=None) as near:
        said: list[str | bytes] = ["text", b"\x00\xff", "\u2028 \U0001f30a", "x" * 300_000, b"", ""]
        for message in said:
            near.send(message)
        assert [near.recv(timeout=10) for _ in said] == said


def test_path_query_and_headers_arrive(address: Address, far: Far) -> None:
    headers = {"Authorization": "Bearer k", "OpenAI-Beta": "realtime=v1"}
    with dial(address, "/v1/real%2Ftime?a=%41", additional_headers=headers) as near:
        assert near.response is not None
        assert near.response.headers["x-far"] == "1"
    scope = far.scopes[0]
    assert (scope["raw_path"], scope["query_string"]) == (b"/v1/real%2Ftime", b"a=%41")
    sent = dict(scope["headers"])
    assert (sent[b"authorization"], sent[b"openai-beta"]) == (b"Bearer k", b"realtime=v1")
    assert sent[b"x-forwarded-for"] == b"127.0.0.1"
    assert sent[b"x-forwarded-proto"] == b"http"


def test_the_subprotocol_is_the_upstreams_choice(sidecar: Any) -> None:
    offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.k")]
    with (
        serve(upstream()) as server,
        sidecar(server.url) as address,
        dial(address, subprotocols=offered) as near,
    ):
        assert near.subprotocol == "realtime"
        near.send("still there")
        assert near.recv(timeout=10) == "still there"


def test_the_upstreams_close_reaches_the_client(address: Address) -> None:
    with dial(address) as near:
        near.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            near.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4321, "as told")


def test_the_clients_close_reaches_the_upstream(
    address: Address, far: Far, eventually: Any
) -> None:
    with dial(address) as near:
        near.close(4000, "done")
    eventually(lambda: far.closes)
    assert far.closes == [(4000, "done")]


def test_a_client_that_vanishes_is_going_away(address: Address, far: Far, eventually: Any) -> None:
    with dial(address) as near:
        near.socket.shutdown(socket.SHUT_RDWR)
    eventually(lambda: far.closes)
    assert far.closes[0][0] in (1000, 1001)


def test_an_upstream_that_vanishes_is_an_error_for_the_client(address: Address) -> None:
    with dial(address) as near:
        near.send("die")
        with pytest.raises(ConnectionClosed) as closed:
            near.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


def test_a_refusal_keeps_its_status(address: Address) -> None:
    with pytest.raises(InvalidStatus) as refused:
        dial(address, "/denied")
    assert refused.value.response.status_code == 401


def test_an_upstream_that_is_not_there_is_502(nowhere: str, sidecar: Any) -> None:
    with sidecar(nowhere) as running, pytest.raises(InvalidStatus) as refused:
        dial(running)
    assert refused.value.response.status_code == 502

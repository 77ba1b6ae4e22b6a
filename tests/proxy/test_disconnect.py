"""A client that leaves takes its upstream request with it, in every window, and leaks nothing."""

import asyncio
import contextlib
import http.client
import json
import socket
import struct
from typing import Any

import pytest

from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.app import Upstream, upstream
from distillgate_lab.upstream.server import Address, serve

LONG = 60.0


def post(*, stream: bool) -> bytes:
    turns = [{"role": "user", "content": "q"}]
    body = json.dumps({"model": "m", "messages": turns, "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def leave(
    address: Address, app: Upstream, eventually: Any, *, stream: bool, until: bytes, reset: bool
) -> float:
    """Begin a request, hang up in mid-flight, and time how long the upstream goes on."""
    before = app.cancelled
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        if reset:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.sendall(post(stream=stream))
        eventually(lambda: app.live == 1)
        got = b""
        while until not in got:
            got += connection.recv(65536)
    taken: float = eventually(lambda: app.cancelled == before + 1 and app.live == 0)
    return taken


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize(
    ("delays", "stream", "until"),
    [
        ({"first_delay": LONG}, True, b""),
        ({"first_delay": LONG}, False, b""),
        ({"chunk_delay": LONG}, True, b"data: "),
    ],
)
def test_the_upstream_request_ends_within_200_ms(
    sidecar: Any,
    eventually: Any,
    delays: dict[str, Any],
    stream: bool,
    until: bytes,
    reset: bool,
) -> None:
    app = upstream(**delays)
    with serve(app) as far, sidecar(far.url) as address:
        taken = [
            leave(address, app, eventually, stream=stream, until=until, reset=reset)
            for _ in range(5)
        ]
    # The best of five: a busy machine may be late, a proxy that does not notice never is in time.
    assert min(taken) < 0.2
    assert app.finished == 0


def test_a_pool_of_two_survives_a_hundred_aborted_streams(
    sidecar: Any, ask: Any, eventually: Any
) -> None:
    app = upstream(chunk_delay=LONG)
    settings = {"max_connections": 2, "connect_seconds": 5.0}
    with serve(app) as far, sidecar(far.url, **settings) as address:
        for _ in range(100):
            leave(address, app, eventually, stream=True, until=b"data: ", reset=False)
        app.chunk_delay = 0.0
        for _ in range(4):
            assert ask(address, post(stream=True)).body.endswith(b"data: [DONE]\n\n")
    assert (app.cancelled, app.live) == (100, 0)


def test_a_client_that_leaves_while_it_waits_for_a_connection_is_forgotten(
    sidecar: Any, eventually: Any
) -> None:
    app = upstream(first_delay=LONG)
    with serve(app) as far, sidecar(far.url, max_connections=1) as address:
        with socket.create_connection((address.host, address.port)) as first:
            first.sendall(post(stream=True))
            eventually(lambda: app.live == 1)
            with socket.create_connection((address.host, address.port)) as second:
                second.sendall(post(stream=True))
        eventually(lambda: app.live == 0)
        app.first_delay = 0.0
        with socket.create_connection((address.host, address.port), timeout=20) as third:
            third.sendall(post(stream=True))
            got = b""
            while b"[DONE]" not in got:
                got += third.recv(65536)
    assert len(app.received) == 2


def test_a_client_that_leaves_in_mid_upload_ends_the_upstreams(
    sidecar: Any, eventually: Any
) -> None:
    seen: list[str] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while True:
            message = await receive()
            seen.append(message["type"])
            if message["type"] == "http.disconnect" or not message["more_body"]:
                return

    with serve(slow) as far, sidecar(far.url) as address:
        with socket.create_connection((address.host, address.port)) as connection:
            connection.sendall(
                b"POST /v1/files HTTP/1.1\r\nHost: h\r\nContent-Length: 999999\r\n\r\n"
            )
            connection.sendall(b"x" * 100_000)
            eventually(lambda: "http.request" in seen)
        eventually(lambda: seen[-1:] == ["http.disconnect"])


def test_a_slow_reader_gets_everything(sidecar: Any, eventually: Any) -> None:
    word = "x" * 8_000_000  # more than all buffers on the way hold
    app = upstream(answer=lambda _: word)
    with (
        serve(app) as far,
        sidecar(far.url) as address,
        socket.create_connection((address.host, address.port), timeout=20) as connection,
    ):
        connection.sendall(post(stream=False))
        eventually(lambda: app.received)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        got = json.loads(answer.read())
        answer.close()
    assert got["choices"][0]["message"]["content"] == word


def test_the_servers_word_that_the_answer_is_complete_is_no_disconnect() -> None:
    """What lies round the relay may still have work to do when the last byte has been sent."""
    done: list[str] = []

    async def run(url: str) -> None:
        complete = asyncio.Event()
        first = [{"type": "http.request", "body": b"{}", "more_body": False}]

        async def receive() -> Any:
            if first:
                return first.pop()
            await complete.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body" and not message["more_body"]:
                complete.set()
                for _ in range(10):
                    await asyncio.sleep(0)
                done.append("after the last byte")

        relay = Relay(ProxySettings(upstream=url))
        scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}
        await relay(scope, receive, send)
        await relay.close()

    with serve(upstream()) as far:
        asyncio.run(run(far.url))
    assert done == ["after the last byte"]


@pytest.mark.parametrize("stopped", [False, True])
def test_who_stops_a_relay_whose_client_leaves_in_the_same_moment_is_obeyed(
    stopped: bool, eventually: Any
) -> None:
    app = upstream(first_delay=LONG)

    async def run(url: str) -> None:
        task = asyncio.current_task()
        first = [{"type": "http.request", "body": b"{}", "more_body": False}]

        async def receive() -> Any:
            if first:
                return first.pop()
            await asyncio.to_thread(eventually, lambda: app.live == 1)
            if stopped and task is not None:
                task.cancel()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            raise AssertionError(message)

        scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": []}
        relay = Relay(ProxySettings(upstream=url))
        try:
            await relay(scope, receive, send)
        finally:
            await relay.close()

    obeyed = pytest.raises(asyncio.CancelledError) if stopped else contextlib.nullcontext()
    with serve(app) as far:
        with obeyed:
            asyncio.run(run(far.url))
        eventually(lambda: app.live == 0)

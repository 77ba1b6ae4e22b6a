"""What goes in comes out: the same bytes as without the sidecar, both ways."""

import asyncio
import gc
import gzip
import hashlib
import http.client
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from distillgate.proxy.relay import Relay
from distillgate.proxy.settings import ProxySettings
from distillgate_lab.upstream.app import Upstream, upstream
from distillgate_lab.upstream.server import Address, serve

ADDED = {b"host", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"connection"}


async def _read(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def odd(scope: Any, receive: Any, send: Any) -> None:
    """An upstream with the answers that proxies get wrong."""
    if scope["type"] != "http":
        return
    body = await _read(receive)
    status, content = 200, b"plain"
    headers = [(b"set-cookie", b"a=1"), (b"x", b"1"), (b"set-cookie", b"b=2")]
    if scope["path"] == "/gzip":
        content = gzip.compress(b"zipped" * 100, mtime=0)
        headers += [(b"content-encoding", b"gzip"), (b"etag", b'W/"1"')]
    elif scope["path"] == "/unchanged":
        status, content = 304, b""
    elif scope["path"] == "/nothing":
        status, content = 204, b""
    elif scope["path"] == "/moved":
        status, headers = 307, [(b"location", b"http://elsewhere/")]
    elif scope["path"] == "/digest":
        content = hashlib.sha256(body).hexdigest().encode()
        headers += [(b"x-length", str(len(body)).encode())]
        headers += [pair for pair in scope["headers"] if pair[0] == b"x-echo"]
    if scope["method"] == "HEAD" or status == 200:
        headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    sent = b"" if scope["method"] == "HEAD" else content
    await send({"type": "http.response.body", "body": sent})


@pytest.fixture(scope="module")
def app() -> Upstream:
    return upstream()


@pytest.fixture(scope="module")
def direct(app: Upstream) -> Iterator[Address]:
    with serve(app, server_header=False, date_header=False) as address:
        yield address


@pytest.fixture(scope="module")
def strange() -> Iterator[Address]:
    with serve(odd, server_header=False, date_header=False) as address:
        yield address


def request(line: str, body: bytes = b"", *headers: str) -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    head = [f"{line} HTTP/1.1", "Host: api.example", *headers, *length, "Connection: close"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def chat(**more: Any) -> bytes:
    turns = [{"role": "user", "content": "Was ist ein Fluss? \u2028 \U0001f30a"}]
    return json.dumps({"model": "m", "messages": turns} | more, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("POST /v1/chat/completions", chat()),
        ("POST /v1/chat/completions", chat(stream=True)),
        ("POST /v1/messages?beta=true", chat(stream=True, max_tokens=9)),
        ("POST /v1/responses", chat(stream=True, input="q")),
        ("POST /v1/embeddings", b'{"input": ["a", "b"], "model": "m"}'),
        ("POST /v1/chat/completions", b"{ not json \x00\xff"),
        ("GET /v1/models", b""),
        ("DELETE /v1/files/f%2F1?a=%41&a=b+c&&=", b""),
        ("PUT //v1/..a;b=c/%E4?%zz", b"x"),
        ("OPTIONS /v1/chat/completions", b""),
        ("POST /v1/chat/completions", b""),
    ],
)
def test_request_and_answer_are_the_same_as_without(
    app: Upstream,
    direct: Address,
    sidecar: Any,
    ask: Callable[..., Any],
    line: str,
    body: bytes,
) -> None:
    sent = request(line, body, "X-Key: v\u00e9", "X-Key: w", "User-Agent: me", "Accept: */*")
    without = ask(direct, sent)
    seen_without = app.received[-1]
    with sidecar(direct.url) as address:
        through = ask(address, sent)
    seen_through = app.received[-1]
    assert through == without
    assert seen_through is not seen_without
    assert (seen_through.method, seen_through.target) == (seen_without.method, seen_without.target)
    assert seen_through.body == seen_without.body
    kept = sorted(pair for pair in seen_without.headers if pair[0] not in ADDED)
    sent_on = sorted(pair for pair in seen_through.headers if pair[0] not in ADDED)
    sent_on = [pair for pair in sent_on if pair in kept or pair != (b"content-length", b"0")]
    assert sent_on == kept


def test_a_base_path_is_put_before_the_clients(
    app: Upstream, direct: Address, sidecar: Any
) -> None:
    with sidecar(f"{direct.url}/base/v2/") as address:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
        connection.request("GET", "/v1/models?x=1")
        assert connection.getresponse().status == 200
        connection.close()
    assert app.received[-1].target == b"/base/v2/v1/models?x=1"


def test_the_upstream_is_told_who_asked(
    app: Upstream, direct: Address, sidecar: Any, ask: Any
) -> None:
    with sidecar(direct.url, via=True) as address:
        ask(address, request("GET /v1/models", b"", "X-Forwarded-For: 203.0.113.7"))
    seen = app.received[-1]
    assert seen.header("host") == f"{direct.host}:{direct.port}"
    assert seen.header("x-forwarded-for") == "203.0.113.7, 127.0.0.1"
    assert seen.header("x-forwarded-proto") == "http"
    assert seen.header("x-forwarded-host") == "api.example"
    assert seen.header("via") == "1.1 distillgate"


def test_nothing_is_added_that_the_client_did_not_send(
    app: Upstream, direct: Address, sidecar: Any, ask: Any
) -> None:
    with sidecar(direct.url, forwarded="off") as address:
        ask(address, request("GET /v1/models"))
    assert [name for name, _ in app.received[-1].headers] == [b"host"]


@pytest.mark.parametrize("path", ["/plain", "/gzip", "/unchanged", "/nothing", "/moved"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_odd_answers_come_through_as_they_are(
    strange: Address, sidecar: Any, ask: Any, method: str, path: str
) -> None:
    sent = request(f"{method} {path}", b"", "Accept-Encoding: gzip")
    head = method == "HEAD"
    with sidecar(strange.url) as address:
        through = ask(address, sent, head=head)
    without = ask(strange, sent, head=head)
    assert through == without
    if path == "/plain":
        assert through.values("set-cookie") == ["a=1", "b=2"]


def test_connections_are_kept_on_both_sides(app: Upstream, direct: Address, sidecar: Any) -> None:
    with sidecar(direct.url, max_connections=1) as address:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
        for _ in range(5):
            connection.request("POST", "/v1/chat/completions", body=chat())
            assert b"chatcmpl" in connection.getresponse().read()
            connection.request("HEAD", "/v1/models")
            assert connection.getresponse().read() == b""
        connection.close()


@pytest.mark.parametrize("size", [1, 70_000, 600_000, 9_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_uploads_of_any_size_arrive_whole(
    strange: Address, sidecar: Any, size: int, chunked: bool
) -> None:
    body = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with sidecar(strange.url) as address:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
        pieces = (body[at : at + 100_000] for at in range(0, size, 100_000))
        headers = {"X-Echo": "v\u00e9".encode().decode("latin-1")}
        if not chunked:
            headers["Content-Length"] = str(size)
        connection.request("POST", "/digest", body=pieces, headers=headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert answer.read() == hashlib.sha256(body).hexdigest().encode()
        assert answer.getheader("x-length") == str(size)
        assert answer.getheader("x-echo") == headers["X-Echo"]
        connection.close()


def test_a_client_that_waits_for_continue_is_told_to(strange: Address, sidecar: Any) -> None:
    with sidecar(strange.url) as address:
        connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
        connection.putrequest("POST", "/digest")
        connection.putheader("Expect", "100-continue")
        connection.putheader("Content-Length", "3")
        connection.endheaders()
        interim = connection.sock.recv(100)
        connection.send(b"abc")
        answer = connection.getresponse()
        assert interim.startswith(b"HTTP/1.1 100")
        assert answer.getheader("x-length") == "3"
        answer.read()
        connection.close()


def test_an_answer_may_come_before_the_upload_ends(sidecar: Any, eventually: Any) -> None:
    async def early(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = [(b"content-length", b"2")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": b"no"})

    with serve(early) as far, sidecar(far.url, max_connections=1) as address:
        for _ in range(3):
            connection = http.client.HTTPConnection(address.host, address.port, timeout=20)
            connection.putrequest("POST", "/upload")
            connection.putheader("Content-Length", "1000000")
            connection.endheaders()
            connection.send(b"x" * 10)
            answer = connection.getresponse()
            assert (answer.status, answer.read()) == (413, b"no")
            connection.close()


def test_a_request_leaves_nothing_for_the_garbage_collector(
    direct: Address, sidecar: Any, ask: Callable[..., Any]
) -> None:
    calls = [
        request("POST /v1/chat/completions", chat()),
        request("POST /v1/chat/completions", chat(stream=True)),
        request("GET /v1/models"),
    ]
    with sidecar(direct.url) as address:
        for call in calls:
            ask(address, call)
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            for call in calls:
                ask(address, call)
            gc.collect()
            left = {type(thing) for thing in gc.garbage}
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()

    assert not [kind for kind in left if kind.__module__.startswith("distillgate.")]


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Bearer operator-key",
        "authorization: operator-key",
        "X-Api-Key: operator-key",
        "api-key: operator-key",
    ],
)
@pytest.mark.parametrize("line", ["GET /admin/accounts", "POST /v1/messages"])
def test_the_upstream_never_learns_the_operators_key(
    serving: Any, ask: Any, header: str, line: str
) -> None:
    asked: list[str] = []

    async def far(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            asked.append(scope["path"])
        await odd(scope, receive, send)

    relay = Relay(ProxySettings(upstream=serving(far).url), admin_key="operator-key")
    with serve(relay) as address:
        refused = ask(address, request(line, b"", header))
        passed = ask(address, request("GET /v1/models", b"", header.replace("operator", "other")))
    assert refused.status == 401
    assert b"operator-key" not in refused.body
    assert passed.status == 200
    assert asked == ["/v1/models"]


def test_a_body_is_let_go_of_once_it_is_sent_however_long_the_upstream_thinks() -> None:
    """A thousand waiting requests with pictures in them must not be a thousand pictures."""
    body = bytes(8 << 20)
    alone = sys.getrefcount(body)
    kept: list[int] = []
    thinking, thought = threading.Event(), threading.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await _read(receive)
            thinking.set()
            await asyncio.to_thread(thought.wait, 60)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

    async def run(url: str) -> list[Any]:
        relay, sent, left = Relay(ProxySettings(upstream=url)), [], asyncio.Event()
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if messages:
                return messages.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/x", "raw_path": b"/x", "query_string": b"", "client": ("127.0.0.1", 1),
            "headers": [(b"content-length", b"%d" % len(body))],
        }  # fmt: skip
        asking = asyncio.ensure_future(relay(scope, receive, send))
        await asyncio.to_thread(thinking.wait, 60)
        kept.append(sys.getrefcount(body))
        thought.set()
        await asking
        await relay.close()
        return sent

    with serve(slow) as address:
        sent = asyncio.run(run(address.url))

    assert sent[0]["status"] == 200
    assert kept == [alone]

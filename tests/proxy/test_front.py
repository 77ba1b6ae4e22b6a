"""What the front makes of bytes: raw sockets, a real sidecar in shadow mode, a real upstream.

Each request says in `x-tag` who it is, and the upstream answers with the tag it read: an answer
with another tag would be somebody else's.
"""

import contextlib
import json
import socket
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from distillgate_lab.upstream.server import Address, serve

JSON = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
OPENING = b"Host: api.example\r\nX-Tag: one\r\n"


class Came(NamedTuple):
    """A request as the upstream read it."""

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def values(self, name: bytes) -> list[bytes]:
        return [value for key, value in self.headers if key == name]


class Recorder:
    """An upstream that keeps what it reads, and answers with its tag."""

    def __init__(self) -> None:
        self.came: list[Came] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        target = (scope["raw_path"] + query).decode()
        came = Came(scope["method"], target, list(scope["headers"]), body)
        self.came.append(came)
        answer = b"tag=" + b",".join(came.values(b"x-tag"))
        headers = [(b"content-type", b"text/plain")]
        if "stream" not in target:
            headers.append((b"content-length", b"%d" % len(answer)))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def behind(recorder: Recorder) -> Iterator[Address]:
    with serve(recorder, http="h11") as address:
        yield address


@pytest.fixture
def front(sidecar: Any, behind: Address, recorder: Recorder) -> Iterator[Address]:
    recorder.came.clear()
    with sidecar(behind.url) as address:
        yield address


def talk(address: Address, *segments: bytes) -> bytes:
    """Send bytes and read until the other side closes."""
    with socket.create_connection((address.host, address.port), timeout=30) as connection:
        for segment in segments:
            connection.sendall(segment)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    got = b""
    while part := connection.recv(65536):
        got += part
    return got


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def post(*lines: bytes, body: bytes = JSON, close: bool = True) -> bytes:
    head = [b"POST /v1/chat/completions HTTP/1.1", *lines]
    if close:
        head.append(b"Connection: close")
    return b"\r\n".join((*head, b"", body))


def chunked(body: bytes, trailers: bytes = b"", extension: bytes = b"") -> bytes:
    return b"%x%b\r\n%b\r\n0\r\n%b\r\n" % (len(body), extension, body, trailers)


LENGTH = b"Content-Length: %d" % len(JSON)
HOST = b"Host: api.example"

REFUSED = {
    "no host": post(LENGTH),
    "two hosts": post(HOST, b"Host: other.example", LENGTH),
    "the same host twice": post(HOST, HOST, LENGTH),
    "an empty host": post(b"Host:", LENGTH),
    "a host with userinfo": post(b"Host: a@b.example", LENGTH),
    "a host with a comma": post(b"Host: a.example, b.example", LENGTH),
    "a host with a path": post(b"Host: a.example/x", LENGTH),
    "a host with white space": post(b"Host: a b", LENGTH),
    "a host with a bad port": post(b"Host: a:b", LENGTH),
    "length and coding": post(HOST, LENGTH, b"Transfer-Encoding: chunked", body=chunked(JSON)),
    "coding and length": post(HOST, b"Transfer-Encoding: chunked", LENGTH, body=chunked(JSON)),
    "two lengths": post(HOST, LENGTH, b"Content-Length: 1"),
    "the same length twice": post(HOST, LENGTH, LENGTH),
    "a list of lengths": post(HOST, b"Content-Length: 57, 57"),
    "a signed length": post(HOST, b"Content-Length: +57"),
    "a negative length": post(HOST, b"Content-Length: -1"),
    "a length in hexadecimal": post(HOST, b"Content-Length: 0x39"),
    "an underscored length": post(HOST, b"Content-Length: 5_7"),
    "an empty length": post(HOST, b"Content-Length:"),
    "a length past all bounds": post(HOST, b"Content-Length: 99999999999999999999"),
    "another digit": post(HOST, b"Content-Length: \xc2\xb2"),
    "two codings": post(HOST, b"Transfer-Encoding: gzip, chunked", body=chunked(JSON)),
    "chunked twice": post(HOST, b"Transfer-Encoding: chunked, chunked", body=chunked(JSON)),
    "two lines of codings": post(
        HOST, b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=chunked(JSON)
    ),
    "a coding first, hidden": post(
        HOST, b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked", body=chunked(JSON)
    ),
    "identity": post(HOST, b"Transfer-Encoding: identity", body=JSON),
    "no known coding": post(HOST, b"Transfer-Encoding: xchunked", body=chunked(JSON)),
    "a coding in quotes": post(HOST, b'Transfer-Encoding: "chunked"', body=chunked(JSON)),
    "a vertical tab in a coding": post(HOST, b"Transfer-Encoding: \x0bchunked", body=chunked(JSON)),
    "a coding with a parameter": post(HOST, b"Transfer-Encoding: chunked;q=1", body=chunked(JSON)),
    "an empty coding": post(HOST, b"Transfer-Encoding:", body=JSON),
    "a folded coding": post(HOST, b"Transfer-Encoding:\r\n chunked", body=chunked(JSON)),
    "a folded header": post(HOST, b"X-A: 1\r\n 2", LENGTH),
    "a fold before any header": post(b" X-A: 1", HOST, LENGTH),
    "white space before a colon": post(HOST, b"Content-Length : 57", LENGTH),
    "a tab before a colon": post(HOST, b"X-Plan\t: research", LENGTH),
    "white space in a name": post(HOST, b"X Plan: research", LENGTH),
    "a name that is none": post(HOST, b": x", LENGTH),
    "a line without a colon": post(HOST, b"X-Plan", LENGTH),
    "a name with a quote": post(HOST, b'X"Plan: x', LENGTH),
    "a name that is not ASCII": post(HOST, b"X-Pl\xc3\xa4n: x", LENGTH),
    "a NUL in a value": post(HOST, b"X-A: a\x00b", LENGTH),
    "a NUL in a name": post(HOST, b"X-A\x00: b", LENGTH),
    "a carriage return in a value": post(HOST, b"X-A: a\rb", LENGTH),
    "a line feed alone": post(HOST, b"X-A: a\nX-Plan: research", LENGTH),
    "line feeds alone": b"POST /v1/chat/completions HTTP/1.1\nHost: a\n\n",
    "a DEL in a value": post(HOST, b"X-A: a\x7fb", LENGTH),
    "a method in lower case": post(HOST, LENGTH).replace(b"POST", b"post", 1),
    "a mixed method": post(HOST, LENGTH).replace(b"POST", b"Post", 1),
    "a tab in the request line": post(HOST, LENGTH).replace(b"POST ", b"POST\t", 1),
    "two spaces in the request line": post(HOST, LENGTH).replace(b"POST ", b"POST  ", 1),
    "a space after the version": post(HOST, LENGTH).replace(b"/1.1", b"/1.1 ", 1),
    "a space in the target": post(HOST, LENGTH).replace(b"/v1", b"/v1 x", 1),
    "a fragment in the target": post(HOST, LENGTH).replace(b"/v1", b"/#/v1", 1),
    "a backslash in the target": post(HOST, LENGTH).replace(b"/v1/", b"/v1\\", 1),
    "a target that is not ASCII": post(HOST, LENGTH).replace(b"/v1", b"/\xff", 1),
    "a NUL in the path": post(HOST, LENGTH).replace(b"/v1", b"/%00", 1),
    "a relative target": post(HOST, LENGTH).replace(b"/v1", b"v1", 1),
    "another scheme": post(HOST, LENGTH).replace(b"/v1", b"ftp://api.example/v1", 1),
    "another host in the target": post(HOST, LENGTH).replace(b"/v1", b"http://b.example/v1", 1),
    "userinfo in the target": post(b"Host: a@b", LENGTH).replace(b"/v1", b"http://a@b/v1", 1),
    "CONNECT": b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n",
    "a star without OPTIONS": b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n",
    "a small http": post(HOST, LENGTH).replace(b"HTTP", b"http", 1),
    "HTTP/1.2": post(HOST, LENGTH).replace(b"/1.1", b"/1.2", 1),
    "HTTP/1.10": post(HOST, LENGTH).replace(b"/1.1", b"/1.10", 1),
    "HTTP/1.0 and a coding": post(HOST, b"Transfer-Encoding: chunked", body=chunked(JSON)).replace(
        b"/1.1", b"/1.0", 1
    ),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "a line feed first": b"\n" + post(HOST, LENGTH),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_parsers_disagree_about_is_refused(
    front: Address, recorder: Recorder, name: str
) -> None:
    answer = talk(front, REFUSED[name])
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert recorder.came == []


@pytest.mark.parametrize(
    "first", [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"]
)
def test_another_version_is_named_as_what_is_wrong(front: Address, first: bytes) -> None:
    assert status(talk(front, first)) == 505


BAD_CHUNKS = {
    "no size": b"\r\n" + chunked(JSON),
    "a size with a sign": b"+" + chunked(JSON),
    "a size with a prefix": b"0x" + chunked(JSON),
    "white space before a size": b" " + chunked(JSON),
    "white space after a size": chunked(JSON, extension=b" "),
    "a size past all bounds": b"fffffffffffffffff\r\n",
    "a size that ends with a line feed": b"39\n" + JSON + b"\r\n0\r\n\r\n",
    "an extension with a line feed": chunked(JSON, extension=b";a\n"),
    "an extension with a carriage return": chunked(JSON, extension=b";a\rb"),
    "an extension without end": chunked(JSON, extension=b";" + b"a" * 5000),
    "a chunk that is longer": b"3\r\n" + JSON + b"\r\n0\r\n\r\n",
    "a chunk that is closed by a line feed": b"%x\r\n%b\n0\r\n\r\n" % (len(JSON), JSON),
    "a trailer without a colon": chunked(JSON, trailers=b"x-plan\r\n"),
    "a folded trailer": chunked(JSON, trailers=b"x-a: 1\r\n b\r\n"),
    "a trailer with a line feed": chunked(JSON, trailers=b"x-a: 1\nx-plan: research\r\n"),
    "trailers without end": b"0\r\n" + b"x-a: b\r\n" * 20_000,
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_a_body_that_is_framed_wrongly_never_ends_well(
    front: Address, recorder: Recorder, name: str
) -> None:
    head = post(HOST, b"Transfer-Encoding: chunked", body=b"")
    answer = talk(front, head + BAD_CHUNKS[name])
    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1 ") == 1
    assert recorder.came == []


UPGRADES = [
    (b"Connection: upgrade", b"Upgrade: h2c"),
    (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
    (b"Connection: keep-alive, Upgrade", b"Upgrade: foo"),
    (b"Connection: upgrade", b"Upgrade: websocket"),
    (
        b"Connection: upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        b"Sec-WebSocket-Version: 13",
    ),
    (b"Connection: close, upgrade", b"Upgrade: TLS/1.0"),
    (b"Connection: upgrade",),
    (b"Upgrade: h2c",),
]


@pytest.mark.parametrize("method", [b"POST", b"GET", b"PUT"])
@pytest.mark.parametrize("lines", UPGRADES)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_an_upgrade_that_is_not_taken_is_ignored_and_its_body_stays_a_body(
    front: Address, recorder: Recorder, method: bytes, lines: tuple[bytes, ...], framing: str
) -> None:
    hidden = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-Tag: hidden\r\n"
    hidden += b"Content-Length: 0\r\n\r\n"
    framed, body = b"Content-Length: %d" % len(hidden), hidden
    if framing == "chunked":
        framed, body = b"Transfer-Encoding: chunked", chunked(hidden)
    sent = post(HOST, b"X-Tag: one", *lines, framed, body=body, close=False)
    sent = sent.replace(b"POST", method, 1)
    after = b"GET /after HTTP/1.1\r\nHost: a\r\nX-Tag: two\r\nConnection: close\r\n\r\n"
    answer = talk(front, sent + after)
    first = recorder.came[0]
    assert (first.body, first.values(b"x-tag")) == (hidden, [b"one"])
    assert not first.values(b"upgrade")
    if not any(b"close" in line for line in lines):
        assert [came.values(b"x-tag") for came in recorder.came] == [[b"one"], [b"two"]]
        assert answer.index(b"tag=one") < answer.index(b"tag=two")
    assert b"tag=hidden" not in answer
    assert len(recorder.came) == answer.count(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "trailer",
    [
        b"x-plan: research",
        b"authorization: Bearer other",
        b"host: other.example",
        b"content-length: 5",
        b"transfer-encoding: chunked",
        b"x-forwarded-for: 10.0.0.1",
        b"x-tag: two",
        b"connection: close",
        b"upgrade: h2c",
        b"content-encoding: gzip",
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_a_trailer_is_no_header(
    front: Address, recorder: Recorder, trailer: bytes, apart: bool
) -> None:
    name, _, value = trailer.partition(b": ")
    head = post(HOST, b"X-Tag: one", b"Transfer-Encoding: chunked", b"Trailer: " + name, body=b"")
    body = chunked(JSON, trailers=trailer + b"\r\n", extension=b";a=b")
    answer = talk(front, head, body) if apart else talk(front, head + body)
    assert answer.endswith(b"tag=one")
    (came,) = recorder.came
    assert came.body == JSON
    assert value not in came.values(name) or trailer == b"connection: close"
    assert not came.values(b"trailer")


@pytest.mark.parametrize(
    ("lines", "target", "expected"),
    [
        ((HOST, LENGTH), b"/v1/x/../chat/completions", "/v1/chat/completions"),
        ((HOST, LENGTH), b"/v1/%2e/chat/completions?a=b", "/v1/chat/completions?a=b"),
        ((HOST, LENGTH), b"http://API.example/v1/chat/completions", "/v1/chat/completions"),
        ((HOST, LENGTH), b"http://api.example?a=b", "/?a=b"),
        ((b"Host: [::1]:80", LENGTH), b"/v1/a%2Fb?x=%zz", "/v1/a%2Fb?x=%zz"),
        ((HOST, b"Transfer-Encoding: CHUNKED"), b"/v1/models", "/v1/models"),
        ((HOST, b"transfer-encoding:chunked "), b"/v1/models", "/v1/models"),
    ],
)
def test_what_means_one_thing_passes(
    front: Address, recorder: Recorder, lines: tuple[bytes, ...], target: bytes, expected: str
) -> None:
    body = JSON if LENGTH in lines else chunked(JSON)
    sent = post(*lines, b"X-Tag: one", body=body).replace(b"/v1/chat/completions", target, 1)
    assert talk(front, sent).endswith(b"tag=one")
    (came,) = recorder.came
    assert (came.target, came.body) == (expected, JSON)


def test_options_for_the_whole_server_stays_so(sidecar: Any) -> None:
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/base"
    with listener, sidecar(url) as address, connected(address, 1) as (connection,):
        connection.sendall(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        far, _ = listener.accept()
        with far:
            heard.append(far.recv(65536))
            far.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            assert status(rest(connection)) == 204
    assert heard[0].startswith(b"OPTIONS * HTTP/1.1\r\n")


def test_requests_that_come_at_once_are_answered_in_order(front: Address) -> None:
    many = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: a\r\nX-Tag: %d\r\nContent-Length: 1\r\n\r\nx" % (n, n)
        for n in range(20)
    )
    last = b"\r\nGET / HTTP/1.1\r\nHost: a\r\nX-Tag: last\r\nConnection: close\r\n\r\n"
    answer = talk(front, many + last)
    tags = [line.rpartition(b"tag=")[2] for line in answer.split(b"HTTP/1.1 200")[1:]]
    assert tags == [b"%d" % n for n in range(20)] + [b"last"]


def test_what_follows_a_request_is_refused_after_its_answer(front: Address) -> None:
    answer = talk(front, post(HOST, b"X-Tag: one", LENGTH, close=False) + b"rubbish\r\n\r\n")
    first, second = answer.split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200")
    assert first.endswith(b"tag=one")
    assert second.startswith(b"400")


def test_a_request_that_comes_byte_by_byte_is_the_same(front: Address, recorder: Recorder) -> None:
    sent = post(HOST, b"X-Tag: one", b"Transfer-Encoding: chunked", body=b"")
    sent += chunked(JSON, trailers=b"x-a: b\r\n")
    with socket.create_connection((front.host, front.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(sent)):
            connection.sendall(sent[at : at + 1])
        assert rest(connection).endswith(b"tag=one")
    assert recorder.came[0].body == JSON


def test_a_client_that_expects_it_is_told_to_continue(front: Address, recorder: Recorder) -> None:
    head = post(HOST, b"X-Tag: one", LENGTH, b"Expect: 100-continue", body=b"")
    with socket.create_connection((front.host, front.port), timeout=30) as connection:
        connection.sendall(head)
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(JSON)
        assert rest(connection).endswith(b"tag=one")


@pytest.mark.parametrize("lines", [b"", b"Host: a\r\n", b"Connection: keep-alive\r\n"])
@pytest.mark.parametrize("path", [b"/stream", b"/plain"])
def test_an_old_client_gets_no_chunks(
    front: Address, recorder: Recorder, lines: bytes, path: bytes
) -> None:
    answer = talk(front, b"GET %b HTTP/1.0\r\nX-Tag: one\r\n%b\r\n" % (path, lines))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"connection: close" in head.lower()
    assert body == b"tag=one"


@pytest.mark.parametrize(
    ("sent", "dialect"),
    [
        (post(LENGTH), "openai"),
        (post(LENGTH).replace(b"chat/completions", b"messages", 1), "anthropic"),
        (post(LENGTH).replace(b"chat/completions", b"x/../messages", 1), "anthropic"),
        (post(LENGTH, b"anthropic-version: 1").replace(b"completions", b"x", 1), "anthropic"),
        (post(HOST, LENGTH, b"X-Plan : x").replace(b"chat/completions", b"messages"), "anthropic"),
        (b"rubbish\r\n\r\n", "plain"),
    ],
)
def test_a_refusal_has_the_shape_of_the_api(front: Address, sent: bytes, dialect: str) -> None:
    answer = talk(front, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert b"connection: close" in head
    if dialect == "plain":
        assert b"text/plain" in head
        return
    document = json.loads(body)
    assert document["error"]["type"] == "invalid_request_error"
    assert ("request_id" in document) is (dialect == "anthropic")


@contextlib.contextmanager
def connected(address: Address, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_connection((address.host, address.port), 30))
            for _ in range(count)
        ]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"GET /" + b"a" * 2000, 414),
        (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (post(HOST, b"X-A: " + b"a" * 2000, LENGTH), 431),
        (post(HOST, *[b"X-A: a"] * 60, LENGTH), 431),
        (post(HOST, *[b"X-A: " + b"a" * 900] * 20, LENGTH), 431),
        (post(HOST, *[b"X-A: " + b"a" * 900] * 20, body=b"")[:-4], 431),
        (post(HOST, *[b"X-A: " + b"a" * 900] * 2, LENGTH, b"X-Tag: one"), 200),
    ],
)
def test_a_head_has_bounds(
    sidecar: Any, behind: Address, recorder: Recorder, sent: bytes, expected: int
) -> None:
    bounds = {"line_bytes": 1024, "head_bytes": 8192, "headers": 50}
    with sidecar(behind.url, clients=bounds) as address:
        assert status(talk(address, sent)) == expected


def test_a_megabyte_of_header_lines_is_refused_before_it_is_here(
    sidecar: Any, behind: Address
) -> None:
    with sidecar(behind.url) as address, connected(address, 1) as (connection,):
        connection.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n")
        connection.sendall(b"X-A: %b\r\n" % (b"a" * 1000) * 1000)
        answer = rest(connection)
    assert status(answer) == 431
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["type"]


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n",
        b"POST /v1/chat/compl",
        post(HOST, LENGTH, body=b'{"model":'),
        post(HOST, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
        post(HOST, b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\nx-a: b\r\n"),
        post(HOST, LENGTH, body=b"").replace(b"chat/completions", b"files"),
    ],
)
def test_a_client_that_stops_in_the_middle_is_told_that_it_took_too_long(
    sidecar: Any, behind: Address, sent: bytes
) -> None:
    bounds = {"head_seconds": 0.2, "stall_seconds": 0.2}
    with sidecar(behind.url, clients=bounds) as address:
        answer = talk(address, sent)
    assert status(answer) == 408
    assert answer.count(b"HTTP/1.1") == 1


def test_a_client_that_says_nothing_is_told_nothing(sidecar: Any, behind: Address) -> None:
    bounds = {"head_seconds": 0.2}
    with sidecar(behind.url, clients=bounds, client_keepalive_seconds=1) as address:
        assert talk(address) == b""
        kept = b"GET / HTTP/1.1\r\nHost: a\r\nX-Tag: one\r\n\r\n"
        assert talk(address, kept).endswith(b"tag=one")


def test_whoever_is_waited_for_longest_makes_room(sidecar: Any, behind: Address) -> None:
    with (
        sidecar(behind.url, clients={"connections": 4}) as address,
        connected(address, 12) as idle,
    ):
        for connection in idle:
            with contextlib.suppress(OSError):
                connection.sendall(b"GET / HT")
        assert (
            status(talk(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")) == 200
        )
        assert status(talk(address, b"GET /healthz HTTP/1.0\r\n\r\n")) == 200


def test_a_crowd_that_is_being_served_leaves_room_for_health_alone(
    sidecar: Any, eventually: Any
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        listener,
        sidecar(url, clients={"connections": 3}) as address,
        connected(address, 3) as busy,
        contextlib.ExitStack() as stack,
    ):
        for connection in busy:
            connection.sendall(post(HOST, LENGTH, close=False))
            stack.enter_context(listener.accept()[0])
        answer = talk(address, post(HOST, LENGTH, close=False))
        assert status(answer) == 503
        assert b"retry-after" in answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "overloaded"
        assert status(talk(address, b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")) == 200
        assert status(talk(address, b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n")) in (200, 503)


def test_very_many_chunks_come_through_whole(front: Address, recorder: Recorder) -> None:
    body = JSON + b" " * 100_000
    pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = post(HOST, b"X-Tag: one", b"Transfer-Encoding: chunked", body=b"")
    assert talk(front, head + pieces).endswith(b"tag=one")
    assert recorder.came[0].body == body


def test_a_body_that_is_not_awaited_ends_the_connection_but_not_the_answer(
    sidecar: Any,
) -> None:
    """An upstream that answers early: the client reads the answer though it still sends."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, sidecar(url) as address, connected(address, 1) as (connection,):
        connection.sendall(post(HOST, b"Content-Length: 9000000", body=b"x" * 100))
        far, _ = listener.accept()
        with far:
            far.recv(65536)
            far.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig")
            assert rest(connection).endswith(b"\r\n\r\nbig")


@pytest.mark.parametrize(
    "sent",
    [
        post(HOST, LENGTH, body=JSON[:9]),
        post(HOST, b"Content-Length: 60000", body=JSON),
        post(HOST, LENGTH, b"Expect: 100-continue", body=b""),
    ],
)
def test_a_short_body_that_does_not_come_whole_is_nothing_to_the_upstream(
    sidecar: Any, behind: Address, recorder: Recorder, sent: bytes
) -> None:
    recorder.came.clear()
    with sidecar(behind.url, clients={"stall_seconds": 0.2}) as address:
        answer = talk(address, sent)
    assert status(answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")) == 408
    assert recorder.came == []


def test_in_a_crowd_an_upload_comes_to_the_upstream_once_much_of_it_is_here(sidecar: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    head = post(HOST, b"Content-Length: 300000", body=b"")
    with (
        listener,
        sidecar(url, clients={"connections": 1, "stall_seconds": 0.2}) as address,
    ):
        assert status(talk(address, head, JSON)) == 408
        with connected(address, 1) as (connection,):
            connection.sendall(head + b"x" * 100_000)
            far, _ = listener.accept()
            with far:
                assert far.recv(65536).startswith(b"POST /v1/chat/completions")
                assert status(rest(connection)) == 408
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def answered(connection: socket.socket) -> bool:
    """Ask on a kept connection; return whether there was an answer."""
    connection.sendall(post(HOST, b"X-Tag: one", LENGTH, close=False))
    got = b""
    while not got.endswith(b"tag=one"):
        part = connection.recv(65536)
        if not part:
            return False
        got += part
    return True


def test_a_client_that_asks_often_keeps_its_place_in_a_crowd_that_never_asks(
    sidecar: Any, behind: Address
) -> None:
    with (
        sidecar(behind.url, clients={"connections": 4}) as address,
        connected(address, 1) as (kept,),
        connected(address, 2) as crowd,
    ):
        for connection in crowd:
            connection.sendall(b"GET / HT")
        assert status(talk(address, b"GET /healthz HTTP/1.0\r\n\r\n")) == 200
        assert answered(kept)
        with connected(address, 3):
            assert [connection.recv(1) for connection in crowd] == [b"", b""]
            assert answered(kept)


def test_a_body_has_to_come_with_some_speed(sidecar: Any, behind: Address) -> None:
    """Each pause is allowed, their sum is not."""
    head = post(HOST, b"Content-Length: 50000", body=b"")
    with (
        sidecar(behind.url, clients={"stall_seconds": 1.5}) as address,
        connected(address, 1) as (connection,),
    ):
        connection.sendall(head)
        connection.settimeout(0.3)
        answer = b""
        for _ in range(200):
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(65536)
                break
    assert status(answer) == 408


def test_a_client_that_does_not_read_its_answer_is_cut(sidecar: Any, eventually: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        listener,
        sidecar(url, clients={"stall_seconds": 0.5}) as address,
        connected(address, 1) as (connection,),
    ):
        connection.sendall(post(HOST, LENGTH, close=False))
        far, _ = listener.accept()
        with far:
            far.settimeout(60)
            far.recv(65536)
            far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            with pytest.raises(ConnectionError):
                pour(far, 1000)


def pour(connection: socket.socket, megabytes: int) -> None:
    for _ in range(megabytes):
        connection.sendall(b"x" * 1_000_000)

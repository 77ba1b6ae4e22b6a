"""An upstream that fails is answered for: 502, 504, an error event, or a visible cut."""

import asyncio
import http.client
import json
import socket
import time
from typing import Any

import anthropic
import openai
import pytest
from tests.proxy.conftest import speaking

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

CHAT = json.dumps(
    {"model": "m", "messages": [{"role": "user", "content": "q"}], "stream": True}
).encode()


def post(path: str, body: bytes = CHAT, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


OK = b"HTTP/1.1 200 OK\r\nContent-Type: "
SSE = OK + b"text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"


def test_a_refused_connection_is_502_in_the_dialect_of_the_path(
    nowhere: str, sidecar: Any, ask: Any
) -> None:
    with sidecar(nowhere) as address:
        spoken = ask(
            address, post("/v1/chat/completions", headers="X-Request-Id: ref-12345678\r\n")
        )
        said = ask(address, post("/v1/messages"))
        plain = ask(address, b"GET /v1/models HTTP/1.1\r\nHost: h\r\nanthropic-version: 1\r\n\r\n")
    assert (spoken.status, said.status, plain.status) == (502, 502, 502)
    error = json.loads(spoken.body)["error"]
    assert error["code"] == "upstream_unavailable"
    [reference] = spoken.values("x-request-id")
    assert reference.startswith("dg-"), "the gate's own, whatever the client calls its request"
    assert nowhere.removeprefix("http://") not in spoken.body.decode()
    assert json.loads(said.body)["type"] == json.loads(plain.body)["type"] == "error"


def test_the_sdks_raise_their_own_exceptions(nowhere: str, sidecar: Any) -> None:
    with sidecar(nowhere) as address:
        with (
            openai.OpenAI(base_url=f"{address.url}/v1", api_key="k", max_retries=0) as client,
            pytest.raises(openai.InternalServerError) as raised,
        ):
            client.models.list()
        with (
            anthropic.Anthropic(base_url=address.url, api_key="k", max_retries=0) as claude,
            pytest.raises(anthropic.InternalServerError),
        ):
            claude.models.list()
    assert raised.value.status_code == 502
    assert raised.value.code == "upstream_unavailable"


def test_tls_that_fails_is_502(sidecar: Any, ask: Any) -> None:
    with serve(upstream()) as far, sidecar(far.url.replace("http", "https")) as address:
        assert ask(address, post("/v1/chat/completions")).status == 502


def test_a_name_that_does_not_resolve_is_502(sidecar: Any, ask: Any) -> None:
    with sidecar("http://no-such-host.invalid") as address:
        assert ask(address, post("/v1/chat/completions")).status == 502


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nX"])
def test_what_is_no_answer_is_502(sidecar: Any, ask: Any, answer: bytes) -> None:
    with speaking(answer) as far, sidecar(far.url) as address:
        got = ask(address, post("/v1/chat/completions"))
    assert got.status == 502
    assert json.loads(got.body)["error"]["code"] == "upstream_unavailable"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 799 Odd\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
)
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions"])
def test_an_answer_that_nobody_can_be_given_is_502(
    sidecar: Any, ask: Any, answer: bytes, path: str
) -> None:
    with speaking(answer) as far, sidecar(far.url) as address:
        got = ask(address, post(path))
    assert got.status == 502
    assert "error" in json.loads(got.body)


def test_an_upstream_that_never_begins_is_504(sidecar: Any, ask: Any) -> None:
    app = upstream(first_delay=60.0)
    with serve(app) as far, sidecar(far.url, first_byte_seconds=0.2) as address:
        got = ask(address, post("/v1/chat/completions"))
        assert got.status == 504
        assert json.loads(got.body)["error"]["code"] == "upstream_timeout"


def test_no_free_connection_in_time_is_504(sidecar: Any, ask: Any, eventually: Any) -> None:
    app = upstream(first_delay=60.0)
    with (
        serve(app) as far,
        sidecar(far.url, max_connections=1, connect_seconds=0.2) as address,
        socket.create_connection((address.host, address.port)) as first,
    ):
        first.sendall(post("/v1/chat/completions"))
        eventually(lambda: app.live == 1)
        assert ask(address, post("/v1/chat/completions")).status == 504


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_stream_that_breaks_off_ends_with_an_error_event(
    sidecar: Any, ask: Any, path: str
) -> None:
    with serve(upstream(break_after=3)) as far, sidecar(far.url) as address:
        got = ask(address, post(path))
    assert got.status == 200
    events = [event for event in got.body.split(b"\n\n") if event]
    assert len(events) == 4
    error = json.loads(events[-1].partition(b"data: ")[2])["error"]
    assert error["message"]


def test_the_sdks_raise_on_the_error_event(sidecar: Any) -> None:
    turns: Any = [{"role": "user", "content": "q"}]
    with serve(upstream(break_after=4)) as far, sidecar(far.url) as address:
        with (
            openai.OpenAI(base_url=f"{address.url}/v1", api_key="k", max_retries=0) as client,
            pytest.raises(openai.APIError, match="broke off"),
        ):
            list(client.chat.completions.create(model="m", messages=turns, stream=True))
        with (
            anthropic.Anthropic(base_url=address.url, api_key="k", max_retries=0) as claude,
            pytest.raises(anthropic.APIError),
            claude.messages.stream(model="m", max_tokens=9, messages=turns) as stream,
        ):
            stream.get_final_text()


def test_an_event_cut_in_two_is_ended_before_the_error(sidecar: Any, ask: Any) -> None:
    with speaking(SSE, b'\r\n9\r\ndata: {"a\r\n') as far, sidecar(far.url) as address:
        got = ask(address, post("/v1/chat/completions"))
    first, _, error = got.body.partition(b"\n\n")
    assert first == b'data: {"a'
    assert error.strip().startswith(b'data: {"error":')


def test_a_stream_that_pauses_too_long_ends_with_an_error_event(sidecar: Any, ask: Any) -> None:
    app = upstream(chunk_delay=60.0)
    with serve(app) as far, sidecar(far.url, idle_seconds=0.2) as address:
        got = ask(address, post("/v1/chat/completions"))
    assert b'"upstream_timeout"' in got.body


def test_a_pause_is_measured_from_the_last_byte(sidecar: Any, ask: Any) -> None:
    """All pauses together are longer than one may be."""
    app = upstream(chunk_delay=0.2, answer=lambda _: "word " * 30)
    with serve(app) as far, sidecar(far.url, idle_seconds=3.0) as address:
        began = time.monotonic()
        got = ask(address, post("/v1/chat/completions"))
        took = time.monotonic() - began
    assert got.body.endswith(b"data: [DONE]\n\n")
    assert took > 3.0


def test_first_byte_and_idle_are_two_times(sidecar: Any, ask: Any) -> None:
    app = upstream(first_delay=0.5)
    with serve(app) as far, sidecar(far.url, idle_seconds=0.2) as address:
        assert ask(address, post("/v1/chat/completions")).body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(
    "answer",
    [
        OK + b'application/json\r\nContent-Length: 20\r\n\r\n{"half":',
        OK + b"application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        SSE + b"Content-Encoding: gzip\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_anything_else_that_breaks_off_is_cut_so_that_it_shows(
    sidecar: Any, ask: Any, answer: bytes
) -> None:
    with (
        speaking(answer) as far,
        sidecar(far.url) as address,
        pytest.raises(http.client.IncompleteRead),
    ):
        ask(address, post("/v1/chat/completions"))


def test_an_upstream_that_closes_kept_connections_does_no_harm(
    sidecar: Any, ask: Any, eventually: Any
) -> None:
    """Once it has: a POST that crosses with the end of its connection is lost, as anywhere."""
    hung_up: list[bool] = []
    answer = OK + b"application/json\r\nContent-Length: 2\r\n\r\n{}"
    with speaking(answer, hung_up=hung_up) as far, sidecar(far.url) as address:
        for asked in range(20):
            eventually(lambda asked=asked: len(hung_up) == asked)
            assert ask(address, post("/v1/chat/completions")).status == 200


def test_many_failures_leave_the_pool_usable(sidecar: Any, ask: Any) -> None:
    app = upstream(break_after=1)
    with serve(app) as far, sidecar(far.url, max_connections=2, connect_seconds=5.0) as address:
        for _ in range(10):
            ask(address, post("/v1/chat/completions"))
        app.break_after = None
        assert ask(address, post("/v1/chat/completions")).body.endswith(b"data: [DONE]\n\n")


def test_a_cut_is_an_exception_for_what_lies_round_the_relay(nowhere: str) -> None:
    """The gate learns of a broken answer the way it learns of a broken host."""
    from distillgate.errors import UpstreamError
    from distillgate.proxy.relay import Relay
    from distillgate.proxy.settings import ProxySettings

    async def run(url: str) -> list[Any]:
        sent: list[Any] = []
        first = {"type": "http.request", "body": b"", "more_body": False}
        messages = iter([first])

        async def receive() -> Any:
            try:
                return next(messages)
            except StopIteration:
                return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        relay = Relay(ProxySettings(upstream=url))
        scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
        try:
            with pytest.raises(UpstreamError):
                await relay(scope, receive, send)
        finally:
            await relay.close()
        return sent

    answer = OK + b"application/json\r\nContent-Length: 20\r\n\r\nhalf"
    with speaking(answer) as far:
        sent = asyncio.run(run(far.url))
    assert [message["type"] for message in sent][:1] == ["http.response.start"]

"""The public door, on real sockets: mounted in a host, with and without lifespan."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import json
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx2
import prometheus_client
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from websockets.sync.client import connect

from distillgate.config.schema import Config
from distillgate.errors import ConfigError
from distillgate.gate import Gate
from distillgate_lab.upstream.app import Upstream, upstream
from distillgate_lab.upstream.server import Address, serve

if TYPE_CHECKING:
    from tests.conftest import Serving

BODY = b'{"model":"m-large","messages":[{"role":"user","content":"hello"}],"stream":true}'
PATH = "/v1/chat/completions"


def eventually(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.005)


def post(path: str = PATH, body: bytes = BODY, *headers: str) -> bytes:
    """Write a request by hand, so that nothing of a client library stands between."""
    lines = [
        f"POST {path} HTTP/1.1",
        "host: gate.test",
        "authorization: Bearer sk-1",
        "content-type: application/json",
        f"content-length: {len(body)}",
        "connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def exchange(address: Address, request: bytes) -> bytes:
    """Send bytes, give back every byte of the answer."""
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


BAD_BODIES = {
    "empty": b"",
    "malformed": b'{"model": "m", "messages": [',
    "an array": b"[1, 2]",
    "a number": b"1",
    "wrong types": b'{"model": 7, "messages": {"role": []}, "stream": "yes", "n": {}}',
    "messages of rubbish": b'{"model":"m","messages":[null, 1, "x", [], {"role": 3}]}',
    "deep nesting": b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "invalid UTF-8": b'{"model":"\xff\xfe","messages":[]}',
    "NUL bytes": b'{"model":"m\x00","messages":[]}\x00\x00',
    "an escaped NUL": b'{"model":"m\\u0000","messages":[{"role":"user","content":"\\u0000"}]}',
    "a lone surrogate": b'{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}',
    "a BOM": b"\xef\xbb\xbf" + BODY,
    "a huge number": b'{"model":"m","messages":[],"seed":' + b"9" * 10_000 + b"}",
    "spaces": b'{"model":"m","messages":[{"role":"user","content":"' + b" " * 10_000_000 + b'"}]}',
    "many messages": b'{"model":"m","messages":['
    + b",".join([b'{"role":"user","content":"x"}'] * 100_000)
    + b"]}",
}


class Pair(NamedTuple):
    """The same upstream twice: bare, and behind a gate."""

    plain: Upstream
    gated: Upstream
    gate: Gate
    direct: Address
    through: Address


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    plain, gated = upstream(), upstream()
    gate = Gate(gated)
    with serve(plain, date_header=False) as direct, serve(gate, date_header=False) as through:
        yield Pair(plain, gated, gate, direct, through)


@pytest.mark.parametrize("name", BAD_BODIES)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/messages"])
def test_bad_input_is_the_upstreams_to_answer(pair: Pair, name: str, path: str) -> None:
    request = post(path, BAD_BODIES[name])
    pair.gated.received.clear()

    assert exchange(pair.through, request) == exchange(pair.direct, request)

    assert [r.body for r in pair.gated.received] == [BAD_BODIES[name]]
    assert pair.gate.parts is not None
    text = pair.gate.parts.telemetry.render().decode()
    failed = [
        line for line in text.splitlines() if line.startswith("distillgate_failed_open_total{")
    ]
    assert all(line.endswith(" 0.0") for line in failed)


def test_a_body_that_ends_early_is_nobodys_request(serving: Serving) -> None:
    gated = upstream()
    address = serving(Gate(gated))

    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(post()[:-10])
    after = exchange(address, post())

    assert status(after) == 200
    assert len(gated.received) == 1


@pytest.mark.parametrize("http", ["h11", "httptools"])
@pytest.mark.parametrize("stream", [True, False])
def test_every_byte_of_the_answer_is_the_same_with_the_gate(
    serving: Serving, http: str, *, stream: bool
) -> None:
    body = BODY if stream else BODY.replace(b"true", b"false")
    plain, gated = upstream(chunk_delay=0.001), upstream(chunk_delay=0.001)
    config = Config(mode="enforce")

    direct = exchange(serving(plain, http=http, date_header=False), post(body=body))
    through = exchange(
        serving(Gate(gated, config=config), http=http, date_header=False), post(body=body)
    )

    assert through == direct
    assert list(gated.received) == list(plain.received)


def test_chunks_pass_at_once(serving: Serving) -> None:
    release = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        await asyncio.to_thread(release.wait, 20)
        await send({"type": "http.response.body", "body": b"last"})

    address = serving(Gate(app), lifespan="off")
    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(post())
        answer = b""
        while b"first" not in answer:
            answer += connection.recv(65536)
        assert b"last" not in answer
        release.set()
        while chunk := connection.recv(65536):
            answer += chunk
    assert b"last" in answer


def test_a_413_reaches_a_client_that_is_still_sending(serving: Serving) -> None:
    gated = upstream()
    address = serving(Gate(gated, config={"asgi": {"body": {"max_bytes": 1_000_000}}}))

    for path in ("/v1/chat/completions", "/v1/messages"):
        answer = httpx2.post(
            address.url + path,
            content=b"x" * 1_900_000,
            headers={"x-api-key": "k"},
            trust_env=False,
        )
        assert answer.status_code == 413
        assert "1000000" in answer.json()["error"]["message"]
    assert not gated.received


def polling(seen: threading.Event) -> FastAPI:
    app = FastAPI()

    @app.post(PATH)
    async def chat(request: Request) -> dict[str, bool]:
        await request.body()
        while not await request.is_disconnected():  # noqa: ASYNC110 - as llama-cpp-python does
            await asyncio.sleep(0.005)
        seen.set()
        return {"gone": True}

    return app


def streaming(ended: threading.Event) -> FastAPI:
    app = FastAPI()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            yield b"data: first\n\n"
            await asyncio.sleep(3600)
            yield b"data: never\n\n"
        finally:
            ended.set()

    @app.post(PATH)
    async def chat(request: Request) -> StreamingResponse:
        await request.body()
        return StreamingResponse(chunks(), media_type="text/event-stream")

    return app


@pytest.mark.parametrize("make", [polling, streaming])
def test_a_client_that_leaves_is_noticed_by_the_host(
    serving: Serving, make: Callable[[threading.Event], FastAPI]
) -> None:
    noticed = threading.Event()
    app = make(noticed)
    app.add_middleware(Gate)
    address = serving(app)

    with socket.create_connection((address.host, address.port), timeout=20) as connection:
        connection.sendall(post())
        if make is streaming:
            answer = b""
            while b"first" not in answer:
                answer += connection.recv(65536)

    assert noticed.wait(10)


def test_a_hundred_aborted_streams_leave_nothing_behind(serving: Serving) -> None:
    gated = upstream(chunk_delay=0.05)
    address = serving(Gate(gated))

    for _ in range(100):
        with socket.create_connection((address.host, address.port), timeout=20) as connection:
            connection.sendall(post())
            assert connection.recv(16)

    eventually(lambda: gated.live == 0)
    assert gated.cancelled + gated.finished == 100


def test_websockets_pass(serving: Serving) -> None:
    address = serving(Gate(upstream()))

    with connect(f"ws://{address.host}:{address.port}/v1/realtime", proxy=None) as socket_:
        socket_.send("hello")
        assert socket_.recv() == "hello"


def living(events: list[str]) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, str]]:
        events.append("up")
        yield {"model": "loaded"}
        events.append("down")

    app = FastAPI(lifespan=lifespan)

    @app.post(PATH)
    async def chat(request: Request) -> str:
        return str(request.state.model)

    return app


def test_the_hosts_lifespan_runs_and_the_gate_with_it() -> None:
    events: list[str] = []
    gate = Gate(living(events))

    for _ in range(2):
        with TestClient(gate) as client:
            assert gate.ready()
            assert client.post(PATH, content=BODY).json() == "loaded"
        assert not gate.ready()
    assert events == ["up", "down"] * 2


def test_without_lifespan_the_first_request_starts_the_gate(serving: Serving) -> None:
    gate = Gate(upstream())
    address = serving(gate, lifespan="off")

    assert not gate.ready()
    assert status(exchange(address, post())) == 200
    assert gate.ready()


def test_mounted_below_a_path_it_is_the_same() -> None:
    inner = upstream()
    host = FastAPI()
    host.mount("/api", Gate(inner))

    answer = TestClient(host).post("/api" + PATH, content=BODY, headers={"x-api-key": "k"})

    assert answer.status_code == 200
    assert [r.body for r in inner.received] == [BODY]


def test_a_file_a_mapping_a_config_and_the_environment_configure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("mode: enforce\n")

    def mode(gate: Gate) -> str:
        assert gate.parts is not None
        return gate.parts.config.mode

    assert mode(Gate(upstream())) == "shadow"
    for config in (file, str(file), {"mode": "enforce"}, Config(mode="enforce")):
        assert mode(Gate(upstream(), config=config)) == "enforce"
    monkeypatch.setenv("DISTILLGATE_CONFIG", str(file))
    assert mode(Gate(upstream())) == "enforce"


@pytest.mark.parametrize("config", [{"mod": "enforce"}, "/nowhere/gate.yaml"])
def test_a_configuration_that_cannot_be_used_stops_the_hosts_start(
    serving: Serving, config: Any
) -> None:
    app = FastAPI(middleware=[Middleware(Gate, config=config)])

    with pytest.raises(RuntimeError, match="did not start"):
        serving(app)
    with pytest.raises(ConfigError):
        TestClient(app).post(PATH, content=BODY)
    with pytest.raises(ConfigError), TestClient(app):
        pass


def test_a_changed_file_is_taken_and_a_bad_one_is_not(serving: Serving, tmp_path: Path) -> None:
    file, log = tmp_path / "gate.yaml", tmp_path / "log"
    quick = f"reload_interval: 0.02\ntelemetry: {{log: {{destination: {log}}}}}\n"
    file.write_text(quick + "mode: shadow\n")
    gate = Gate(upstream(), config=file)
    serving(gate)
    parts = gate.parts
    assert parts is not None
    assert not parts.context.fail_closed

    def write(text: str) -> None:
        fresh = tmp_path / "fresh"
        fresh.write_text(quick + text)
        os.replace(fresh, file)  # noqa: PTH105 - the very call editors make

    write("mode: enforce\nfail: closed\nasgi: {body: {max_bytes: 2048}}\n")
    eventually(lambda: parts.config.mode == "enforce")
    assert parts.context.fail_closed
    assert parts.context.settings.body.max_bytes == 2048

    write("mode: nonsense\n")
    eventually(lambda: "reload_failed" in log.read_text())
    assert parts.config.mode == "enforce"

    write("mode: shadow\n")
    eventually(lambda: parts.config.mode == "shadow")
    assert not parts.context.fail_closed


def test_traffic_is_recorded_where_that_is_configured(tmp_path: Path) -> None:
    log = tmp_path / "traffic.jsonl"
    config = {"key": "k", "record": {"path": str(log)}, "telemetry": {"log": {"level": "off"}}}

    with TestClient(Gate(upstream(), config=config)) as client:
        client.post(PATH, content=BODY, headers={"x-api-key": "sk-secret"})

    (line,) = log.read_text().splitlines()
    assert '"content":"hello"' in line
    assert '"status":200' in line
    assert "sk-secret" not in line


def test_vllm_can_mount_it_by_name() -> None:
    """What `vllm serve --middleware distillgate.Gate` does with its argument."""
    path = "distillgate.Gate"
    module, name = path.rsplit(".", 1)
    imported: Any = getattr(importlib.import_module(module), name)
    is_class = inspect.isclass(imported)
    app = FastAPI()
    app.add_middleware(imported)

    assert is_class

    assert TestClient(app).get("/docs").status_code == 200


def test_a_file_may_be_watched_beside_a_configuration_that_was_changed(
    serving: Serving, tmp_path: Path
) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("mode: shadow\n")
    gate = Gate(upstream(), config=Config(mode="shadow", reload_interval=0.02), watch=file)
    serving(gate)
    parts = gate.parts
    assert parts is not None

    file.write_text("mode: enforce\n")

    eventually(lambda: parts.config.mode == "enforce")


def test_a_sidecar_of_a_configuration_that_cannot_be_used_is_an_error_at_once() -> None:
    with pytest.raises(ConfigError, match="mod: unknown key"):
        Gate(upstream(), config={"mod": "enforce"}).sidecar()


def test_without_a_file_there_is_nothing_to_reload(serving: Serving) -> None:
    gate = Gate(upstream())
    serving(gate)

    assert not gate.reload()


def told(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def hosted(settings: dict[str, Any], *, gates: int = 1) -> tuple[FastAPI, list[str]]:
    """Mount gates as a host does; the list fills with the paths that the host itself answers."""
    app, answered = FastAPI(), list[str]()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def anything(path: str) -> dict[str, Any]:
        answered.append(path)
        return {"choices": [{"message": {"role": "assistant", "content": "yes"}}]}

    for _ in range(gates):
        app.add_middleware(Gate, config=settings)
    return app, answered


OPERATOR = {"authorization": "Bearer operator"}


def test_a_mounted_gate_has_its_operators_pages(tmp_path: Path) -> None:
    log = tmp_path / "log"
    app, answered = hosted(
        {
            "mode": "enforce",
            "key": "k",
            "admin": {"key": "operator"},
            "asgi": {"identity": {"header": "x-account"}},
            "telemetry": {"log": {"destination": str(log)}},
        }
    )
    with TestClient(app, client=("127.0.0.1", 50_000)) as client:
        client.post(PATH, content=BODY, headers={"x-account": "a-1"})
        pages = "/distillgate"
        assert client.get(f"{pages}/metrics").status_code == 401
        assert client.get(f"{pages}/metrics", headers=OPERATOR).text.count("distillgate_") > 9
        assert client.get(f"{pages}/state", headers=OPERATOR).json()["mode"] == "enforce"
        assert client.get(f"{pages}/accounts/a-1", headers=OPERATOR).json()["account"] == "a-1"
        why = {"reason": "their auditor called"}
        pardon = client.post(f"{pages}/accounts/a-1/pardon", json=why, headers=OPERATOR)
        assert pardon.json()["account"] == "a-1"
        killed = client.post(f"{pages}/kill", json=why, headers=OPERATOR)
        assert (killed.json()["mode"], killed.json()["killed"]) == ("shadow", True)
        assert client.get(f"{pages}/no/such/page", headers=OPERATOR).status_code == 404
    assert answered == [PATH.strip("/")]


def test_without_a_key_the_path_of_the_pages_is_the_hosts() -> None:
    app, answered = hosted({"telemetry": {"log": {"level": "off"}}})

    with TestClient(app) as client:
        assert client.get("/distillgate/metrics").json()["choices"]
    assert answered == ["distillgate/metrics"]


def test_metrics_are_in_the_hosts_registry_while_the_gate_runs_if_asked() -> None:
    telemetry = {"registry": "host", "log": {"level": "off"}}
    app, _ = hosted({"key": "k", "telemetry": telemetry})

    with TestClient(app) as client:
        client.post(PATH, content=BODY, headers={"x-api-key": "k"})
        rendered = prometheus_client.generate_latest().decode()
        assert 'action="allow",mode="shadow",operation="chat"} 1.0' in rendered
        assert "distillgate_accounts 1.0" in rendered
    assert "distillgate" not in prometheus_client.generate_latest().decode()


def test_a_fastapi_host_shows_the_metrics_among_those_of_a_registry_of_its_own() -> None:
    registry = prometheus_client.CollectorRegistry()
    prometheus_client.Counter("host_greetings", "The host's own.", registry=registry).inc()
    app = FastAPI()
    app.add_middleware(
        Gate, config={"key": "k", "telemetry": {"log": {"level": "off"}}}, registry=registry
    )
    app.mount("/metrics", prometheus_client.make_asgi_app(registry))

    @app.post(PATH)
    async def chat(request: Request) -> dict[str, Any]:
        return {"choices": [{"message": {"role": "assistant", "content": "hello"}}]}

    for calls in (1, 2):  # the same gate, stopped and started again
        with TestClient(app) as client:
            client.post(PATH, content=BODY, headers={"x-api-key": "k"})
            told = client.get("/metrics/").text
            assert "host_greetings_total 1.0" in told
            assert f'action="allow",mode="shadow",operation="chat"}} {calls}.0' in told
    assert "distillgate" not in prometheus_client.generate_latest(registry).decode()
    assert "distillgate" not in prometheus_client.generate_latest().decode()


def test_a_gate_whose_metrics_the_host_has_already_of_another_says_so(tmp_path: Path) -> None:
    log = tmp_path / "log"
    telemetry = {"registry": "host", "log": {"destination": str(log)}}
    one, other = (hosted({"key": "k", "telemetry": telemetry})[0] for _ in range(2))

    with TestClient(one), TestClient(other) as client:
        client.post(PATH, content=BODY, headers={"x-api-key": "k"})
    assert [line["event"] for line in told(log)] == ["metrics_hidden"]


def test_two_mounted_gates_judge_once_and_the_inner_one_says_so_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    app, _ = hosted(
        {
            "key": "k",
            "admin": {"key": "operator"},
            "telemetry": {"log": {"destination": str(log)}},
        },
        gates=2,
    )
    with TestClient(app) as client:
        for _ in range(3):
            client.post(PATH, content=BODY, headers={"x-api-key": "k"})
        text = client.get("/distillgate/metrics", headers=OPERATOR).text
        assert 'operation="chat"} 3.0' in text
    (line,) = told(log)
    assert (line["event"], line["level"]) == ("mounted_twice", "warning")


def test_a_gate_that_no_lifespan_reaches_says_so_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    inner, _ = hosted({"key": "k", "telemetry": {"log": {"destination": str(log)}}})
    outer = FastAPI()
    outer.mount("/api", inner)

    with TestClient(outer) as client:
        for _ in range(3):
            assert client.post("/api" + PATH, content=BODY).status_code == 200
    eventually(lambda: bool(told(log)))
    (line,) = told(log)
    assert (line["event"], line["level"], line["below"]) == ("no_lifespan", "warning", "/api")


def test_a_host_without_a_lifespan_ends_its_gate_in_order(tmp_path: Path) -> None:
    log = tmp_path / "log"
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError("only HTTP is handled here")
        events.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    gate = Gate(app, {"key": "k", "telemetry": {"log": {"destination": str(log)}}})
    with TestClient(gate) as client:
        assert gate.ready()
        client.post(PATH, content=BODY)
    assert not gate.ready()
    assert events == [PATH]
    assert told(log) == []

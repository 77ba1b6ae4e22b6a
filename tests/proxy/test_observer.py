"""What the upstream fails to answer is told to the gate's telemetry, once and by its kind."""

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.proxy.conftest import speaking
from websockets import ConnectionClosed
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websockets

from distillgate.config.load import read
from distillgate.config.schema import Config
from distillgate.gate import Gate
from distillgate.proxy.relay import Relay
from distillgate.telemetry import Telemetry
from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import Address, serve

BODY = b'{"model":"m","messages":[{"role":"user","content":"secret text"}],"stream":true}'
ASK = (
    b"POST /v1/chat/completions?key=sk-query HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-1\r\n"
    b"X-Request-Id: ref-12345678\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: "


class Watched:
    """A sidecar and what it tells."""

    def __init__(self, address: Address, telemetry: Telemetry, log: Path) -> None:
        self.address = address
        self._telemetry = telemetry
        self._log = log

    def errors(self) -> dict[str, float]:
        """Read the counter, as far as it counted."""
        found = re.findall(
            r'distillgate_upstream_errors_total{kind="(\w+)"} (\S+)',
            self._telemetry.render().decode(),
        )
        return {kind: float(count) for kind, count in found if float(count)}

    def told(self) -> list[dict[str, Any]]:
        """Read the log's lines about the upstream."""
        self._telemetry.close()
        lines = map(json.loads, self._log.read_bytes().splitlines() if self._log.exists() else ())
        return [line for line in lines if line["event"] == "upstream_failed"]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Put a sidecar, as `serve` puts it together, before an upstream's URL."""
    log = tmp_path / "log"
    with contextlib.ExitStack() as stack:

        def start(url: str, **proxy: Any) -> Watched:
            document = {
                "proxy": {"upstream": url, **proxy},
                "telemetry": {"log": {"destination": str(log)}},
            }
            config = read(json.dumps(document), Config, source="test")
            telemetry = Telemetry(config.telemetry)
            gate = Gate(Relay(config.proxy, telemetry), config, telemetry=telemetry)
            return Watched(stack.enter_context(serve(gate.sidecar())), telemetry, log)

        yield start


def test_an_upstream_that_is_not_there(watched: Any, nowhere: str, ask: Any) -> None:
    gate = watched(nowhere)

    assert ask(gate.address, ASK).status == 502
    assert ask(gate.address, b"GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n").status == 502

    assert gate.errors() == {"connect": 2}
    first, second = gate.told()
    assert (first["kind"], first["level"]) == ("connect", "warning")
    assert (first["status"], first["begun"], first["client_reference"]) == (
        502,
        False,
        "ref-12345678",
    )
    assert nowhere.removeprefix("http://") in first["cause"]
    assert not any(word in json.dumps(first) for word in ("secret", "sk-1", "sk-query"))
    assert second["reference"] != first["reference"]


def test_an_upstream_that_never_begins(watched: Any, ask: Any) -> None:
    with serve(upstream(first_delay=60.0)) as far:
        gate = watched(far.url, first_byte_seconds=0.2)
        assert ask(gate.address, ASK).status == 504
        assert gate.errors() == {"timeout": 1}


def test_an_answer_that_breaks_off(watched: Any, ask: Any) -> None:
    with serve(upstream(break_after=3)) as far:
        gate = watched(far.url)
        assert b'"upstream_unavailable"' in ask(gate.address, ASK).body
        assert gate.errors() == {"broken": 1}
    assert [line["begun"] for line in gate.told()] == [True]


def test_a_cut_answer_is_told_once_and_its_text_is_not(watched: Any, ask: Any) -> None:
    answer = OK + b'application/json\r\nContent-Length: 99\r\n\r\n{"answer": "private"'
    with speaking(answer) as far:
        gate = watched(far.url)
        with pytest.raises(Exception, match="IncompleteRead"):
            ask(gate.address, ASK)
        assert gate.errors() == {"broken": 1}
    [line] = gate.told()
    assert "private" not in json.dumps(line)


def test_what_is_no_answer_is_not_quoted(watched: Any, ask: Any) -> None:
    with speaking(b"private nonsense\r\n\r\n") as far:
        gate = watched(far.url)
        assert ask(gate.address, ASK).status == 502
        assert gate.errors() == {"broken": 1}
    assert "private" not in json.dumps(gate.told())


def test_what_the_upstream_answers_itself_is_no_failure(watched: Any, ask: Any) -> None:
    with speaking(OK.replace(b"200 OK", b"503 Busy") + b"text/plain\r\n\r\nno") as far:
        gate = watched(far.url)
        assert ask(gate.address, ASK).status == 503
        assert gate.errors() == {}


def test_a_client_that_leaves_is_no_failure(watched: Any, eventually: Any) -> None:
    app = upstream(first_delay=60.0)
    with serve(app) as far:
        gate = watched(far.url)
        with socket.create_connection((gate.address.host, gate.address.port)) as client:
            client.sendall(ASK)
            eventually(lambda: app.live == 1)
        eventually(lambda: app.cancelled == 1)
        assert gate.errors() == {}


def test_a_websocket_to_nowhere(watched: Any, nowhere: str) -> None:
    gate = watched(nowhere)
    with pytest.raises(InvalidStatus):
        connect(f"ws://{gate.address.host}:{gate.address.port}/v1/realtime", proxy=None)
    assert gate.errors() == {"connect": 1}


def test_a_websocket_whose_upstream_vanishes(watched: Any) -> None:
    def vanish(connection: ServerConnection) -> None:
        connection.recv()
        connection.socket.shutdown(socket.SHUT_RDWR)

    with serve_websockets(vanish, "127.0.0.1", 0) as far:
        thread = threading.Thread(target=far.serve_forever)
        thread.start()
        try:
            gate = watched(f"http://127.0.0.1:{far.socket.getsockname()[1]}")
            url = f"ws://{gate.address.host}:{gate.address.port}/v1/realtime"
            with connect(url, proxy=None) as near:
                near.send("die")
                with pytest.raises(ConnectionClosed):
                    near.recv(timeout=10)
        finally:
            far.shutdown()
            thread.join()
    assert gate.errors() == {"broken": 1}


def test_a_relay_alone_tells_nobody(nowhere: str, ask: Any) -> None:
    from distillgate.proxy.settings import ProxySettings

    with serve(Relay(ProxySettings(upstream=nowhere))) as address:
        assert ask(address, ASK).status == 502

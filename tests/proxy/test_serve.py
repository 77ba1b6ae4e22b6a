"""The sidecar as a process: it gives notice, drains, ends with 0, and hears SIGHUP."""

import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme
from benchmarks.servers import free_port

from distillgate_lab.upstream.app import upstream
from distillgate_lab.upstream.server import serve

SCRIPT = """
import json, sys
from distillgate.proxy.app import Sidecar
from distillgate.proxy.relay import Relay
from distillgate.proxy.serve import serve
from distillgate.proxy.settings import ProxySettings

given = json.loads(sys.argv[1])
beside = tuple(given.pop("beside", ())) or None
settings = ProxySettings(port=0, **given)
log = open(sys.argv[2], "a", buffering=1)
serve(
    Sidecar(Relay(settings)),
    settings,
    on_reload=lambda: print("reloaded", file=log),
    on_listen=lambda host, port: print(port, file=log),
    beside=beside,
)
print("closed", file=log)
"""


class Running(NamedTuple):
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture
def start(tmp_path: Path, eventually: Any) -> Iterator[Any]:
    with contextlib.ExitStack() as stack:

        def run(url: str, **settings: Any) -> Running:
            log = tmp_path / "log"
            command = [sys.executable, "-W", "error", "-c", SCRIPT]
            given = json.dumps({"upstream": url} | settings)
            process = subprocess.Popen([*command, given, str(log)])
            stack.callback(process.wait)
            stack.callback(process.kill)
            eventually(lambda: log.exists() and log.read_text().endswith("\n"), 30.0)
            return Running(process, int(log.read_text()), log)

        yield run


def stream(port: int) -> socket.socket:
    turns = [{"role": "user", "content": "q"}]
    body = json.dumps({"model": "m", "messages": turns, "stream": True})
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return connection


def rest(connection: socket.socket) -> bytes:
    got = b""
    with connection:
        while part := connection.recv(65536):
            got += part
    return got


def test_sigterm_gives_notice_and_lets_what_runs_finish(start: Any, eventually: Any) -> None:
    app = upstream(chunk_delay=LONG_ENOUGH)
    with serve(app) as far:
        running = start(far.url, notice_seconds=0.5)
        assert running.get("/readyz") == 200
        connection = stream(running.port)
        eventually(lambda: app.live == 1)
        running.process.send_signal(signal.SIGTERM)
        eventually(lambda: running.get("/readyz") == 503)
        assert running.get("/healthz") == 200
        assert running.get("/v1/models") == 200
        got = rest(connection)
        assert running.process.wait(20) == 0
    assert got.endswith(b"data: [DONE]\n\n\r\n0\r\n\r\n")
    assert running.log.read_text().endswith("closed\n")
    assert app.cancelled == 0


LONG_ENOUGH = 0.05
"""Between events, so that the stream outlives the notice."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_drain_is_bounded(start: Any, eventually: Any, number: signal.Signals) -> None:
    app = upstream(chunk_delay=60.0)
    with serve(app) as far:
        running = start(far.url, notice_seconds=0.0, drain_seconds=0.2)
        connection = stream(running.port)
        eventually(lambda: app.live == 1)
        running.process.send_signal(number)
        assert running.process.wait(20) == 0
        assert not rest(connection).endswith(b"0\r\n\r\n")
        eventually(lambda: app.cancelled == 1)


def test_a_second_signal_cuts_what_runs(start: Any, eventually: Any) -> None:
    app = upstream(chunk_delay=60.0)
    with serve(app) as far:
        running = start(far.url, notice_seconds=30.0, drain_seconds=60.0)
        with stream(running.port):
            eventually(lambda: app.live == 1)
            running.process.send_signal(signal.SIGTERM)
            eventually(lambda: running.get("/readyz") == 503)
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(20) == 0


def test_sighup_reloads_and_goes_on(start: Any, eventually: Any) -> None:
    with serve(upstream()) as far:
        running = start(far.url, notice_seconds=0.0)
        running.process.send_signal(signal.SIGHUP)
        eventually(lambda: "reloaded" in running.log.read_text())
        assert running.get("/v1/models") == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(20) == 0


def test_unix_sockets_at_both_ends(start: Any, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "up"))
        listener.listen()
        running = start(f"unix:{tmp_path}/up", host=f"unix:{tmp_path}/own")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(30)
            connection.connect(str(tmp_path / "own"))
            connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            far, _ = listener.accept()
            with far:
                head = far.recv(65536)
                far.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                assert rest(connection).endswith(b"\r\n\r\nok")
    assert head.startswith(b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\n")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(20) == 0


def test_https_is_spoken_with_a_certificate(start: Any, tmp_path: Path) -> None:
    authority, chain = trustme.CA(), tmp_path / "chain.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(chain)
    with serve(upstream()) as far:
        running = start(far.url, certificate=str(chain))
        context = ssl.create_default_context()
        authority.configure_trust(context)
        with (
            socket.create_connection(("127.0.0.1", running.port), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\nrubbish\r\n\r\n")
            answer = rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"HTTP/1.1 400 Bad Request\r\n" in answer


def test_a_port_that_is_taken_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = json.dumps({"upstream": "http://h"})
        script = SCRIPT.replace("port=0", f"port={taken.getsockname()[1]}")
        command = [sys.executable, "-c", script, settings, str(tmp_path / "log")]
        assert subprocess.run(command, timeout=60, check=False).returncode != 0


def test_a_second_address_is_served_by_the_same_and_closed_with_it(start: Any) -> None:
    port = free_port()
    running = start("http://127.0.0.1:1", beside=["127.0.0.1", port], drain_seconds=1)
    second = running._replace(port=port)
    assert (running.get("/healthz"), second.get("/healthz")) == (200, 200)

    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(30) == 0
    with pytest.raises(OSError, match="refused"):
        second.get("/healthz")

"""Servers of a run: each a process of its own, on its core, gone when the block ends."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import machine, population
from benchmarks.apps import ANSWER

NGINX = """
daemon off;
user {user};
worker_processes 1;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 1m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
}}
"""
PROXY = """
    upstream service {{
        server 127.0.0.1:{upstream};
        keepalive 256;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://service;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }}
    }}
"""
SERVICE = """
    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{answer}'; }}
    }}
"""


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    name: str
    port: int
    process: int

    def cpu_seconds(self) -> float | None:
        """Processor time so far, children included."""
        return machine.cpu_seconds(self.process)


@contextlib.contextmanager
def app(kind: str, core: int | None) -> Iterator[Server]:
    """Serve one of `benchmarks.apps`."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.apps", kind, str(port)]
    with serve(kind, command, port, core) as server:
        yield server


@contextlib.contextmanager
def sidecar(
    upstream: int,
    core: int | None,
    mode: str = "shadow",
    state: Path | None = None,
    *options: str,
) -> Iterator[Server]:
    """Serve `distillgate serve`, as an operator would, from a copy of a kept state."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = f"mode: {mode}\ntelemetry: {{log: {{destination: {folder}/log}}}}\n"
        if state is not None:
            for kept in (state, *state.parent.glob(f"{state.name}.snapshot-*-*-*")):
                shutil.copy(kept, f"{folder}/{kept.name.replace(state.name, 'state.db')}")
            settings += f"key: {population.KEY}\nlog: {{path: {folder}/state.db}}\n"
        config = f"{folder}/config.yaml"
        Path(config).write_text(settings)
        address = f"http://127.0.0.1:{upstream}"
        command = [sys.executable, "-m", "distillgate", "serve", "--config", config]
        command += ["--upstream", address, "--host", "127.0.0.1", "--port", str(port), *options]
        with serve(f"distillgate {mode}", command, port, core) as server:
            yield server


def has_nginx() -> bool:
    """Whether nginx is on the PATH (or where Debian puts it)."""
    return _nginx() is not None


@contextlib.contextmanager
def nginx_proxy(upstream: int, core: int | None) -> Iterator[Server]:
    """Serve nginx as a bare reverse proxy with kept connections."""
    port = free_port()
    with nginx("nginx", PROXY.format(upstream=upstream, port=port), port, core) as server:
        yield server


@contextlib.contextmanager
def service(core: int | None) -> Iterator[Server]:
    """Serve the cheapest upstream there is: nginx with a constant answer, or Python's."""
    if not has_nginx():
        with app("upstream", core) as server:
            yield server
        return
    port = free_port()
    http = SERVICE.format(port=port, answer=ANSWER.decode())
    with nginx("upstream", http, port, core) as server:
        yield server


def _nginx() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def nginx(name: str, http: str, port: int, core: int | None = None) -> Iterator[Server]:
    program = _nginx()
    assert program is not None
    user = pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(NGINX.format(user=user, folder=folder, http=http))
        command = [program, "-p", folder, "-e", "stderr", "-c", str(config)]
        with serve(name, command, port, core) as server:
            yield server


@contextlib.contextmanager
def written(text: str) -> Iterator[str]:
    """Keep a configuration file until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(text)
        yield str(path)


@contextlib.contextmanager
def serve(
    name: str,
    command: Sequence[str],
    port: int,
    core: int | None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a server on a core until the block ends. Raises `RuntimeError` if it does not start."""
    with tempfile.TemporaryFile() as said:
        with machine.pinned(core):  # a child stays where its parent was when it began
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, **(environment or {})},
            )
        try:
            if not _answers(process, port):
                said.seek(0)
                raise RuntimeError(f"{name} did not start: {said.read()[-2000:].decode()}")
            yield Server(name, port, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until connections are taken."""
    deadline = time.monotonic() + 180  # a large state is loaded first
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """Give a port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port

"""The mounted gate in real hosts on real servers, each in an environment of its own.

`make test-hosts` runs it: `DISTILLGATE_HOSTS` names the folder that keeps the environments.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from benchmarks.servers import free_port

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"
CACHE = os.environ.get("DISTILLGATE_HOSTS")
PATIENCE = 60.0

pytestmark = [
    pytest.mark.skipif(CACHE is None, reason="`make test-hosts` runs them"),
    pytest.mark.timeout(600),
]


class Host(NamedTuple):
    """A framework on a server."""

    framework: str
    server: str
    command: tuple[str, ...]
    """Beside the name of the application; `PORT` stands for the port."""
    worker: str = ""
    """A further package the server needs."""


UVICORN = ("--no-proxy-headers", "--port", "PORT")
HOSTS = [
    Host("fastapi", "uvicorn", UVICORN),
    Host("fastapi", "hypercorn", ("-b", "127.0.0.1:PORT")),
    Host("fastapi", "granian", ("--interface", "asgi", "--port", "PORT")),
    Host(
        "fastapi",
        "gunicorn",
        ("-k", "uvicorn.workers.UvicornWorker", "-b", "127.0.0.1:PORT"),
        "uvicorn",
    ),
    Host("fastapi", "daphne", ("-p", "PORT")),
    Host("starlette", "uvicorn", UVICORN),
    Host("litestar", "uvicorn", UVICORN),
    Host("quart", "uvicorn", UVICORN),
    Host("django", "uvicorn", UVICORN),
]
LIFELESS = {"daphne"}
"""Servers that send no lifespan."""

CONFIG = """
mode: enforce
key: a secret
admin: {key: operator}
asgi: {identity: {header: x-account}}
policy: {plans: {default: {requests_per_minute: 3}}}
telemetry: {log: {destination: LOG}}
"""


def environment(host: Host) -> Path:
    """Return the folder of the host's programs, installed where that was not done before."""
    packages = [host.server, host.framework, *filter(None, [host.worker])]
    state = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()[:8]
    folder = Path(str(CACHE)).absolute() / f"{'-'.join(packages)}-{state}"
    if not (folder / "installed").exists():
        uv = shutil.which("uv")
        if uv is None:
            pytest.skip("uv is not there to make an environment with")
        subprocess.run([uv, "venv", "-q", "--clear", folder], check=True)
        done = subprocess.run(
            [uv, "pip", "install", "-q", "--python", folder / "bin/python", "-e", ROOT, *packages],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            pytest.skip(f"{packages} cannot be installed: {done.stderr.strip()[-200:]}")
        (folder / "installed").touch()
    return folder / "bin"


def start(host: Host, config: Path, output: Path, port: int) -> subprocess.Popen[bytes]:
    programs = environment(host)
    arguments = [word.replace("PORT", str(port)) for word in host.command]
    with output.open("wb") as file:
        return subprocess.Popen(
            [programs / host.server, *arguments, f"{host.framework}_app:app"],
            cwd=APPS,
            env={**os.environ, "DISTILLGATE_CONFIG": str(config), "PYTHONPATH": str(APPS)},
            stdout=file,
            stderr=file,
        )


def ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


class Running(NamedTuple):
    client: httpx2.Client
    process: subprocess.Popen[bytes]
    log: Path
    host: Host


@pytest.fixture(params=HOSTS, ids=lambda host: f"{host.framework}-{host.server}")
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.param
    return found


@pytest.fixture
def running(host: Host, tmp_path: Path) -> Iterator[Running]:
    config, log, output = tmp_path / "gate.yaml", tmp_path / "log", tmp_path / "output"
    config.write_text(CONFIG.replace("LOG", str(log)))
    port = free_port()
    process = start(host, config, output, port)
    base = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=base, trust_env=False, timeout=PATIENCE) as client:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    client.get("/nothing")
                    break
                except httpx2.TransportError:
                    assert process.poll() is None, output.read_text()
                    assert time.monotonic() < deadline, output.read_text()
            yield Running(client, process, log, host)
    finally:
        process.kill()
        process.wait()


def ask(client: httpx2.Client, account: str, *, stream: bool = False) -> httpx2.Response:
    body = {
        "model": "m",
        "stream": stream,
        "messages": [{"role": "user", "content": "two words"}],
    }
    return client.post("/v1/chat/completions", json=body, headers={"x-account": account})


def test_the_gate_does_its_work_in_the_host(running: Running) -> None:
    client = running.client
    answers = [ask(client, "greedy") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 3
    refused = answers[-1]
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert int(refused.headers["retry-after"]) > 0

    assert ask(client, "honest").json()["choices"][0]["message"]["content"] == "one two"
    streamed = ask(client, "honest", stream=True)
    assert streamed.headers["content-type"].startswith("text/event-stream")
    assert streamed.text.endswith("data: [DONE]\n\n")
    assert streamed.text.count("data: ") == 3

    key = {"authorization": "Bearer operator"}
    assert client.get("/distillgate/metrics").status_code == 401
    metrics = client.get("/distillgate/metrics", headers=key).text
    assert 'action="throttle",mode="enforce",operation="chat"} 3.0' in metrics
    assert client.get("/distillgate/accounts/greedy", headers=key).json()["account"] == "greedy"

    running.process.send_signal(signal.SIGTERM)
    ended(running.process)
    told = running.log.read_text()
    assert ("no_lifespan" in told) is (running.host.server in LIFELESS)
    assert "mounted_twice" not in told
    assert "failed_open" not in told


def test_a_client_that_leaves_a_stream_leaves_the_host_well(running: Running) -> None:
    body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}'
    head = {"x-account": "leaver", "content-type": "application/json"}
    with running.client.stream(
        "POST", "/v1/chat/completions", content=body, headers=head
    ) as answer:
        assert answer.status_code == 200

    assert ask(running.client, "honest").status_code == 200


def test_a_configuration_that_cannot_be_used_is_told_and_nothing_is_answered(
    host: Host, tmp_path: Path
) -> None:
    if host.server in LIFELESS:
        pytest.skip(f"{host.server} sends no lifespan: requests raise the error")
    config, output = tmp_path / "gate.yaml", tmp_path / "output"
    config.write_text("mod: enforce\n")

    ended(start(host, config, output, free_port()))

    assert "mod: unknown key; did you mean `mode`?" in output.read_text()

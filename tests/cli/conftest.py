"""What the commands' tests share: running one here, and running one as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import orjson
import pytest

from distillgate.cli.main import main


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process."""

    def call(*arguments: str | Path) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def process() -> Run:
    """Run a command as a process of its own, as people do."""

    def call(*arguments: str | Path, stdin: bytes = b"", **environ: str) -> Ended:
        ended = subprocess.run(
            [sys.executable, "-m", "distillgate", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env={**os.environ, **environ},
            timeout=60,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    return call


def line(number: int, account: str = "a-1", **changes: Any) -> bytes:
    """Write one line of a log."""
    text = f"Translate into French, please: sentence {number} of the book."
    record = {
        "ts": 1771286400.0 + number,
        "account": account,
        "path": "/v1/chat/completions",
        "request": {"model": "m", "messages": [{"role": "user", "content": text}]},
        "response": {"status": 200, "usage": {"completion_tokens": 9}, "latency": 1.5},
        **changes,
    }
    return orjson.dumps(record) + b"\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of 300 exchanges of 20 accounts that share a template."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(line(number, f"a-{number % 20}") for number in range(300)))
    return path


ASKED = {"model": "m-large", "messages": [{"role": "user", "content": "Good morning."}]}
PATIENCE = 120.0


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


class Running:
    """A sidecar as a process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, up: str) -> None:
        self.process = process
        self._log = log
        self._up = up

    def events(self, name: str) -> list[dict[str, Any]]:
        """Find what it logged under a name."""
        lines = [
            json.loads(text) for text in self._log.read_bytes().splitlines() if text[:1] == b"{"
        ]
        return [line for line in lines if line.get("event") == name]

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self.process.poll() is None, self._log.read_text()
        found = until(lambda: self.events(self._up))[0]
        return f"http://{found['host']}:{found['port']}"

    def ask(self) -> httpx2.Response:
        """Send one chat request."""
        headers = {"authorization": "Bearer sk-a"}
        return httpx2.post(
            f"{self.url}/v1/chat/completions", json=ASKED, headers=headers, timeout=PATIENCE
        )

    def end(self) -> int:
        """Tell it to end, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def running(log: Path, *arguments: str | Path, up: str = "listening") -> Iterator[Running]:
    """Run the command until the block ends; the event `up` says when it serves."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "distillgate", *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=file,
            env=os.environ,
        )
        try:
            yield Running(process, log, up)
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("proxy: {port: 0, notice_seconds: 0}\nreload_interval: 0.05\n")
    return path

"""What the commands' tests share: running one here, and running one as a process."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

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

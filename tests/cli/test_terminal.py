"""What is said while a command works, and to whom."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.cli.conftest import line

from distillgate.cli.terminal import WARNINGS, Warnings, _lines, progress


def test_warnings_past_the_bound_are_counted(capfd: pytest.CaptureFixture[str]) -> None:
    warn = Warnings("log")
    for number in range(WARNINGS + 5):
        warn(f"w{number}")
    warn.close()
    lines = capfd.readouterr().err.splitlines()
    assert lines[:2] == ["log: w0", "log: w1"]
    assert lines[WARNINGS:] == ["log: 5 more warnings not shown"]


def test_few_warnings_are_shown_and_nothing_more(capfd: pytest.CaptureFixture[str]) -> None:
    warn = Warnings("log")
    warn("w")
    warn.close()
    assert capfd.readouterr().err == "log: w\n"


def test_no_bar_where_nobody_looks(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("working", 10) as advance:
        assert advance is not None
        advance(5)
    with progress("working", None) as advance:
        assert advance is None
    assert capfd.readouterr().err == ""


def test_a_replay_shows_a_bar_on_a_terminal(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"".join(line(number) for number in range(2000)))
    ours, theirs = os.openpty()
    seen = bytearray()

    def listen() -> None:
        try:
            while data := os.read(ours, 4096):
                seen.extend(data)
        except OSError:  # how a terminal says that the other end has closed
            return

    listener = threading.Thread(target=listen)
    listener.start()
    ended = subprocess.run(
        [sys.executable, "-m", "distillgate", "replay", str(log), "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200"},
        timeout=60,
        check=True,
    )
    os.close(theirs)
    listener.join(20)
    os.close(ours)
    assert b"replaying" in seen
    assert ended.stdout.startswith(b"{")


def test_without_a_terminal_a_line_tells_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now = 0.0
    advance = _lines("replaying", 200, clock=lambda: now)
    for now in (1.0, 16.0, 17.0, 40.0):
        advance(int(5 * now))

    assert capsys.readouterr().err.splitlines() == ["replaying: 40%", "replaying: 100%"]

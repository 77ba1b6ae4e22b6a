"""The process above, over workers that do nothing but live, die and say so."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distillgate.proxy.supervisor import COMPLETE, Place

PATIENCE = 30.0

WORKER = """
import asyncio, json, os, signal, sys

start = json.load(sys.stdin)

def note(**fields):
    with open(start["log"], "a") as log:
        log.write(json.dumps({"number": start["number"], **fields}) + "\\n")

async def live():
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    def heard(number):
        note(heard=number.name)
        if number != signal.SIGHUP:
            over.set()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, heard, number)
    note(began=os.getpid(), session=os.getsid(0) == os.getpid(), environ=os.environ["GIVEN"])
    os.write(start["ready"], b"1")
    await over.wait()

if start["number"] == start["fails"]:
    sys.exit(7)
asyncio.run(live())
"""

SUPERVISOR = """
import asyncio, json, sys
from distillgate.proxy.supervisor import Supervisor

given = json.loads(sys.argv[1])

class Observer:
    def event(self, name, **fields):
        with open(given["log"], "a") as log:
            log.write(json.dumps({"event": name, **fields}) + "\\n")

supervisor = Supervisor(
    given["workers"],
    [sys.executable, "-c", given["command"]],
    lambda number, ready: json.dumps({**given, "number": number, "ready": ready}).encode(),
    observer=Observer(),
    environ={"GIVEN": "to all"},
)
supervisor.on_complete = lambda: Observer().event("complete")
supervisor.on_hangup = lambda: Observer().event("hangup")
sys.exit(asyncio.run(supervisor.run()))
"""


class Running:
    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self, name: str) -> list[dict[str, Any]]:
        if not self._log.exists():
            return []
        lines = [json.loads(text) for text in self._log.read_text().splitlines()]
        return [line for line in lines if name in (line.get("event"), *line)]

    def wait_for(self, name: str, times: int = 1) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.lines(name)) < times:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def told(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running(folder: Path, workers: int = 2, fails: int = -1) -> Iterator[Running]:
    given = {
        "log": str(folder / "log"),
        "folder": str(folder),
        "workers": workers,
        "command": WORKER,
        "fails": fails,
    }
    process = subprocess.Popen([sys.executable, "-W", "error", "-c", SUPERVISOR, json.dumps(given)])
    try:
        yield Running(process, folder / "log")
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE)


def test_all_are_complete_once_each_is_ready(tmp_path: Path) -> None:
    with running(tmp_path, workers=3) as supervisor:
        supervisor.wait_for("complete")
        began = supervisor.lines("began")
        assert sorted(line["number"] for line in began) == [0, 1, 2]
        assert all(line["session"] and line["environ"] == "to all" for line in began)
        assert len(supervisor.lines("worker_ready")) == 3


def test_signals_are_passed_on_and_its_end_is_in_order(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = tmp_path / number.name
        folder.mkdir()
        with running(folder) as supervisor:
            supervisor.wait_for("complete")
            supervisor.process.send_signal(signal.SIGHUP)
            supervisor.wait_for("heard", 2)
            assert supervisor.told(number) == 0
            heard = [line["heard"] for line in supervisor.lines("heard")]
            assert heard == ["SIGHUP"] * 2 + [number.name] * 2
            assert len(supervisor.lines("hangup")) == 1
            assert supervisor.lines("worker_ended") == []


def test_who_dies_is_started_again_and_waits_the_longer_the_more_often(tmp_path: Path) -> None:
    with running(tmp_path) as supervisor:
        supervisor.wait_for("complete")
        for died in range(1, 4):
            last = [line for line in supervisor.lines("began") if line["number"] == 1][-1]
            subprocess.run(["kill", "-9", str(last["began"])], check=True)
            supervisor.wait_for("worker_ready", 2 + died)
        ended = supervisor.lines("worker_ended")
        assert [line["again_in"] for line in ended] == [0.1, 0.2, 0.4]
        assert {(line["worker"], line["code"]) for line in ended} == {(1, -9)}
        assert len([line for line in supervisor.lines("began") if line["number"] == 0]) == 1
        assert len(supervisor.lines("complete")) == 1


def test_who_cannot_start_ends_all_with_its_own_code(tmp_path: Path) -> None:
    with running(tmp_path, fails=1) as supervisor:
        assert supervisor.process.wait(PATIENCE) == 7
        assert supervisor.lines("worker_ended") == []
        assert supervisor.lines("complete") == []


def test_all_are_ready_once_it_was_said_so(tmp_path: Path) -> None:
    place = Place(0, tmp_path, b"key", 1.0, 5)
    assert not place.complete
    (tmp_path / COMPLETE).touch()
    assert place.complete
    assert place.log.parent == tmp_path

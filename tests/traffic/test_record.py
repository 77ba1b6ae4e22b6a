"""What is recorded replays as the same exchanges, and recording never gets in the way."""

import json
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from distillgate.dialects.chat import CHAT
from distillgate.errors import StoreError
from distillgate.losses import Losses
from distillgate.traffic.log import Line, Log
from distillgate.traffic.record import Recorder
from distillgate.traffic.replay import Reading, read
from distillgate.traffic.settings import RecordSettings
from distillgate.wire.exchange import Attributes, Client, Exchange, Outcome
from distillgate.wire.request import from_document


def silent(_: str) -> None:
    """Take a warning this test is not about."""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def exchange(number: int) -> tuple[Exchange, dict[str, Any], Outcome, float]:
    asked = {"model": "m", "messages": [{"role": "user", "content": f"question {number} é\u2028"}]}
    return (
        Exchange(
            account=f"a-{number % 3}",
            request=from_document(CHAT, asked),
            path="/v1/chat/completions",
            id=f"r-{number}",
            plan="pro",
            client=Client(ip="192.0.2.1", headers=["host"]),
            attributes=Attributes(end_user="u"),
        ),
        asked,
        Outcome(status=200, prompt_tokens=3, completion_tokens=number, text="answer", latency=0.5),
        1000.0 + number,
    )


def replayed(path: Path) -> list[Line]:
    reading = Reading()
    with Log(str(path), warn=pytest.fail) as log:
        return list(read(log, reading, pytest.fail))


def settings(path: Path, **changes: Any) -> RecordSettings:
    return RecordSettings(path=str(path), **changes)


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_what_is_recorded_replays_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    recorder = Recorder(settings(path), warn=silent)
    recorder.start()
    given = [exchange(number) for number in range(50)]
    for entry in given:
        recorder.write(*entry)
    recorder.close()
    assert replayed(path) == [Line(ts, e, outcome) for e, _, outcome, ts in given]
    assert (recorder.counts.written, recorder.counts.dropped, recorder.counts.failed) == (50, 0, 0)


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz"])
def test_a_second_start_appends(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for number in range(2):
        recorder = Recorder(settings(path), warn=silent)
        recorder.start()
        recorder.write(*exchange(number))
        recorder.close()
    assert [line.ts for line in replayed(path)] == [1000.0, 1001.0]


def test_exchanges_that_end_out_of_order_are_written_in_order(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    recorder = Recorder(settings(path), warn=silent)
    recorder.start()
    for number in (3, 1, 2, 0):
        recorder.write(*exchange(number))
    recorder.close()
    assert [line.ts for line in replayed(path)] == [1000.0, 1001.0, 1002.0, 1003.0]


def test_lines_are_written_when_they_have_settled(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    clock = [0.0]
    recorder = Recorder(settings(path), warn=silent, clock=lambda: clock[0], settle=60.0)
    recorder.start()
    recorder.write(*exchange(0))
    until(lambda: len(recorder._held) == 1)
    clock[0] = 59.0
    recorder.write(*exchange(1))
    until(lambda: len(recorder._held) == 2)
    assert recorder.counts.written == 0
    clock[0] = 61.0
    until(lambda: recorder.counts.written == 1)
    recorder.close()
    assert recorder.counts.written == 2


def test_the_file_is_its_owners_alone_and_the_start_is_loud(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.touch(mode=0o644)
    warnings: list[str] = []
    recorder = Recorder(settings(path), warn=warnings.append)
    recorder.start()
    recorder.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert warnings == [f"RECORDING: every prompt and answer is kept in plain text in {path}"]


def test_a_file_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path / "none" / "log.jsonl"), warn=silent)
    with pytest.raises(StoreError, match=r"none/log\.jsonl: cannot be recorded to: No such file"):
        recorder.start()


def test_a_writer_that_is_behind_drops_and_counts(tmp_path: Path) -> None:
    stuck = threading.Event()
    inside = threading.Event()

    def clock() -> float:
        inside.set()
        stuck.wait(20)
        return 0.0

    losses, lost = Losses(), list[int]()
    losses.count = lost.append
    recorder = Recorder(
        settings(tmp_path / "log.jsonl"), warn=silent, clock=clock, losses=losses, queued=2
    )
    recorder.start()
    recorder.write(*exchange(0))
    assert inside.wait(20)
    for number in range(1, 6):
        recorder.write(*exchange(number))
    assert recorder.counts.dropped == 3
    assert losses.failing
    assert sum(lost) == 3
    stuck.set()
    recorder.close()
    assert recorder.counts.written == 3
    assert not losses.failing


def test_full_files_are_renamed_and_the_oldest_deleted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    recorder = Recorder(settings(path, max_bytes=1 << 16, keep=2), warn=silent, queued=5000)
    recorder.start()
    for number in range(1500):
        recorder.write(*exchange(number))
    recorder.close()
    assert recorder.counts.written == 1500
    files = sorted(tmp_path.iterdir(), reverse=True)
    assert [file.name for file in files] == ["log.jsonl.2", "log.jsonl.1", "log.jsonl"]
    assert all(file.stat().st_size < (1 << 16) + 20_000 for file in files)
    times = [line.ts for file in files for line in replayed(file)]
    assert times == [1000.0 + number for number in range(1500 - len(times), 1500)]


def test_what_cannot_be_written_as_json_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    recorder = Recorder(settings(path), warn=silent)
    recorder.start()
    bad, _, outcome, ts = exchange(0)
    recorder.write(bad, {"loop": object()}, outcome, ts)
    recorder.write(*exchange(1))
    recorder.close()
    assert (recorder.counts.failed, recorder.counts.written) == (1, 1)
    assert [json.loads(line)["id"] for line in path.read_bytes().splitlines()] == ["r-1"]


def test_a_disk_that_fails_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    warnings: list[str] = []
    losses, lost = Losses(), list[int]()
    losses.count = lost.append
    recorder = Recorder(
        settings(path, max_bytes=1 << 16), warn=warnings.append, losses=losses, queued=5000
    )
    recorder.start()
    # Renaming the full file onto a folder fails, as a disk that was pulled out would.
    (tmp_path / "log.jsonl.1").mkdir()
    for number in range(1000):
        recorder.write(*exchange(number))
    recorder.close()
    assert recorder.counts.failed >= 1
    assert sum(lost) == recorder.counts.failed
    assert len(warnings) == 2
    assert warnings[1].startswith(f"{path}: recording fails: ")


def test_a_recorder_without_a_path_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"record\.path"):
        Recorder(RecordSettings(), warn=silent)

"""Lines reach their destination in order, and never hold up who wrote them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from distillgate.telemetry.spool import BATCH, Spool, probe


def test_lines_are_written_in_order(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "log"), 10_000)
    lines = [b"%d" % number for number in range(5000)]
    for line in lines:
        spool.write(line)
    spool.close()

    assert (tmp_path / "log").read_bytes().splitlines() == lines


def test_a_closed_spool_goes_on_with_the_next_line(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "log"), 10)
    for line in (b"one", b"two"):
        spool.write(line)
        spool.close()
    spool.close()

    assert (tmp_path / "log").read_bytes() == b"one\ntwo\n"


def test_a_file_may_be_rotated_away(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "log"), 10)
    spool.write(b"one")
    spool.close()
    (tmp_path / "log").rename(tmp_path / "log.1")
    spool.write(b"two")
    spool.close()

    assert (tmp_path / "log").read_bytes() == b"two\n"
    assert (tmp_path / "log.1").read_bytes() == b"one\n"


def test_a_destination_nobody_reads_costs_lines_and_not_time(tmp_path: Path) -> None:
    """The writing thread waits for a reader; what is kept is bounded, the rest is dropped."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    spool = Spool(str(pipe), 10)
    for number in range(3 * BATCH):
        spool.write(b"%d" % number)

    reader = os.open(pipe, os.O_RDWR)  # also a writer, so that a pause is no end of file
    spool.close()
    lines = os.read(reader, 65_536).splitlines()
    os.close(reader)
    assert lines[0] == b"0"
    assert len(lines) <= BATCH + 10


def test_dropped_lines_are_counted_when_there_is_room_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    spool = Spool(str(pipe), 10)
    for _ in range(3 * BATCH):
        spool.write(b"line")

    reader = os.open(pipe, os.O_RDWR)
    read = b""
    while read.count(b"line\n") < 10 or spool._queue.qsize():
        read += os.read(reader, 65_536)
    spool.write(b"last")
    spool.close()
    lines = (read + os.read(reader, 65_536)).splitlines()
    os.close(reader)
    assert lines[-1] == b"last"
    told = [json.loads(line) for line in lines if line.startswith(b"{")]
    assert json.loads(lines[-2]) == told[-1]
    assert {gap["event"] for gap in told} == {"dropped"}  # the first may be before the reader came
    assert sum(gap["lines"] for gap in told) == 3 * BATCH - lines.count(b"line")


def test_a_forked_process_writes_its_own_lines(tmp_path: Path) -> None:
    """A server that forks its workers after loading the application has the thread in neither."""
    script = (
        "import os\n"
        "from distillgate.telemetry.spool import Spool\n"
        f"spool = Spool({str(tmp_path / 'log')!r}, 10)\n"
        "spool.write(b'before')\n"
        "if child := os.fork():\n"
        "    os.waitpid(child, 0)\n"
        "else:\n"
        "    spool.write(b'child')\n"
        "    spool.close()\n"
        "    os._exit(0)\n"
        "spool.write(b'after')\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

    assert sorted((tmp_path / "log").read_text().split()) == ["after", "before", "child"]


def test_a_destination_that_cannot_be_written_does_not_raise(tmp_path: Path) -> None:
    spool = Spool(str(tmp_path / "no" / "folder" / "log"), 10)
    spool.write(b"lost")
    spool.close()
    (tmp_path / "no" / "folder").mkdir(parents=True)
    spool.write(b"kept")
    spool.close()

    assert (tmp_path / "no" / "folder" / "log").read_bytes() == b"kept\n"


@pytest.mark.parametrize("stream", ["stderr", "stdout"])
def test_the_last_lines_are_written_when_the_process_ends(stream: str) -> None:
    script = (
        "from distillgate.telemetry.spool import BATCH, Spool\n"
        f"Spool({stream!r}, 10).write(b'first')\n"
        f"spool = Spool({stream!r}, 10)\n"
        "spool.write('läst'.encode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], capture_output=True, text=True, check=True
    )

    assert sorted(getattr(done, stream).split()) == ["first", "läst"]


@pytest.mark.parametrize("destination", ["/dev/full", "none/of/these/log"])
def test_lines_that_are_lost_are_told_once_on_standard_error(
    destination: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spool = Spool(destination, 10)
    for _ in range(3):
        spool.write(b"line")
    spool.close()

    assert capsys.readouterr().err.count(f"distillgate: {destination}: lines are lost: ") == 1


@pytest.mark.parametrize("path", ["/dev/full", "none/of/these/log"])
def test_a_file_that_would_lose_lines_is_found_before(path: str, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        probe(path)
    probe(str(tmp_path / "log"))
    assert (tmp_path / "log").read_bytes() == b""

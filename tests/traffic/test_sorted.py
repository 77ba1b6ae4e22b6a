"""Records come in order, equal ones as they came, however few fit in memory."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from distillgate.traffic.sorted import Sorter


@pytest.mark.parametrize("held", [1, 1000, 1 << 20])
def test_records_come_in_order(tmp_path: Path, held: int) -> None:
    dice = random.Random(1)
    given = [(b"%03d" % dice.randrange(200), b"%d" % number) for number in range(500)]
    sorter = Sorter(tmp_path, held_bytes=held)
    for key, data in given:
        sorter.add(key, data)
    assert list(tmp_path.iterdir()) == []

    found = [(key, data) for key, data in sorter]

    assert found == sorted(given, key=lambda one: one[0])
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys
from pathlib import Path
from distillgate.traffic.sorted import Sorter
sorter = Sorter(Path(sys.argv[1]), held_bytes=1000)
for number in range(1000):
    sorter.add(b"%d" % number, b"a prompt" * 100)
print("written", flush=True)
sys.stdin.read()
"""


def test_a_process_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        held = [link.readlink() for link in Path(f"/proc/{process.pid}/fd").iterdir()]
        assert any(str(path).startswith(str(tmp_path)) for path in held)
        process.kill()
    assert list(tmp_path.iterdir()) == []

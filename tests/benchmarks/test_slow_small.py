import contextlib
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from benchmarks import attackers, machine
from benchmarks.slow import FEW, run, write

NAME = "2,500 half-sent heads"


@contextlib.contextmanager
def attacked(name: str) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        command = [sys.executable, "-m", "benchmarks.attackers"]
        with subprocess.Popen([*command, str(listener.getsockname()[1]), name]) as attacker:
            try:
                yield listener
            finally:
                attacker.kill()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        (NAME, attackers.CUT),
        ("2,500 stalled uploads", attackers.UPLOAD),
        ("300 MB of header lines", attackers.HEAD),
        ("a 48 MB request line", b"GET /"),
    ],
)
def test_an_attacker_sends_what_it_says_and_comes_again_when_it_is_cut(
    name: str, first: bytes
) -> None:
    with attacked(name) as listener:
        for _ in range(3):
            connection, _ = listener.accept()
            with connection:
                got = b""
                while len(got) < len(first):
                    got += connection.recv(65536)
                assert got.startswith(first)


@pytest.mark.skipif(shutil.which("prlimit") is None, reason="needs prlimit")
def test_honest_clients_are_answered_beside_each_attack() -> None:
    rows = run(machine.Cores(None, None), [NAME], FEW, 1.0)

    [(name, row)] = rows.items()
    assert name == f"{NAME}, {FEW} descriptors"
    for stretch in ("quiet", "beside", "attacked"):
        assert row[stretch]["rate"] > 0
    assert 0 < row["memory"] < 2000
    assert "honest answers/s" in write(rows)

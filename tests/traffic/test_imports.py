"""An import is in order, loses nothing silently, and holds little however long its files are."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from distillgate.traffic import sorted as ordering
from distillgate.traffic.formats.helicone import HELICONE
from distillgate.traffic.imports import Imports, Source


def row(number: int, **changes: Any) -> bytes:
    body = {"model": "m", "messages": [{"role": "user", "content": f"text {number}"}]}
    record = {
        "request_created_at": 1771286400 - number,
        "request_user_id": f"u{number % 7}",
        "request_body": body,
        "response_status": 200,
        **changes,
    }
    return json.dumps(record).encode() + b"\n"


def test_files_newest_first_and_compressed_become_one_log_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "HELD_BYTES", 4096)
    one, other = tmp_path / "one.jsonl", tmp_path / "other"
    one.write_bytes(b"".join(row(n) for n in range(0, 100, 2)))
    other.write_bytes(gzip.compress(b"".join(row(n) for n in range(1, 100, 2))))
    imports = Imports(Source(HELICONE, (str(one), str(other))), tmp_path, warn=pytest.fail)
    assert len(list(imports.read())) == 100

    lines = [json.loads(line) for _, line in imports]

    assert [line["ts"] for line in lines] == [1771286400.0 - n for n in reversed(range(100))]
    assert imports.counts.summary()["accounts"] == 7
    assert imports.position == imports.size == 100


def test_whatever_is_left_out_is_counted_and_told_with_its_line(tmp_path: Path) -> None:
    path, told = tmp_path / "log.jsonl", list[str]()
    path.write_bytes(
        row(1) + b"oops\n" + row(2, request_user_id=None) + b"[]\n" + b"7\n"
        + row(3, request_path="https://x/v1/files") + row(4, request_created_at="soon")
        + row(5, request_body={"messages": {"a": {}}}) + gzip.compress(b"x") + b"\n" + row(6)
    )  # fmt: skip
    imports = Imports(Source(HELICONE, (str(path),)), tmp_path, warn=told.append)
    list(imports.read())
    counts = imports.counts

    assert counts.coverage.exchanges + counts.untouched + counts.anonymous + counts.malformed >= 8
    assert (counts.untouched, counts.anonymous) == (1, 1)
    assert f"{path}: line 2: skipped: not JSON" in told
    assert f"{path}: line 3: skipped: no account is named" in told
    assert any(one.startswith(f"{path}: line 7: skipped: no time") for one in told)
    assert len(told) == counts.malformed + counts.anonymous


def test_a_compressed_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    path, told = tmp_path / "log.jsonl.gz", list[str]()
    path.write_bytes(gzip.compress(b"".join(row(n) for n in range(5000)))[:-50])
    imports = Imports(Source(HELICONE, (str(path),)), tmp_path, warn=told.append)
    list(imports.read())
    assert imports.counts.coverage.exchanges > 100
    assert len(told) == 1
    assert "breaks off" in told[0]


def test_what_the_operator_names_is_taken_and_cards_are_hashed(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(row(1, card="pm_1", born="2026-01-01T00:00:00Z", request_user_id=None))
    fields = {"payment": "card", "created": "born"}
    source = Source(HELICONE, (str(path),), "somebody", fields, lambda text: f"<{len(text)}>")
    imports = Imports(source, tmp_path, warn=pytest.fail)
    list(imports.read())
    [(_, line)] = imports
    record = json.loads(line)
    assert record["account"] == "somebody"
    assert record["attributes"]["payment"] == "<4>"
    assert record["attributes"]["created"] == 1767225600.0


MEASURE = """
import sys, resource
from pathlib import Path
from distillgate.traffic.formats.helicone import HELICONE
from distillgate.traffic.imports import Imports, Source
imports = Imports(Source(HELICONE, (sys.argv[1],)), Path(sys.argv[2]), warn=print)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in imports.read(): pass
for _ in imports: pass
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(imports.counts.coverage.exchanges, after - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with path.open("wb") as file:
        for number in range(3000):
            text = [{"role": "user", "content": f"{number} " + "x" * 80_000}]
            file.write(row(number, request_body={"model": "m", "messages": text}))
    assert path.stat().st_size > 240_000_000
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, path, tmp_path], capture_output=True, text=True, check=True
    )
    exchanges, kibibytes = map(int, ended.stdout.split())
    assert exchanges == 3000
    assert kibibytes < 150 * 1024

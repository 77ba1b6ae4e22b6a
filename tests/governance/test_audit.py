from __future__ import annotations

import io
from pathlib import Path

import orjson
import pytest

from distillgate.errors import StoreError
from distillgate.governance.audit import Audit, AuditSettings, backwards, read
from distillgate.governance.chain import verify


def test_lines_are_appended_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for number in range(2):  # a restart goes on where the last one ended
        audit = Audit(AuditSettings(path=str(path)))
        audit.open()
        audit.write("killed", "anna", 5.0 + number, reason="an outage")
        audit.close()

    assert path.stat().st_mode & 0o777 == 0o600
    assert list(read(path)) == [
        {"ts": 5.0, "event": "killed", "by": "anna", "reason": "an outage"},
        {"ts": 6.0, "event": "killed", "by": "anna", "reason": "an outage"},
    ]


def test_without_a_file_nothing_is_kept() -> None:
    audit = Audit(AuditSettings())

    audit.open()
    audit.write("killed", "anna", 5.0)
    audit.close()


def test_a_file_that_cannot_be_written_to_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be audited to"):
        Audit(AuditSettings(path=str(tmp_path / "none" / "audit"))).open()
    with pytest.raises(StoreError, match="none"):
        list(read(tmp_path / "none"))


def test_what_is_no_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_bytes(b'{"event": "a"}\nbroken\n[]\n' + orjson.dumps({"event": "b"}))

    assert [line["event"] for line in read(path)] == ["a", "b"]


def test_a_name_that_acts_is_escaped_in_the_file_and_the_same_when_read(tmp_path: Path) -> None:
    path, name = tmp_path / "audit", "a\x9b31m\r\n\u2066b\ud800"
    audit = Audit(AuditSettings(path=str(path)))
    audit.write("pardoned", name, 5.0, account=name)
    audit.close()

    assert path.read_bytes().isascii()
    assert [(line["by"], line["account"]) for line in read(path)] == [(name, name)]


def test_a_line_that_a_full_disk_cut_off_takes_no_other_with_it(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    path.write_bytes(b'{"event":"a"}\n{"event"')
    audit = Audit(AuditSettings(path=str(path)))
    for event in ("killed", "resumed"):
        audit.write(event, "anna", 5.0)
        audit.close()

    assert [line["event"] for line in read(path)] == ["a", "killed", "resumed"]
    assert b"\n\n" not in path.read_bytes()


def test_a_restart_goes_on_where_a_long_log_ended_and_reads_no_device(tmp_path: Path) -> None:
    path = tmp_path / "audit"
    for _ in range(3):
        audit = Audit(AuditSettings(path=str(path)))
        audit.seal(b"a secret")
        for number in range(200):
            audit.write("killed", "anna", 0.0, reason="x" * 500, number_=number)
        audit.close()
        with path.open("ab") as file:
            file.write(b'{"event":"dropped","lines":3}\n')

    lines = path.read_bytes().splitlines()
    assert list(verify(lines, b"a secret")) == []
    firsts = [one for one in map(orjson.loads, lines) if one.get("number") == 0]
    assert [bool(one["before"]) for one in firsts] == [False, True, True]
    Audit(AuditSettings(path="/dev/zero")).seal(b"a secret")  # it has no end


@pytest.mark.parametrize("last", [b"\n", b""])
@pytest.mark.parametrize(
    "sizes", [[], [0, 1, 0], [65_535], [65_536, 65_537], [7] * 20_000, [200_000, 3]]
)
def test_it_has_the_lines_of_the_file_each_with_its_place(sizes: list[int], last: bytes) -> None:
    whole = b"\n".join(b"x" * size for size in sizes) + last

    found = list(backwards(io.BytesIO(whole), len(whole)))

    assert [text for _, text in found] == [b"x" * size for size in reversed(sizes) if size]
    assert [whole[at : at + len(text)] for at, text in found] == [text for _, text in found]

"""The audit log from its end: pages that join, and chains that hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from distillgate.errors import StoreError
from distillgate.governance import trail
from distillgate.governance.audit import Audit, AuditSettings


def all_(_: dict[str, Any]) -> bool:
    return True


def written(path: Path, lines: int, width: int = 0) -> list[int]:
    text = b"".join(
        orjson.dumps({"event": "read", "n": n, "x": "x" * (width * (n % 3))}) + b"\n"
        for n in range(lines)
    )
    path.write_bytes(text)
    return list(reversed(range(lines)))


@pytest.mark.parametrize(("lines", "width", "most"), [(0, 0, 5), (1, 0, 5), (7, 0, 3), (400, 0, 37),
                                                    (60, 20_000, 7)])  # fmt: skip
def test_pages_join_and_hold_every_line_once_the_newest_first(
    tmp_path: Path, lines: int, width: int, most: int
) -> None:
    path = tmp_path / "log"
    wanted = written(path, lines, width)
    seen: list[int] = []
    before: int | None = None
    while True:
        found = trail.page(path, all_, before, most)
        assert len(found.lines) <= most
        seen += [line["n"] for line in found.lines]
        before = found.earlier
        if before is None:
            break
    assert seen == wanted


def test_what_is_no_line_is_left_out_and_an_end_without_newline_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b'{"event": "a"}\n\nrubbish\n[1]\n{"event": "b"}')
    assert [one["event"] for one in trail.page(path, all_, None, 9).lines] == ["b", "a"]
    only = trail.page(path, lambda line: line["event"] == "a", None, 9)
    assert [one["event"] for one in only.lines] == ["a"]
    with pytest.raises(StoreError):
        trail.page(tmp_path / "none", all_, None, 9)


def test_a_long_log_is_looked_through_a_piece_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log"
    written(path, 300)
    monkeypatch.setattr(trail, "LOOKED", 2000)
    first = trail.page(path, lambda line: line["n"] == 3, None, 5)
    assert first.lines == []
    assert first.earlier is not None
    found: list[dict[str, Any]] = []
    while first.earlier is not None:
        first = trail.page(path, lambda line: line["n"] == 3, first.earlier, 5)
        found += first.lines
    assert [line["n"] for line in found] == [3]


def test_a_chain_holds_until_a_line_is_changed_or_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "log"
    audit = Audit(AuditSettings(path=str(path)))
    audit.seal(b"a key")
    for number in range(40):
        audit.write("read", "anna", float(number), account="a")
    audit.close()

    assert trail.verified(path, b"a key") == trail.Verified(40, [])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:7], lines[7].replace(b"anna", b"eve!"), *lines[9:]]))
    found = trail.verified(path, b"a key")
    assert found is not None
    assert [at for at, _ in found.faults] == [8, 9]
    other = trail.verified(path, b"another")
    assert other is not None
    assert len(other.faults) == trail.FAULTS

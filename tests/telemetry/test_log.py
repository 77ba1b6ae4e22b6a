"""Events as JSON lines, through a logger of our own."""

import json
from pathlib import Path
from typing import Any

import pytest

from distillgate.telemetry.log import SCHEMA, Log, LogSettings


def written(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def test_an_event_is_a_line_of_json(path: Path) -> None:
    log = Log(LogSettings(destination=str(path)))
    log.event("reloaded", path="config.yaml", keys=3)
    log.close()

    [line] = written(path)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "reloaded",
        "level": "info",
        "schema": SCHEMA,
        "path": "config.yaml",
        "keys": 3,
    }


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("debug", ["unread", "decision", "failed_open"]),
        ("info", ["decision", "failed_open"]),
        ("error", ["failed_open"]),
        ("off", []),
    ],
)
def test_milder_events_than_the_level_are_not_written(
    path: Path, level: Any, events: list[str]
) -> None:
    log = Log(LogSettings(destination=str(path), level=level))
    for name in ("unread", "decision", "failed_open"):
        log.event(name)
    log.close()

    assert [line["event"] for line in written(path)] == events


@pytest.mark.parametrize(
    "value",
    ["\ud800", 2**70, {1: 2}, float("nan"), object(), b"bytes", "line\nbreak\u2028"],
    ids=lambda value: type(value).__name__,
)
def test_odd_values_neither_raise_nor_break_the_line(path: Path, value: object) -> None:
    log = Log(LogSettings(destination=str(path)))
    log.event("decision", value=value)
    log.close()

    [line] = written(path)
    assert line["event"] == "decision"
    assert "value" in line


def test_no_control_or_direction_of_a_name_reaches_a_terminal(path: Path) -> None:
    name = "a\x1b[2J\x9b31m\r\n\u202eb\x7f"
    log = Log(LogSettings(destination=str(path)))
    log.event("pardoned", account=name, by=name, number=1 << 80)
    log.event("pardoned", account=name, by=name)
    log.close()

    assert path.read_text().replace("\n", "").isprintable()
    assert path.read_bytes().isascii()
    assert [line["account"] for line in written(path)] == [name, name]

"""`import` writes another program's log as a traffic log, and says what is missing of it."""

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.exports import EXPORTS
from tests.cli.conftest import Run, line


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Spend logs of LiteLLM, newest first."""
    path = tmp_path / "spend.jsonl"
    rows: list[Any] = []
    for number in range(40):
        native = {
            "org": None,
            "attributes": {"end_user": None},
            "client": {"ip": "203.0.113.7", "user_agent": None},
            **json.loads(line(number, account=f"a-{number % 4}")),
        }
        native["response"] = {"text": "yes", **native["response"]}
        native["response"]["usage"]["prompt_tokens"] = 3
        rows += EXPORTS["litellm"](native)
    path.write_text("\n".join(json.dumps(row) for row in reversed(rows)) + "\n{oops\n")
    return path


def test_a_log_is_written_in_order_and_only_its_owner_reads_it(
    run: Run, export: Path, tmp_path: Path
) -> None:
    out = tmp_path / "log.jsonl"
    ended = run("import", "litellm", export, "--out", out)
    assert ended.code == 0
    times = [json.loads(text)["ts"] for text in out.read_bytes().splitlines()]
    assert times == sorted(times)
    assert len(times) == 40
    assert out.stat().st_mode & 0o777 == 0o600
    assert f"litellm: {export}: line 41: skipped: not JSON" in ended.err
    assert "left out: 1 records that cannot be read" in ended.err
    assert "not known: payment: accounts are not linked by card" in ended.err
    assert sorted(tmp_path.iterdir()) == [out, export]
    assert run("import", "litellm", export, "--out", out, "--strict").code == 1


def test_what_a_killed_import_left_goes_at_the_next_start(
    run: Run, export: Path, tmp_path: Path
) -> None:
    left, held = tmp_path / ".log.jsonl.4711.part.jsonl", tmp_path / ".log.jsonl.4712.part.jsonl"
    for part in (left, held):
        part.write_text("a prompt")
    with held.open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_SH)
        assert run("import", "litellm", export, "--out", tmp_path / "log.jsonl").code == 0

    assert sorted(tmp_path.iterdir()) == [held, tmp_path / "log.jsonl", export]


def test_a_replay_reads_the_export_itself(run: Run, export: Path, tmp_path: Path) -> None:
    log, one, other = tmp_path / "log.jsonl.gz", tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    assert run("import", "litellm", export, "--out", log).code == 0
    assert run("replay", log, "--out", one).code == 0
    ended = run("replay", "--format", "litellm", export, "--out", other, "--json")
    assert one.read_bytes() == other.read_bytes()
    summary = json.loads(ended.out)
    assert (summary["exchanges"], summary["malformed"], summary["accounts"]) == (40, 1, 4)
    assert {"what", "known", "costs"} == set(summary["not_known"][0])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "litelm", "F", "--out", "O"), "litelm: no such format; did you mean `litellm`"),
        (("import", "otel", "F", "--out", "O", "--field", "ip"), "--field ip: give NAME=PATH"),
        (("import", "otel", "F", "--out", "O", "--field", "payment=a"), "--field payment: what"),
        (("import", "otel", "F", "--out", "O"), "F: No such file or directory"),
        (("replay", "--format", "otel", "F"), "F: No such file or directory"),
        (("replay", "F", "F"), "one traffic log at a time"),
    ],
)
def test_mistakes_are_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = run(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert list(tmp_path.iterdir()) == []

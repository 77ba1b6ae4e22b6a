"""`check` says yes, or everything that is wrong."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def test_the_example_is_ok(run: Run) -> None:
    assert run("check", "-c", EXAMPLE) == (0, f"{EXAMPLE}: ok, mode shadow, fail open\n", "")


def test_every_mistake_is_named(process: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("mod: enforce\nfail: ajar\n")
    ended = process("check", "--config", path)
    assert ended.code == 2
    assert ended.out == ""
    assert ended.err.splitlines() == [
        f"{path}:1: mod: unknown key; did you mean `mode`?",
        f"{path}:2: fail: should be 'open' or 'closed', not `ajar`",
    ]


def test_the_environment_names_the_file_too(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("fail: closed\n")
    monkeypatch.setenv("DISTILLGATE_CONFIG", str(path))
    assert run("check").out == f"{path}: ok, mode shadow, fail closed\n"


def test_what_can_hardly_be_meant_is_warned_of_and_strict_ends_with_it(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("mode: enforce\n")

    ended = run("check", "-c", path)

    assert (ended.code, ended.out) == (0, f"{path}: ok, mode enforce, fail open, 3 warnings\n")
    assert [line.split(": ")[1] for line in ended.err.splitlines()] == [
        "actions.contact",
        "key",
        "governance.audit.path",
    ]
    assert all(line.endswith(" (warning)") for line in ended.err.splitlines())
    assert run("check", "-c", path, "--strict").code == 2


def test_what_cannot_be_meant_is_a_mistake_with_its_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("policy:\n  ladder: {throttle: 8, refuse: 2}\nproxy: {port: 8000}\n")

    ended = run("check", "-c", path)

    assert (ended.code, ended.out) == (2, "")
    assert [line.partition(": ")[0] for line in ended.err.splitlines()] == [
        f"{path}:2",
        f"{path}:2",
        f"{path}:3",
    ]


def test_what_this_machine_lacks_is_a_mistake(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("tokenizer:\n  encoding: none_such\n")
    ended = run("check", "-c", path)
    assert ended.code == 2
    assert "none_such" in ended.err


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("governance: {audit: {path: %s}}", "/dev/full"),
        ("record: {path: %s}", "/no/such/folder/traffic.jsonl"),
        ("telemetry: {log: {destination: %s}}", "/no/such/folder/log"),
        ("log: {path: %s}", "/no/such/folder/state.db"),
    ],
)
def test_a_file_that_cannot_be_written_is_found(
    run: Run, tmp_path: Path, setting: str, path: str
) -> None:
    (tmp_path / "c.yaml").write_text(setting % path)

    ended = run("check", "--config", tmp_path / "c.yaml")

    assert ended.code == 2
    why = "no such folder" if "no/such" in path else "cannot be written to"
    assert f"{path}: {why}: " in ended.err

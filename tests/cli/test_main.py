"""Every command is there, and mistakes are one line and exit code 2, never a traceback."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

COMMANDS = (
    ("serve",),
    ("check",),
    ("schema",),
    ("record",),
    ("replay",),
    ("explain",),
    ("campaign", "list"),
    ("campaign", "name"),
    ("demo",),
    ("version",),
)


def test_help_names_every_command(run: Run) -> None:
    ended = run("--help")
    assert ended.code == 0
    assert all(name in ended.out for name, *_ in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(run: Run, name: tuple[str, ...]) -> None:
    ended = run(*name, "--help")
    assert ended.code == 0
    assert "Usage" in ended.out


def test_as_a_module_it_is_the_same_program(process: Run) -> None:
    ended = process("version")
    assert ended.code == 0
    assert ended.out.startswith("distillgate ")
    assert ended.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "-c", "none.yaml"), "none.yaml: cannot be read: No such file or directory\n"),
        (("replay", "none.jsonl"), "none.jsonl: No such file or directory\n"),
        (("replay", "."), ".: Is a directory\n"),
        (
            ("record", "--out", "no/log"),
            "no/log: cannot be recorded to: No such file or directory\n",
        ),
    ],
)
def test_a_mistake_is_one_line(
    process: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert process(*arguments) == (2, "", said)


def test_an_unknown_command_is_exit_code_2(run: Run) -> None:
    assert run("launch").code == 2

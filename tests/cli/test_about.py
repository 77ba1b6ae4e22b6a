"""The version is one line."""

import json
import os
import subprocess
import sys

import pytest
from tests.cli.conftest import Run

from distillgate.config.schema import json_schema
from distillgate.native import passes


def test_the_version_is_one_line(run: Run) -> None:
    ended = run("version")
    assert run("--version") == ended
    assert ended.code == 0
    assert ended.out.startswith("distillgate ")
    assert f"({'Python' if passes is None else 'compiled'} passes)" in ended.out
    assert ended.out.count("\n") == 1


def test_the_schema_is_printed_as_json(run: Run) -> None:
    ended = run("schema")
    assert ended.code == 0
    assert json.loads(ended.out) == json.loads(json.dumps(json_schema()))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_for_each_shell(run: Run, shell: str) -> None:
    ended = run("completion", shell)

    assert ended.code == 0
    assert "_DISTILLGATE_COMPLETE" in ended.out
    assert "distillgate" in ended.out


def test_the_script_is_answered_with_commands() -> None:
    asked = {"_DISTILLGATE_COMPLETE": "complete_bash", "COMP_WORDS": "distillgate ch"}
    ended = subprocess.run(
        [sys.executable, "-m", "distillgate"],
        env={**os.environ, **asked, "COMP_CWORD": "1"},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ended.stdout.split() == [b"check"]


def test_an_unknown_shell_is_a_mistake(run: Run) -> None:
    assert run("completion", "tcsh").code == 2

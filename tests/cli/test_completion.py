"""Shells complete commands: the script is printed, and the program answers it."""

import os
import subprocess
import sys

import pytest
from tests.cli.conftest import Run


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

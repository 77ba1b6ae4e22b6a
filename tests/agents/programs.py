"""The agents themselves, from the package indexes: Claude Code, Codex and aider."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.agents import task

Command = Callable[[Path, str], tuple[list[str | Path], Mapping[str, str]]]
"""From the folder of the programs and the sidecar's URL to a command and its environment."""

_PACKAGES = ("@anthropic-ai/claude-code", "@openai/codex")
_AIDER = "aider-chat"
_AIDER_PYTHONS = ("python3.12", "python3.11", "python3.10")


class Agent(NamedTuple):
    """An agent that runs without a terminal."""

    name: str
    command: Command
    holds: list[str]
    """What the file holds in the end."""
    orders: str = ""
    """What is typed."""


def _claude(model: str) -> Command:
    def command(programs: Path, url: str) -> tuple[list[str | Path], Mapping[str, str]]:
        program = _node(programs) / "@anthropic-ai/claude-code/cli-wrapper.cjs"
        chosen = ["--allowedTools", "Bash,Read,Edit", "--model", model]
        line: list[str | Path] = ["node", program, "-p", "Do the task.", *chosen]
        return line, {
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_API_KEY": "sk-ant-1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        }

    return command


def _codex(programs: Path, url: str) -> tuple[list[str | Path], Mapping[str, str]]:
    program = _node(programs) / "@openai/codex/bin/codex.js"
    provider = f'{{name="gate",base_url="{url}/v1",env_key="OPENAI_API_KEY",wire_api="responses"}}'
    settings = (
        "model_provider=gate",
        f"model_providers.gate={provider}",
        "model_reasoning_effort=xhigh",
    )
    given = [word for setting in settings for word in ("-c", setting)]
    # Its sandbox wants rights of the kernel; the commands are the task's own.
    free = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"]
    command: list[str | Path] = [
        "node",
        program,
        "exec",
        *free,
        *given,
        "-m",
        "gpt-5.2",
        "Do the task.",
    ]
    return command, {"OPENAI_API_KEY": "sk-1"}


def _aider(programs: Path, url: str) -> tuple[list[str | Path], Mapping[str, str]]:
    program = _python(programs) / "bin/aider"
    quiet = ["--no-git", "--no-check-update", "--analytics-disable", "--no-show-model-warnings"]
    plain = ["--no-fancy-input", "--no-pretty", "--yes-always", "--no-show-release-notes"]
    chosen = ["--model", "openai/local-7b", "--edit-format", "diff", "--map-tokens", "0"]
    return [program, *quiet, *plain, *chosen, task.NOTES], {
        "OPENAI_API_BASE": f"{url}/v1",
        "OPENAI_API_KEY": "sk-1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


AGENTS = [
    Agent("claude-code-adaptive", _claude("claude-opus-4-7"), task.CLAUDE_CODE),
    Agent("claude-code-budget", _claude("claude-sonnet-4-5"), task.CLAUDE_CODE),
    Agent("codex", _codex, task.CODEX),
    Agent("aider", _aider, task.AIDER, task.ORDERS),
]


@functools.cache
def _node(programs: Path) -> Path:
    """Return the folder of the npm packages, installed where that was not done before."""
    modules = programs / "node_modules"
    if not all((modules / package).exists() for package in _PACKAGES):
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm is not there to install the agents with")
        _install(npm, "install", "--silent", "--prefix", programs, *_PACKAGES)
    return modules


@functools.cache
def _python(programs: Path) -> Path:
    """Return aider's environment, made where that was not done before."""
    environment = programs / "aider"
    if not (environment / "bin/aider").exists():
        python = next(filter(None, map(shutil.which, _AIDER_PYTHONS)), None)
        if python is None:
            pytest.skip(f"aider needs one of {', '.join(_AIDER_PYTHONS)}")
        _install(python, "-m", "venv", environment)
        _install(environment / "bin/pip", "install", "-q", _AIDER)
    return environment


def _install(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{command[-1]} cannot be installed: {done.stderr.strip()[-200:]}")

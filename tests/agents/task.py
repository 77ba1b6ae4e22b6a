"""The task that agents are led through: twenty steps on one file, one answer a step."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
from tests.asgi.strict import STEPS, Document, Strict

NOTES = "notes.txt"
ORDERS = "".join(f"Do the step number {step}.\n" for step in range(1, STEPS + 1))
"""The steps as a person types them: for an agent that calls no tools."""

_ORDERED = re.compile(rb"Do the step number (\d+)\.")
_APPEND = f"{NOTES}\n```\n<<<<<<< SEARCH\n=======\nline-{{}}\n>>>>>>> REPLACE\n```\n"


class Task(Strict):
    """A strict upstream whose answers write, read and edit `NOTES` in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.notes = folder / NOTES

    def call(self, document: Document, step: int) -> tuple[str, str]:
        """Choose one of the agent's own tools: Claude Code's three, or a shell."""
        names = {tool.get("name") for tool in document["tools"]}
        write = f"echo line-{step} >> {NOTES}"
        if "exec_command" in names:
            return _call("exec_command", cmd=write)
        if "shell_command" in names:
            return _call("shell_command", command=write)
        if step % 3 == 0:
            return _call("Bash", command=write, description="Write a line")
        if step % 3 == 1:
            return _call("Read", file_path=str(self.notes))
        old, new = f"line-{step - 2}\n", f"LINE-{step - 2}\n"
        return _call("Edit", file_path=str(self.notes), old_string=old, new_string=new)

    def say(self, document: Document) -> str:
        """Append a line by a block of aider's, where a step is ordered; otherwise end."""
        ordered = _ORDERED.findall(orjson.dumps(document.get("messages")))
        return _APPEND.format(int(ordered[-1])) if ordered else super().say(document)


def _call(name: str, **arguments: str) -> tuple[str, str]:
    return name, orjson.dumps(arguments).decode()


CLAUDE_CODE = [f"LINE-{step}" for step in range(0, STEPS - 2, 3)] + [f"line-{STEPS - 2}"]
CODEX = [f"line-{step}" for step in range(STEPS - 1)]
AIDER = [f"line-{step}" for step in range(1, STEPS + 1)]
"""What the file holds when the agent did every step."""

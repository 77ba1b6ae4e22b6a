"""What commands say while they work: on standard error, and only what is wanted there."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

WARNINGS = 10
"""Warnings that are shown; the rest is only counted."""


class Advance(Protocol):
    """Tells how far the work is."""

    def __call__(self, position: int) -> None:
        """Move to a position."""


class Warnings:
    """Shows the first warnings, counts the rest."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._hidden = 0
        self._shown = 0

    def __call__(self, text: str) -> None:
        """Take a warning."""
        if self._shown == WARNINGS:
            self._hidden += 1
            return
        self._shown += 1
        print(f"{self._prefix}: {text}", file=sys.stderr)  # noqa: T201  (what a command says)

    def close(self) -> None:
        """Say how many were not shown."""
        if self._hidden:
            text = f"{self._prefix}: {self._hidden} more warnings not shown"
            print(text, file=sys.stderr)  # noqa: T201  (what a command says)


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance | None]:
    """Show a bar while the block runs; None, and nothing shown, where nobody would see it."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn(title), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def advance(position: int) -> None:
            bar.update(task, completed=position)

        yield advance

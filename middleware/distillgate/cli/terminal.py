"""What commands print, and how they show what takes long: only what is wanted where it goes."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from distillgate.errors import of_file
from distillgate.text import redacted, visible, visible_json

LINE_SECONDS = 15.0
"""From one line that tells how far the work is to the next, without a terminal."""
WARNINGS = 10
"""Warnings that are shown; the rest is only counted."""


def say(*lines: str) -> None:
    """Print lines on standard output, each made safe to look at."""
    for line in lines:
        typer.echo(visible(line))


def say_json(value: Any, *, indent: bool = True) -> None:
    """Print a value as JSON on standard output, in ASCII's and Unicode's printing characters."""
    typer.echo(visible_json(orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else None)))


def show(found: Any, words: Iterable[str], none: str = "", *, as_json: bool) -> None:
    """Print what was found, as JSON or in words; `none` is said where it is nothing."""
    if as_json:
        say_json(found)
    elif found or not none:
        say(*words)
    else:
        say(none)


def save_json(value: Any, out: Path) -> None:
    """Write a value as JSON into a file. Raises `StoreError` where that fails."""
    with of_file(out):
        out.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")


def complain(text: str) -> None:
    """Print what went wrong on standard error; what signs in somewhere is left out of it."""
    for line in text.split("\n"):
        typer.echo(visible(redacted(line)), err=True)


Advance = Callable[[int], None]
"""Is told how far the work is."""


def _lines(title: str, total: int, clock: Callable[[], float] = time.monotonic) -> Advance:
    """Return what tells the share that is done, in a line of its own each time some pass."""
    next_at = clock() + LINE_SECONDS

    def advance(position: int) -> None:
        nonlocal next_at
        if clock() >= next_at:
            next_at = clock() + LINE_SECONDS
            complain(f"{title}: {position / total:.0%}")

    return advance


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
        complain(f"{self._prefix}: {text}")

    def close(self) -> None:
        """Print how many were not shown."""
        if self._hidden:
            complain(f"{self._prefix}: {self._hidden} more warnings not shown")


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance | None]:
    """Show a bar while the block runs; where there is no terminal, a line now and then.

    None where it is not known how much there is.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None if not total else _lines(title, total)
        return
    columns = (TextColumn(title), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=total)

        def advance(position: int) -> None:
            bar.update(task, completed=position)

        yield advance

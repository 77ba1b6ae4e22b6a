"""`distillgate import`: another program's log, as a traffic log."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from distillgate.cli.importing import AccountOption, FieldOption, imported, source_of, tell
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.terminal import Warnings, complain, say_json
from distillgate.config.load import load
from distillgate.errors import StoreError
from distillgate.traffic import decisions
from distillgate.traffic.formats.registry import FORMATS

_PART = ".part"

FormatArgument = Annotated[
    str, typer.Argument(metavar="FORMAT", help=f"What wrote it: {', '.join(FORMATS)}.")
]
FilesArgument = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Its files (compressed, too); - is stdin.")
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="LOG", help="The traffic log (.gz too).")
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="End with 1 where any record was left out unread.")
]


def import_(  # noqa: PLR0913  (each is an option)
    form: FormatArgument,
    files: FilesArgument,
    out: OutOption,
    config: ConfigOption = None,
    account: AccountOption = None,
    field: FieldOption = None,
    *,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Read another program's log as a traffic log, in order of time, for `replay` and the rest."""
    source = source_of(form, files, load(config), account, field)
    warn = Warnings(form)
    try:
        _remove_abandoned(out)
        imports = imported(source, warn, out.parent)
        with _unfinished(out) as part:
            with decisions.writing(part) as write:
                for _, line in imports:
                    write(line)
            part.replace(out)
    except OSError as error:
        what = error.filename or out
        raise StoreError(f"{what}: {error.strerror or error}") from None
    finally:
        warn.close()
    numbers = imports.counts.summary()
    if as_json:
        say_json(numbers)
    else:
        table = Table.grid(padding=(0, 2))
        for name in ("records", "exchanges", "accounts"):
            table.add_row(name, f"{numbers[name]:,}")
        Console().print(table)
    tell(numbers)
    if strict and numbers["malformed"] + numbers["without_account"]:
        complain(f"{form}: some records were left out")
        raise typer.Exit(1)


@contextmanager
def _unfinished(out: Path) -> Iterator[Path]:
    """Make a file that is to become `out`. Its lock says that somebody still writes it."""
    part = out.with_name(f".{out.name}.{os.getpid()}{_PART}{out.suffix}")
    part.touch(mode=0o600)
    try:
        with part.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH)
            yield part
    finally:
        part.unlink(missing_ok=True)


def _remove_abandoned(out: Path) -> None:
    """Remove what an import to the same file has left that was killed: it holds prompts."""
    for part in out.parent.glob(f".{escape(out.name)}.*{_PART}{escape(out.suffix)}"):
        with part.open("rb") as file, suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink(missing_ok=True)

"""Gathers the commands. What goes wrong on purpose is one line an error, and exit code 2."""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Annotated

import typer

from distillgate.cli import account, appeal, campaign, intel
from distillgate.cli.about import completion, schema, version
from distillgate.cli.audit import audit
from distillgate.cli.calibrate import calibrate
from distillgate.cli.check import check
from distillgate.cli.explain import explain
from distillgate.cli.find import find
from distillgate.cli.import_ import import_
from distillgate.cli.key import key
from distillgate.cli.replay import replay
from distillgate.cli.report import report
from distillgate.cli.serve import record, serve
from distillgate.cli.state import kill, reload, resume, state
from distillgate.cli.terminal import complain
from distillgate.cli.verify_mark import verify_mark
from distillgate.errors import DistillgateError

app = typer.Typer(
    name="distillgate",
    help="Sees model-distillation campaigns and leaves honest customers alone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True),
]


@app.callback()
def _options(*, number: VersionOption = False) -> None:
    """Take the options that stand before any command."""


for command in (
    serve, check, schema, record, import_, replay, report, calibrate, explain, find, kill, resume,
    audit, verify_mark, version, state, reload, completion, key,
):  # fmt: skip
    app.command(command.__name__.strip("_").replace("_", "-"))(command)
for entry in entry_points(group="distillgate.commands"):  # the laboratory's, and anybody's
    app.command(entry.name)(entry.load())
app.add_typer(account.app, name="account")
app.add_typer(appeal.app, name="appeal")
app.add_typer(campaign.app, name="campaign")
app.add_typer(intel.app, name="intel")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; always ends in `SystemExit`. `arguments` stand in for the process's own."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="distillgate")
    except DistillgateError as error:
        complain(str(error))
        raise SystemExit(2) from None

"""`distillgate replay`: what would the gate have done with this traffic?"""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from distillgate.cli.importing import AccountOption, FieldOption, Foreign, source_of, tell
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play, summary
from distillgate.cli.terminal import complain, say_json
from distillgate.config.load import load
from distillgate.errors import ConfigError, of_file
from distillgate.policy.decision import Decision
from distillgate.traffic import decisions
from distillgate.traffic.formats.registry import FORMATS
from distillgate.traffic.log import Line

LogArgument = Annotated[
    str, typer.Argument(metavar="LOG", help="A traffic log (JSON Lines, .gz too); - is stdin.")
]
LogsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="LOG…", help="A traffic log (JSON Lines, .gz too), or with --format others' logs."
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option("--format", help=f"What wrote the logs, if not the gate: {', '.join(FORMATS)}."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="DECISIONS.jsonl", help="Write every decision here."),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="End with 1 where any line is malformed, for a pipeline.")
]


def replay(  # noqa: PLR0913  (each is an option)
    logs: LogsArgument,
    config: ConfigOption = None,
    out: OutOption = None,
    form: FormatOption = None,
    account: AccountOption = None,
    field: FieldOption = None,
    *,
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Judge recorded traffic, and sum up what enforce mode would have done to it."""
    settings = load(config)
    name, foreign = form or logs[0], None
    if form is not None:
        foreign = Foreign(source_of(form, logs, settings, account, field))
    elif len(logs) > 1 or account is not None or field:
        raise ConfigError("one traffic log at a time; --account and --field go with --format")
    with of_file(out), decisions.writing(out) as write:

        def each(line: Line, decision: Decision) -> None:
            write(decisions.encode(line, decision))

        played = play(name, settings, each, foreign)
    numbers = summary(played)
    if foreign is not None:
        numbers |= foreign.summary()
    if as_json:
        say_json(numbers)
    else:
        Console().print(_table(numbers))
    if foreign is not None:
        tell(numbers)
    if strict and numbers["malformed"]:
        complain(f"{name}: {numbers['malformed']:,} malformed lines")
        raise typer.Exit(1)


def _table(numbers: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name in ("lines", "malformed", "untouched", "exchanges", "accounts", "restricted"):
        table.add_row(name, f"{numbers[name]:,}")
    table.add_row("groups found", f"{numbers['groups']:,}")
    for action, count in numbers["actions"].items():
        if count:
            table.add_row(f"  {action}", f"{count:,}")
    table.add_row("exchanges/s", f"{numbers['exchanges_per_second']:,.0f}")
    table.add_row("peak memory", f"{numbers['peak_memory_bytes'] / 2**20:,.0f} MiB")
    return table

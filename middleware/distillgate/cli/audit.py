"""`distillgate audit`: what was done to whom, by whom, on what evidence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.terminal import complain, say, say_json
from distillgate.cli.words import seen
from distillgate.config.load import load
from distillgate.config.schema import Config
from distillgate.errors import ConfigError, of_file
from distillgate.governance.audit import EVENTS, find, read
from distillgate.governance.chain import verify
from distillgate.text import moment, nearest

LogArgument = Annotated[
    Path | None,
    typer.Argument(metavar="LOG", help="An audit log; else the one the configuration names."),
]
AccountOption = Annotated[
    str | None, typer.Option("--account", help="Only what concerns this account.")
]
ReferenceOption = Annotated[
    str | None,
    typer.Option("--reference", help="Only what this reference names, the gate's or a client's."),
]
EventOption = Annotated[
    list[str] | None, typer.Option("--event", help="Only such events; may be given repeatedly.")
]

VerifyOption = Annotated[
    bool, typer.Option("--verify", help="Verify its hashes, with `key` of the configuration.")
]

_SAID = (
    "ts", "event", "by", "account", "families", "reference", "expires", "until", "outcome", "chain",
    "number", "before", "hash",
)  # fmt: skip
_MOMENTS = ("at", "first_seen", "last_seen")


def audit(
    log: LogArgument = None,
    account: AccountOption = None,
    event: EventOption = None,
    reference: ReferenceOption = None,
    config: ConfigOption = None,
    *,
    check: VerifyOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print an audit log, the oldest line first; or verify that nobody has changed it."""
    if log is None:
        named = load(config).governance.audit.path
        if named is None:
            raise ConfigError("no LOG is given, and `governance.audit.path` names none")
        log = Path(named)
    unknown = [name for name in event or () if name not in EVENTS]
    if unknown:
        hint = nearest(unknown[0], list(EVENTS))
        raise typer.BadParameter(f"no event is called {unknown[0]}{hint}")
    if check:
        _verify(log, load(config))
        return
    for line in read(log) if reference is None else find(log, reference):
        if account not in (None, line.get("account")) or (event and line["event"] not in event):
            continue
        if as_json:
            say_json(line, indent=False)
        else:
            say(*_words(line))


def _verify(log: Path, config: Config) -> None:
    """Print what is wrong with a log's hashes, and end with 1 where anything is."""
    if config.key is None:
        raise ConfigError(
            "an audit log is verified with `key`: give the --config it was written by"
        )
    with of_file(log), log.open("rb") as file:
        wrong = list(verify(file, config.key.get_secret_value().encode()))
    for line, text in wrong:
        complain(f"{log}:{line}: {text}")
    if wrong:
        raise typer.Exit(1)
    say(f"{log}: every line is as it was written")


def _words(line: Mapping[str, Any]) -> Iterator[str]:
    said = {k: v for k, v in line.items() if k not in _SAID and v not in (None, "", [], {})}
    below = {k: v for k, v in said.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
    rest = ", ".join(f"{k} {_value(k, v)}" for k, v in said.items() if k not in below)
    about = f" {line['account']}" if line.get("account") else ""
    end = line.get("expires") or line.get("until")
    until = f", until {moment(end)}" if end else ""
    got = f", the client got {seen(line['outcome'])}" if line.get("outcome") else ""
    head = f"{moment(line['ts'])}  {line['event']}{about}, by {line['by']}{until}{got}"
    yield f"{head}: {rest}" if rest else head
    for name, rows in below.items():
        yield from (f"    {_row(name, row)}" for row in rows)


def _row(name: str, row: Mapping[str, Any]) -> str:
    """Write one of several things that a line tells: a reason, a tie."""
    if name == "evidence":
        return f"{row['llr']:+.2f}  {row['family']}, {row['signal']}: {row['text']}"
    return f"{name}: {_value(name, row)}"


def _value(name: str, value: Any) -> str:
    if name in _MOMENTS and isinstance(value, int | float):
        return moment(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_value(k, v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(_value(name, one) for one in value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)

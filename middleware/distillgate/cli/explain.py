"""`distillgate explain`: the evidence in plain words, from a log or a running gate."""

import dataclasses
from typing import Annotated, Any

import typer

from distillgate.campaign.jobs import complete
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play
from distillgate.cli.running import KeyOption, UrlOption, ask, gate_or
from distillgate.cli.terminal import complain, show
from distillgate.cli.words import words
from distillgate.config.load import load
from distillgate.engine.queries import Queries
from distillgate.oversight.accounts import account_document

NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="An account, or a group: g-… or its given name."),
]
ReplayOption = Annotated[
    str | None, typer.Option("--replay", "-r", metavar="LOG", help="A traffic log to replay first.")
]


def explain(
    name: NameArgument,
    log: ReplayOption = None,
    url: UrlOption = None,
    key: KeyOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the evidence for and against an account or a group, and what would clear it."""
    url = gate_or(log, "--replay", url)
    found = _from_gate(url, name, key) if url else _from_log(log or "", name, config)
    if found is None:
        complain(f"{name}: not known to {url or log}")
        raise typer.Exit(1)
    show(found, words(found), as_json=as_json)


def _from_log(log: str, name: str, config: ConfigOption) -> dict[str, Any] | None:
    settings = load(config)
    played = play(log, settings, lambda _line, _decision: None)
    queries = Queries(played.engine)
    account = account_document(played.engine, name, settings.mode, played.newest)
    if account is not None:
        return account
    group = queries.group(name)
    return None if group is None else dataclasses.asdict(complete(group))


def _from_gate(url: str, name: str, key: str | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = ask(url, "accounts", name, key=key)
    return found if found is not None else ask(url, "groups", name, key=key)

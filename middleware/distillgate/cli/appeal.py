"""`distillgate appeal`: what customers who were held back ask for, and the answers."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import typer

from distillgate.cli import terminal
from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, answered
from distillgate.cli.terminal import say
from distillgate.text import moment

app = typer.Typer(help="List what customers ask for, and answer them.", no_args_is_help=True)

ReferenceArgument = Annotated[str, typer.Argument(metavar="REFERENCE", help="The refusal's.")]
OutcomeArgument = Annotated[
    Literal["pardon", "keep"], typer.Argument(help="Pardon the account, or keep the limit.")
]
AnswerOption = Annotated[str, typer.Option("--reason", help="Why; the customer reads it.")]
DaysOption = Annotated[
    float | None, typer.Option("--days", min=0.0, help="How long a pardon lasts.")
]


@app.command("list")
def show(url: NeededUrlOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """List appeals, those that wait for an answer first."""
    found = answered(url, "appeals", key=key)
    terminal.show(found, _words(found), "nobody asks for anything", as_json=as_json)


def _words(found: list[dict[str, Any]]) -> Iterator[str]:
    for one in found:
        yield f"{one['reference']}  {one['account']}, {moment(one['at'])}: {one['note']}"
        if one["outcome"]:
            yield f"    {one['outcome']}, by {one['by']}: {one['answer']}"


@app.command()
def answer(
    reference: ReferenceArgument,
    outcome: OutcomeArgument,
    url: NeededUrlOption,
    reason: AnswerOption,
    days: DaysOption = None,
    by: ByOption = "operator",
    key: KeyOption = None,
) -> None:
    """Answer a customer, under the same link."""
    given = {"reason": reason, "by": by, "outcome": outcome}
    asked = given if days is None else {**given, "days": days}
    missing = f"{reference}: nobody waits for an answer there"
    page = ("appeals", reference, "answer")
    found = answered(url, *page, missing=missing, key=key, given=asked)
    say(f"{reference}: {found['outcome']}")

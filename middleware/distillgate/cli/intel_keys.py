"""`distillgate intel key`: a community's keys."""

import time
from pathlib import Path
from typing import Annotated

import typer

from distillgate.account.windows import DAY
from distillgate.cli.terminal import say
from distillgate.intel import community
from distillgate.text import moment

app = typer.Typer(help="A community's keys: one file, handed over in person.", no_args_is_help=True)

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The community's keys.")]


@app.command()
def create(
    file: FileArgument, name: Annotated[str, typer.Option("--name", help="Its name.")]
) -> None:
    """Draw the first key of a community, into a file that only its owner may read."""
    made = community.create(name, time.time())
    community.save(made, file, new=True)
    say(f"{file}: community {name}, key {made.newest.id}; hand the file over in person")


@app.command()
def rotate(
    file: FileArgument,
    overlap_days: Annotated[
        float, typer.Option("--overlap-days", min=0, help="Days in which the old one is accepted.")
    ] = 14.0,
) -> None:
    """Draw a new key; the one before is accepted for an overlap."""
    known = community.load(file)
    drawn = known.rotate(time.time(), overlap_days * DAY)
    community.save(known, file)
    say(f"{file}: key {drawn.id} from now on, and the one before for {overlap_days:g} days")


@app.command("list")
def show(file: FileArgument) -> None:
    """List a community's keys by their names; no secret is shown."""
    known, now = community.load(file), time.time()
    for one in known.keys:
        ends = "the newest" if one.until is None else "accepted until"
        ends = "no longer accepted since" if one.until is not None and one.until <= now else ends
        until = "" if one.until is None else f" {moment(one.until)}"
        say(f"{one.id}  drawn {moment(one.created)}  {ends}{until}")


@app.command()
def revoke(file: FileArgument, name: Annotated[str, typer.Argument(metavar="KEY")]) -> None:
    """Accept a key no longer: somebody has it who should not."""
    known = community.load(file)
    known.revoke(name, time.time())
    community.save(known, file)
    say(f"{file}: {name} is accepted no longer")

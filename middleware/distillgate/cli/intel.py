"""`distillgate intel`: telling other organisations of campaigns, and reading what they tell."""

import time
from pathlib import Path
from typing import Annotated

import orjson
import typer

from distillgate.account.windows import DAY
from distillgate.campaign.jobs import complete
from distillgate.cli.moments import moment
from distillgate.cli.options import ConfigOption
from distillgate.cli.playback import play
from distillgate.cli.terminal import Warnings, complain, say
from distillgate.config.load import load
from distillgate.errors import StoreError
from distillgate.intel import community
from distillgate.intel.report import LEAST, gather, tell
from distillgate.intel.stix import Draft
from distillgate.oversight.campaigns import Campaign, campaigns, named
from distillgate.traffic.log import Log
from distillgate.traffic.replay import Reading, read

app = typer.Typer(
    help="Tell other organisations of campaigns, and read what they tell.", no_args_is_help=True
)
key = typer.Typer(help="A community's keys: one file, handed over in person.", no_args_is_help=True)
app.add_typer(key, name="key")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The community's keys.")]
CommunityOption = Annotated[
    Path, typer.Option("--community", metavar="FILE", help="The community's keys.")
]
LogOption = Annotated[
    str, typer.Option("--from-log", metavar="LOG", help="The traffic log: text is read there.")
]
OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Write it here.")]


@key.command()
def create(
    file: FileArgument, name: Annotated[str, typer.Option("--name", help="Its name.")]
) -> None:
    """Draw the first key of a community, into a file that only its owner may read."""
    made = community.create(name, time.time())
    community.save(made, file, new=True)
    say(f"{file}: community {name}, key {made.newest.id}; hand the file over in person")


@key.command()
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


@key.command("list")
def show(file: FileArgument) -> None:
    """List a community's keys by their names; no secret is shown."""
    known, now = community.load(file), time.time()
    for one in known.keys:
        ends = "the newest" if one.until is None else "accepted until"
        ends = "no longer accepted since" if one.until is not None and one.until <= now else ends
        until = "" if one.until is None else f" {moment(one.until)}"
        say(f"{one.id}  drawn {moment(one.created)}  {ends}{until}")


@key.command()
def revoke(file: FileArgument, name: Annotated[str, typer.Argument(metavar="KEY")]) -> None:
    """Accept a key no longer: somebody has it who should not."""
    known = community.load(file)
    known.revoke(name, time.time())
    community.save(known, file)
    say(f"{file}: {name} is accepted no longer")


@app.command()
def export(  # noqa: PLR0913 - each is an option
    log: LogOption,
    keys: CommunityOption,
    out: OutOption,
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CAMPAIGN]...", help="Campaigns; without, all.", show_default=""),
    ] = None,
    *,
    sender: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who says so.")
    ] = "distillgate",
    tlp: Annotated[str, typer.Option("--tlp", help="TLP 2.0's level.")] = "amber+strict",
    least: Annotated[
        int, typer.Option("--least", min=2, help="No figure is of fewer accounts.")
    ] = LEAST,
    config: ConfigOption = None,
) -> None:
    """Write campaigns of a traffic log as STIX 2.1, without text or any hash others can guess."""
    secret = community.load(keys).newest
    draft = Draft(secret, sender, tlp, time.time())
    played = play(log, load(config), lambda _line, _decision: None)
    found = _chosen(complete(campaigns(played.engine, played.newest)), wanted or [])
    warn = Warnings(log)
    with Log(log, warn=warn) as again:
        seen = gather(read(again, Reading(), warn), found, secret)
    told = 0
    for one in found:
        if one.code in seen and tell(draft, one, seen[one.code], played.engine, secret, least):
            told += 1
        else:
            complain(f"{one.id}: left out, as it is of fewer than {least} accounts")
    if not told:
        complain(f"{log}: no campaign to tell of")
        raise typer.Exit(1)
    try:
        out.write_bytes(orjson.dumps(draft.bundle(), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise StoreError(f"{out}: {error.strerror or error}") from None
    say(f"{out}: {told} of {len(found)} campaigns, TLP:{tlp.upper()}, under key {secret.id}")


def _chosen(found: list[Campaign], wanted: list[str]) -> list[Campaign]:
    chosen = []
    for name in wanted:
        one = named(found, name)
        if one is None:
            raise typer.BadParameter(f"the log has no campaign {name}")
        chosen.append(one)
    return chosen if wanted else found

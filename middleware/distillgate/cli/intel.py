"""`distillgate intel`: telling other organisations of campaigns, and reading what they tell."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.campaign.jobs import complete
from distillgate.cli.intel_export import (
    LeastOption,
    SenderOption,
    TlpOption,
    export,
    played,
)
from distillgate.cli.intel_keys import app as keys
from distillgate.cli.intel_running import held, take_into, withdraw
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.running import ByOption, KeyOption, UrlOption, gate_or
from distillgate.cli.terminal import Warnings, complain, save_json, say, show
from distillgate.errors import StoreError, of_file
from distillgate.intel import community, taxii
from distillgate.intel.looked_for import Match, look_for
from distillgate.intel.received import MOST_BYTES, Received, Trust, objects_of, receive
from distillgate.intel.report import LEAST
from distillgate.intel.stix import Draft, Object
from distillgate.oversight.campaigns import campaigns
from distillgate.text import moment
from distillgate.traffic.log import Log
from distillgate.traffic.replay import Reading, read

app = typer.Typer(
    help="Tell other organisations of campaigns, and read what they tell.", no_args_is_help=True
)
app.add_typer(keys, name="key")
app.command()(export)
app.command("list")(held)
app.command()(withdraw)

LoginOption = Annotated[
    str | None,
    typer.Option(
        "--login", metavar="USER:PASSWORD", envvar="DISTILLGATE_TAXII_LOGIN",
        help="Of the TAXII server.",
    ),
]  # fmt: skip
ReportArgument = Annotated[
    str, typer.Argument(metavar="REPORT", help="A STIX bundle, or a TAXII collection's URL.")
]
TrustOption = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="NAME", help="A sender to listen to; without, every one."),
]
OpinionsOption = Annotated[
    Path | None, typer.Option("--opinions", metavar="FILE", help="Write an answer here.")
]


@app.command("import")
def take(  # noqa: PLR0913 - each is an option
    report: ReportArgument,
    log: Annotated[
        str | None,
        typer.Option("--from-log", metavar="LOG", help="Look for it in this traffic log instead."),
    ] = None,
    url: UrlOption = None,
    *,
    keys: Annotated[
        Path | None, typer.Option("--community", metavar="FILE", help="The community's keys.")
    ] = None,
    trust: TrustOption = None,
    opinions: OpinionsOption = None,
    sender: SenderOption = "distillgate",
    tlp: TlpOption = "amber+strict",
    least: LeastOption = LEAST,
    login: LoginOption = None,
    config: ConfigOption = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; the audit log keeps it.")] = "",
    by: ByOption = "operator",
    admin_key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hand a running gate what others tell, or look for it in a log beside one's own evidence.

    A gate trusts whom its configuration names; of a log nothing is changed.
    """
    url = gate_or(log, "--from-log", url)
    if url is not None:
        take_into(url, _objects(report, login), reason, by, admin_key)
        return
    if log is None or keys is None:
        raise typer.BadParameter("--community is needed to look for a report in a log")
    known, now = community.load(keys), time.time()
    found = _look(receive(_objects(report, login), Trust(known, trust or (), now)), log, config)
    lines = [_line(match, least) for match in found]
    show([_document(match, least) for match in found], lines, as_json=as_json)
    if opinions is not None:
        _answer(opinions, found, Draft(known.newest, sender, tlp, now), least)


def _answer(out: Path, found: list[Match], draft: Draft, least: int) -> None:
    for match in found:
        if (opinion := match.opinion(least)) is not None:
            draft.add("opinion", match.told.id, opinion=opinion, object_refs=[match.told.id])
    save_json(draft.bundle(), out)


def _look(received: Received, log: str, config: Path | None) -> list[Match]:
    for left_out, count in received.left_out.items():
        complain(f"{count} left out: {left_out}")
    replayed, scored = played(log, config)
    there = complete(campaigns(replayed.engine, replayed.newest))
    own = {name for one in there for name in one.members}
    warn = Warnings(log)
    with Log(log, warn=warn) as again:
        lines = zip(read(again, Reading(), warn), scored, strict=False)
        return look_for(received.told, lines, own)


@app.command()
def push(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A STIX bundle.")],
    url: Annotated[str, typer.Option("--to", metavar="URL", help="The TAXII collection.")],
    login: LoginOption = None,
) -> None:
    """Add a report, or an answer to one, to a TAXII 2.1 collection."""
    objects = _read(report)
    if not isinstance(objects, list):
        raise StoreError(f"{report}: no STIX bundle: `objects` is no list")
    taxii.push(url, login, objects)
    say(f"{url}: {len(objects)} objects")


def _objects(report: str, login: str | None) -> Any:
    if report.startswith(("http://", "https://")):
        return taxii.poll(report, login)
    return _read(Path(report))


def _read(report: Path) -> Any:
    """Read a bundle's objects from a file, of which no more is read than may be one."""
    with of_file(report), report.open("rb") as file:
        return objects_of(file.read(MOST_BYTES + 1))


def _line(match: Match, least: int) -> str:
    opinion = match.opinion(least) or "no opinion"
    return (
        f"{match.told.id} by {match.told.source}, until {moment(match.told.until)}: "
        f"{len(match.accounts):,} accounts use it, {len(match.own):,} of them in campaigns that "
        f"were found here: {opinion}"
    )


def _document(match: Match, least: int) -> Object:
    return {
        "indicator": match.told.id,
        "source": match.told.source,
        "until": match.told.until,
        "accounts": match.accounts,
        "own": match.own,
        "opinion": match.opinion(least),
    }

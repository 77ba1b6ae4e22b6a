"""`distillgate intel`: telling other organisations of campaigns, and reading what they tell."""

import time
from pathlib import Path
from typing import Annotated

import orjson
import typer

from distillgate.account.windows import DAY
from distillgate.campaign.jobs import complete
from distillgate.cli.moments import moment
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import Played, play
from distillgate.cli.terminal import Warnings, complain, say, say_json
from distillgate.config.load import load
from distillgate.errors import StoreError
from distillgate.intel import community, taxii
from distillgate.intel.looked_for import Match, look_for
from distillgate.intel.received import Received, Trust, receive
from distillgate.intel.received import read as read_report
from distillgate.intel.report import LEAST, gather, tell
from distillgate.intel.stix import Draft, Object
from distillgate.oversight.campaigns import Campaign, campaigns, named
from distillgate.policy.decision import Decision
from distillgate.traffic.log import Line, Log
from distillgate.traffic.replay import Reading, read

app = typer.Typer(
    help="Tell other organisations of campaigns, and read what they tell.", no_args_is_help=True
)
key = typer.Typer(help="A community's keys: one file, handed over in person.", no_args_is_help=True)
app.add_typer(key, name="key")

EXEMPT = "exempt"
"""A decision's code where nothing is done because somebody answers for the account."""
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The community's keys.")]
CommunityOption = Annotated[
    Path, typer.Option("--community", metavar="FILE", help="The community's keys.")
]
LogOption = Annotated[
    str, typer.Option("--from-log", metavar="LOG", help="The traffic log: text is read there.")
]
LoginOption = Annotated[
    str | None,
    typer.Option(
        "--login", metavar="USER:PASSWORD", envvar="DISTILLGATE_TAXII_LOGIN",
        help="Of the TAXII server.",
    ),
]  # fmt: skip
SenderOption = Annotated[str, typer.Option("--as", metavar="NAME", help="Who says so.")]
TlpOption = Annotated[str, typer.Option("--tlp", help="TLP 2.0's level.")]
LeastOption = Annotated[int, typer.Option("--least", min=2, help="No figure is of fewer accounts.")]
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
    sender: SenderOption = "distillgate",
    tlp: TlpOption = "amber+strict",
    least: LeastOption = LEAST,
    config: ConfigOption = None,
) -> None:
    """Write campaigns of a traffic log as STIX 2.1, without text or any hash others can guess."""
    secret = community.load(keys).newest
    draft = Draft(secret, sender, tlp, time.time())
    played, scored = _played(log, config)
    found = _chosen(complete(campaigns(played.engine, played.newest)), wanted or [])
    warn = Warnings(log)
    with Log(log, warn=warn) as again:
        seen = gather(zip(read(again, Reading(), warn), scored, strict=False), found, secret)
    told = 0
    for one in found:
        if one.code in seen and tell(draft, one, seen[one.code], played.engine, secret, least):
            told += 1
        else:
            complain(f"{one.id}: left out, as it is of fewer than {least} accounts")
    if not told:
        complain(f"{log}: no campaign to tell of")
        raise typer.Exit(1)
    _write(out, draft)
    say(f"{out}: {told} of {len(found)} campaigns, TLP:{tlp.upper()}, under key {secret.id}")


def _chosen(found: list[Campaign], wanted: list[str]) -> list[Campaign]:
    chosen = []
    for name in wanted:
        one = named(found, name)
        if one is None:
            raise typer.BadParameter(f"the log has no campaign {name}")
        chosen.append(one)
    return chosen if wanted else found


@app.command("import")
def take(  # noqa: PLR0913 - each is an option
    report: ReportArgument,
    log: LogOption,
    keys: CommunityOption,
    *,
    trust: TrustOption = None,
    opinions: OpinionsOption = None,
    sender: SenderOption = "distillgate",
    tlp: TlpOption = "amber+strict",
    least: LeastOption = LEAST,
    login: LoginOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look for what others tell in a log, beside one's own evidence. It restricts nobody."""
    known, now = community.load(keys), time.time()
    received = _received(report, Trust(known, trust or (), now), login)
    for reason, count in received.left_out.items():
        complain(f"{count} left out: {reason}")
    found = _look(received, log, config)
    if as_json:
        say_json([_document(match, least) for match in found])
    else:
        say(*(_line(match, least) for match in found))
    if opinions is not None:
        draft = Draft(known.newest, sender, tlp, now)
        for match in found:
            if (opinion := match.opinion(least)) is not None:
                draft.add("opinion", match.told.id, opinion=opinion, object_refs=[match.told.id])
        _write(opinions, draft)


def _look(received: Received, log: str, config: Path | None) -> list[Match]:
    played, scored = _played(log, config)
    there = complete(campaigns(played.engine, played.newest))
    own = {name for one in there for name in one.members}
    warn = Warnings(log)
    with Log(log, warn=warn) as again:
        lines = zip(read(again, Reading(), warn), scored, strict=False)
        return look_for(received.told, lines, own)


def _played(log: str, config: Path | None) -> tuple[Played, list[str]]:
    """Replay a log; give for each exchange the account that was scored, none of one exempted.

    Who is exempted is a customer that somebody answers for: nobody is told of it.
    """
    scored, exempted = list[str](), set[str]()

    def each(_line: Line, decision: Decision) -> None:
        scored.append(decision.account)
        if decision.code == EXEMPT:
            exempted.add(decision.account)

    played = play(log, load(config), each)
    return played, ["" if name in exempted else name for name in scored]


@app.command()
def push(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A STIX bundle.")],
    url: Annotated[str, typer.Option("--to", metavar="URL", help="The TAXII collection.")],
    login: LoginOption = None,
) -> None:
    """Add a report, or an answer to one, to a TAXII 2.1 collection."""
    try:
        objects = orjson.loads(report.read_bytes())["objects"]
    except OSError as error:
        raise StoreError(f"{report}: {error.strerror or error}") from None
    except (ValueError, LookupError, TypeError) as error:
        raise StoreError(f"{report}: no STIX bundle: {error}") from None
    taxii.push(url, login, objects)
    say(f"{url}: {len(objects)} objects")


def _received(report: str, trust: Trust, login: str | None) -> Received:
    if report.startswith(("http://", "https://")):
        return receive(taxii.poll(report, login), trust)
    try:
        raw = Path(report).read_bytes()
    except OSError as error:
        raise StoreError(f"{report}: {error.strerror or error}") from None
    return read_report(raw, trust)


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


def _write(out: Path, draft: Draft) -> None:
    try:
        out.write_bytes(orjson.dumps(draft.bundle(), option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise StoreError(f"{out}: {error.strerror or error}") from None

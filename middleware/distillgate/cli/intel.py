"""`distillgate intel`: telling other organisations of campaigns, and reading what they tell."""

import time
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from distillgate.campaign.jobs import complete
from distillgate.cli.intel_keys import app as keys
from distillgate.cli.intel_running import held, take_into, withdraw
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import Played, play
from distillgate.cli.running import ByOption, KeyOption, UrlOption, gate_unless
from distillgate.cli.terminal import Warnings, complain, moment, say, say_json
from distillgate.config.load import load
from distillgate.errors import StoreError
from distillgate.intel import community, taxii
from distillgate.intel.looked_for import Match, look_for
from distillgate.intel.received import Received, Trust, objects_of, receive
from distillgate.intel.report import LEAST, gather, tell
from distillgate.intel.stix import Draft, Object
from distillgate.oversight.campaigns import Campaign, campaigns, named
from distillgate.policy.decision import Decision
from distillgate.traffic.log import Line, Log
from distillgate.traffic.replay import Reading, read

app = typer.Typer(
    help="Tell other organisations of campaigns, and read what they tell.", no_args_is_help=True
)
app.add_typer(keys, name="key")
app.command("list")(held)
app.command()(withdraw)

EXEMPT = "exempt"
"""A decision's code where nothing is done because somebody answers for the account."""
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
    url = gate_unless(log, url)
    if (log is None) == (url is None):
        raise typer.BadParameter("one of --from-log and --url is needed")
    if url is not None:
        take_into(url, _objects(report, login), reason, by, admin_key)
        return
    if log is None or keys is None:
        raise typer.BadParameter("--community is needed to look for a report in a log")
    known, now = community.load(keys), time.time()
    found = _look(receive(_objects(report, login), Trust(known, trust or (), now)), log, config)
    _show(found, least, as_json=as_json)
    if opinions is not None:
        _answer(opinions, found, Draft(known.newest, sender, tlp, now), least)


def _show(found: list[Match], least: int, *, as_json: bool) -> None:
    if as_json:
        say_json([_document(match, least) for match in found])
    else:
        say(*(_line(match, least) for match in found))


def _answer(out: Path, found: list[Match], draft: Draft, least: int) -> None:
    for match in found:
        if (opinion := match.opinion(least)) is not None:
            draft.add("opinion", match.told.id, opinion=opinion, object_refs=[match.told.id])
    _write(out, draft)


def _look(received: Received, log: str, config: Path | None) -> list[Match]:
    for left_out, count in received.left_out.items():
        complain(f"{count} left out: {left_out}")
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


def _objects(report: str, login: str | None) -> Any:
    if report.startswith(("http://", "https://")):
        return taxii.poll(report, login)
    try:
        return objects_of(Path(report).read_bytes())
    except OSError as error:
        raise StoreError(f"{report}: {error.strerror or error}") from None


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

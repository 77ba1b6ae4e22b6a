"""`distillgate intel export`: campaigns, of a running gate or of a traffic log, for others."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from distillgate.campaign.jobs import complete
from distillgate.cli.options import ConfigOption
from distillgate.cli.playback import Played, play
from distillgate.cli.running import ByOption, KeyOption, UrlOption, answered, gate_or
from distillgate.cli.terminal import Warnings, complain, save_json, say
from distillgate.config.load import load
from distillgate.intel import community, misp
from distillgate.intel.report import LEAST, gather, tell, weighed
from distillgate.intel.stix import Draft, Object
from distillgate.oversight.campaigns import Campaign, campaigns, named
from distillgate.policy.decision import EXEMPT, Decision
from distillgate.text import redacted
from distillgate.traffic.log import Line, Log
from distillgate.traffic.replay import Reading, read

SenderOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who says so.", show_default=False)
]
TlpOption = Annotated[str, typer.Option("--tlp", help="TLP 2.0's level.")]
LeastOption = Annotated[int, typer.Option("--least", min=2, help="No figure is of fewer accounts.")]
NOBODY = "distillgate"
"""Who tells where nobody is named."""


class Format(StrEnum):
    """How a report is written."""

    STIX = "stix"
    MISP = "misp"


OutOption = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Write it here.")]
WantedArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[CAMPAIGN]...", help="Campaigns; without, all.", show_default=""),
]
LogOption = Annotated[
    str | None,
    typer.Option("--from-log", metavar="LOG", help="Read this traffic log instead of a gate."),
]
CommunityOption = Annotated[
    Path | None,
    typer.Option("--community", metavar="FILE", help="The community's keys, for a log."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="STIX 2.1, or a MISP event.")]


def export(  # noqa: PLR0913 - each is an option
    out: OutOption,
    wanted: WantedArgument = None,
    log: LogOption = None,
    url: UrlOption = None,
    *,
    keys: CommunityOption = None,
    form: FormatOption = Format.STIX,
    sender: SenderOption = "",
    tlp: TlpOption = "amber+strict",
    least: LeastOption = LEAST,
    config: ConfigOption = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; the audit log keeps it.")] = "",
    by: ByOption = "operator",
    admin_key: KeyOption = None,
) -> None:
    """Write campaigns for others, without text or any hash that they can guess.

    A running gate hashes under the community of its configuration; a log's text is read again.
    """
    url = gate_or(log, "--from-log", url)
    if url is not None:
        asked = {"campaigns": wanted or [], "as": sender, "tlp": tlp, "least": least}
        bundle = _of_gate(url, asked, reason, by, admin_key)
    elif log is None or keys is None:
        raise typer.BadParameter("--community is needed to hash what a log has")
    else:
        draft = Draft(community.load(keys).newest, sender or NOBODY, tlp, time.time())
        bundle = _of_log(log, draft, wanted or [], least, config)
    save_json(misp.event(bundle) if form is Format.MISP else bundle, out)
    told = sum(one["type"] == "campaign" for one in bundle["objects"])
    say(f"{out}: {told} campaigns, TLP:{tlp.upper()}, {form.value.upper()}")


def _of_gate(url: str, asked: Object, reason: str, by: str, key: str | None) -> Object:
    if not reason:
        raise typer.BadParameter("a gate tells nobody without --reason")
    missing = f"{redacted(url)}: it knows of no such campaign, or has no operator's pages there"
    given = {**asked, "reason": reason, "by": by}
    bundle: Object = answered(url, "intelligence", "export", missing=missing, key=key, given=given)
    for one in bundle["objects"]:
        if one["type"] == "campaign" and not _indicated(one, bundle["objects"]):
            complain(f"{one['name']}: no template: too few of its texts came since the gate began")
    return bundle


def _indicated(campaign: Object, objects: list[Object]) -> bool:
    return any(
        one["type"] == "relationship"
        and one["relationship_type"] == "indicates"
        and one["target_ref"] == campaign["id"]
        for one in objects
    )


def _of_log(
    log: str, draft: Draft, wanted: list[str], least: int, config: Path | None
) -> dict[str, Any]:
    replayed, scored = played(log, config)
    found = _chosen(complete(campaigns(replayed.engine, replayed.newest)), wanted)
    warn = Warnings(log)
    with Log(log, warn=warn) as again:
        seen = gather(zip(read(again, Reading(), warn), scored, strict=False), found, draft.key)
    told = 0
    for one in found:
        evidence = weighed(one, replayed.engine)
        if one.code in seen and tell(draft, one, seen[one.code], evidence, least):
            told += 1
        else:
            complain(f"{one.id}: left out, as it is of fewer than {least} accounts")
    if not told:
        complain(f"{log}: no campaign to tell of")
        raise typer.Exit(1)
    return draft.bundle()


def _chosen(found: list[Campaign], wanted: list[str]) -> list[Campaign]:
    chosen = []
    for name in wanted:
        one = named(found, name)
        if one is None:
            raise typer.BadParameter(f"the log has no campaign {name}")
        chosen.append(one)
    return chosen if wanted else found


def played(log: str, config: Path | None) -> tuple[Played, list[str]]:
    """Replay a log; give for each exchange the account that was scored, none of one exempted.

    Who is exempted is a customer that somebody answers for: nobody is told of it.
    """
    scored, exempted = list[str](), set[str]()

    def each(_line: Line, decision: Decision) -> None:
        scored.append(decision.account)
        if decision.code == EXEMPT:
            exempted.add(decision.account)

    found = play(log, load(config), each)
    return found, ["" if name in exempted else name for name in scored]

"""`distillgate campaign`: campaigns and their groups, their names, what is remembered."""

import csv
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from distillgate.campaign.jobs import complete
from distillgate.cli import terminal
from distillgate.cli.options import ConfigOption, JsonOption
from distillgate.cli.playback import play
from distillgate.cli.running import (
    ByOption,
    KeyOption,
    NeededUrlOption,
    ReasonOption,
    UrlOption,
    answered,
    gate_or,
)
from distillgate.cli.terminal import say, say_json
from distillgate.config.load import load
from distillgate.oversight.campaigns import campaigns as find
from distillgate.text import moment, redacted, visible

app = typer.Typer(
    help="List, name and forget campaigns: the accounts that one operator feeds.",
    no_args_is_help=True,
)

GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="The group: g-… or the name it has.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What to call it from now on.")]


RememberedOption = Annotated[
    bool, typer.Option("--remembered", help="Those that were restricted, forgotten or not.")
]


GroupsOption = Annotated[
    bool, typer.Option("--groups", help="Every group of accounts that share something, alone.")
]
ReplayOption = Annotated[
    str | None, typer.Option("--replay", "-r", metavar="LOG", help="Of a traffic log instead.")
]
CampaignArgument = Annotated[
    str, typer.Argument(metavar="CAMPAIGN", help="The campaign: c-…, its name, or a group of it.")
]


@app.command("list")
def show(
    url: UrlOption = None,
    log: ReplayOption = None,
    remembered: RememberedOption = False,
    groups: GroupsOption = False,
    config: ConfigOption = None,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List campaigns, of a running gate or a traffic log, those with the most accounts first."""
    url = gate_or(log, "--replay", url)
    if log is not None and (remembered or groups):
        raise typer.BadParameter("a replay has campaigns alone")
    page = "memory" if remembered else "groups" if groups else "campaigns"
    found = answered(url, page, key=key) if url else _replayed(log or "", config)
    words = memories if remembered else table if groups else campaigns
    none = "no group is remembered" if remembered else "no campaign is known"
    terminal.show(found, words(found), none, as_json=as_json)


@app.command()
def members(
    campaign: CampaignArgument,
    url: NeededUrlOption,
    key: KeyOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, with a head.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the accounts of a campaign."""
    found = answered(url, "campaigns", campaign, of=campaign, key=key)
    if as_json:
        say_json(found["members"])
    elif as_csv:
        rows = csv.writer(sys.stdout, lineterminator="\n")
        rows.writerow(["campaign", "account"])
        rows.writerows([cell(found["id"]), cell(name)] for name in found["members"])
    else:
        say(*found["members"])


def cell(text: str) -> str:
    """Write text for a spreadsheet, which would take for a formula what begins like one."""
    shown = visible(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown


_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _replayed(log: str, config: ConfigOption) -> list[dict[str, Any]]:
    played = play(log, load(config), lambda _line, _decision: None)
    return [one.document() for one in complete(find(played.engine, played.newest))]


@app.command()
def name(
    group: GroupArgument, name: NameArgument, url: NeededUrlOption, key: KeyOption = None
) -> None:
    """Name a group: logs, explanations and lists then use the name."""
    page = ("groups", group, "name")
    named = answered(url, *page, of=group, key=key, given={"name": name})
    say(f"{named['group']} is called {named['name']} from now on")


@app.command()
def forget(
    group: GroupArgument,
    url: NeededUrlOption,
    reason: ReasonOption,
    by: ByOption = "operator",
    key: KeyOption = None,
) -> None:
    """Forget a group that was restricted: accounts that come with the same begin anew."""
    given = {"reason": reason, "by": by}
    missing = f"{group}: nothing is remembered of it at {redacted(url)}"
    answered(url, "memory", group, "forget", missing=missing, key=key, given=given)
    say(f"{group} is forgotten")


def campaigns(found: list[dict[str, Any]]) -> Iterator[str]:
    """Write campaigns as lines, and under each what ties its accounts."""
    widest = max(8, *(len(one["id"]) for one in found))
    yield (
        f"{'campaign':<{widest}}  {'accounts':>8}  {'held':>8}  {'exchanges':>9}  "
        f"{'value tokens':>18}  {'risk':>6}  last seen"
    )
    for one in found:
        budget = f"{one['budget']:,.0f}" if one["budget"] else "?"
        taken = f"{one['value_tokens']:,.0f} of {budget}"
        yield (
            f"{one['id']:<{widest}}  {one['accounts']:>8,}  {one['restricted']:>8,}  "
            f"{one['exchanges']:>9,}  {taken:>18}  {one['risk']:>+6.2f}  {moment(one['last_seen'])}"
        )
        for tie in one["ties"]:
            share = f"{tie['accounts']:,} share one {tie['kind']}"
            yield f"  {share}: {tie['group']}, link {tie['link']:+.1f}"
        for name, count in one["organisations"].items():
            yield f"  {count:,} declare organisation {name}"


def memories(found: list[dict[str, Any]]) -> Iterator[str]:
    """Write remembered groups as lines, a head before them."""
    widest = max(5, *(len(group["id"]) for group in found))
    yield f"{'group':<{widest}}  {'shared':<22}  {'texts':>7}  {'link':>5}  last restricted"
    for group in found:
        yield (
            f"{group['id']:<{widest}}  {group['kind']:<22}  {group['distinct_texts']:>7,.0f}  "
            f"{group['link']:>+5.1f}  {moment(group['restricted_at'])}"
        )


def table(found: list[dict[str, Any]]) -> Iterator[str]:
    """Write groups as lines, a head before them."""
    widest = max(5, *(len(group["id"]) for group in found))
    yield (
        f"{'group':<{widest}}  {'shares':<22}  {'accounts':>8}  {'exchanges':>9}  {'link':>5}  "
        f"{'risk':>6}  last seen"
    )
    for group in found:
        yield (
            f"{group['id']:<{widest}}  {group['kind']:<22}  {group['principals']:>8,}  "
            f"{group['exchanges']:>9,}  {group['link']:>+5.1f}  {group['risk']:>+6.2f}  "
            f"{moment(group['last_seen'])}"
        )

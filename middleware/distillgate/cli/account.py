"""`distillgate account`: who is restricted, riskiest or pardoned; orders on one, or on many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from distillgate.cli import terminal
from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, answered
from distillgate.cli.terminal import save_json, say, say_json
from distillgate.cli.words import standing
from distillgate.text import moment

app = typer.Typer(
    help="List accounts, order what is done to them, and take that back.", no_args_is_help=True
)

SubjectArgument = Annotated[
    str | None, typer.Argument(metavar="ACCOUNT", help="The account; or --campaign.")
]
AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account.")]
DaysOption = Annotated[
    float | None, typer.Option("--days", min=0.0, help="How long; else `admin.pardon_days`.")
]
CampaignOption = Annotated[
    str | None, typer.Option("--campaign", help="Every account of this campaign.")
]
OrganisationOption = Annotated[
    str | None, typer.Option("--organisation", help="All accounts that declare it.")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show whom it would concern.")]
ActionOption = Annotated[
    Literal["throttle", "degrade", "refuse"] | None,
    typer.Option("--action", help="What `restrict` holds it to; else throttle."),
]
SaysOption = Annotated[
    Literal["confirmed", "honest", "unsure"], typer.Option("--says", help="What you found.")
]
ShowOption = Annotated[
    Literal["restricted", "riskiest", "pardoned", "exempt", "ordered"],
    typer.Option("--show", help="Whom to list."),
]
MostOption = Annotated[int, typer.Option("--most", min=1, max=10_000, help="So many at most.")]


@app.command("list")
def show(
    url: NeededUrlOption,
    show: ShowOption = "restricted",
    most: MostOption = 100,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List accounts of a running gate, those with most evidence first."""
    found = answered(url, "accounts", key=key, query={"show": show, "most": most})
    terminal.show(found, _table(found), f"no account is {show}", as_json=as_json)


@app.command()
def orders(url: NeededUrlOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """List what people ordered and what still holds, the soonest to end first."""
    found = answered(url, "orders", key=key)
    terminal.show(found, map(_ordered, found), "nothing is ordered", as_json=as_json)


def _ordered(one: dict[str, Any]) -> str:
    whom = one.get("account") or f"organisation {one['organisation']}"
    action = f" to {one['action']}" if one["action"] else ""
    until = moment(one["until"])
    return f"{whom}: {one['order']}{action} until {until}, by {one['by']}: {one['reason']}"


def _ordering(deed: str, text: str) -> None:
    """Register the command of one order."""

    def order(  # noqa: PLR0913 - each is an option
        account: SubjectArgument = None,
        *,
        url: NeededUrlOption,
        reason: ReasonOption,
        campaign: CampaignOption = None,
        organisation: OrganisationOption = None,
        action: ActionOption = None,
        days: DaysOption = None,
        by: ByOption = "operator",
        dry_run: DryOption = False,
        key: KeyOption = None,
        as_json: JsonOption = False,
    ) -> None:
        if action is not None and deed != "restrict":
            raise typer.BadParameter("only `restrict` has an --action")
        given = {"reason": reason, "by": by, "dry_run": dry_run, "days": days, "action": action}
        given = {name: value for name, value in given.items() if value is not None}
        _order(url, deed, (account, campaign, organisation), given, key, as_json=as_json)

    app.command(deed, help=text)(order)


_ordering("pardon", "Hold no group's evidence against it for a while; what led there is forgotten.")
_ordering("lift", "Hold nothing against it for a while: the answer to a challenge.")
_ordering("unpardon", "End a pardon or a lift: what it does from now on counts.")
_ordering("exempt", "Do nothing to it until then, whatever the evidence says.")
_ordering("observe", "Log every exchange of it until then.")
_ordering("restrict", "Hold it to an action until then, whatever the evidence.")
_ordering("revoke", "Take back what was ordered: exempt, observe or restrict.")


@app.command()
def label(  # noqa: PLR0913 - each is an option
    account: SubjectArgument = None,
    *,
    url: NeededUrlOption,
    says: SaysOption,
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "looked at",
    campaign: CampaignOption = None,
    by: ByOption = "operator",
    dry_run: DryOption = False,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep what you found of an account: it changes nothing, and measures the evidence."""
    given = {"reason": reason, "by": by, "dry_run": dry_run, "action": says}
    _order(url, "label", (account, campaign, None), given, key, as_json=as_json)


@app.command()
def labels(url: NeededUrlOption, key: KeyOption = None, as_json: JsonOption = False) -> None:
    """List what people found of accounts; `--json` is what `calibrate --labels` reads."""
    found = answered(url, "labels", key=key)
    none = "nobody said anything of an account yet"
    terminal.show(found, map(_labelled, found), none, as_json=as_json)


def _labelled(one: dict[str, Any]) -> str:
    why = f": {one['reason']}" if one["reason"] else ""
    return f"{one['account']}: {one['says']}, by {one['by']}, {moment(one['at'])}{why}"


@app.command()
def export(
    account: AccountArgument,
    url: NeededUrlOption,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it here.")] = None,
    key: KeyOption = None,
) -> None:
    """Print everything that is kept of an account, as JSON."""
    found = answered(url, "accounts", account, "export", of=account, key=key)
    if out is None:
        say_json(found)
    else:
        save_json(found, out)


@app.command()
def letter(account: AccountArgument, url: NeededUrlOption, key: KeyOption = None) -> None:
    """Print a letter to its customer: what is done, until when, and what they can do."""
    found = answered(url, "accounts", account, of=account, key=key)
    say(*found["letter"].splitlines())


@app.command()
def forget(
    account: AccountArgument,
    url: NeededUrlOption,
    reason: ReasonOption,
    by: ByOption = "operator",
    *,
    dry_run: DryOption = False,
    key: KeyOption = None,
) -> None:
    """Forget everything that is kept of an account. Logs that were written keep their lines."""
    given = {"reason": reason, "by": by, "dry_run": dry_run}
    _order(url, "erase", (account, None, None), given, key, as_json=False)


def _order(
    url: str,
    deed: str,
    whom: tuple[str | None, str | None, str | None],
    given: dict[str, Any],
    key: str | None,
    *,
    as_json: bool,
) -> None:
    places = ("accounts", "campaigns", "organisations")
    named = [(place, name) for place, name in zip(places, whom, strict=True) if name]
    if len(named) != 1:
        raise typer.BadParameter("give an ACCOUNT, or one of --campaign and --organisation")
    [(place, name)] = named
    found = answered(url, place, name, deed, of=name, key=key, given=given)
    terminal.show(found, _done(found, name), as_json=as_json)


def _done(found: dict[str, Any], name: str) -> Iterator[str]:
    """Put what an order came to into words, and how it is taken back."""
    tried = "would be" if found["dry_run"] else "is"
    if "accounts" in found:
        many = f"{len(found['accounts']):,} accounts"
        yield f"campaign {name}: {found['order']} {tried} given to {many}"
        for account, why in found["refused"].items():
            yield f"  not {account}: {why}"
    else:
        until = f", until {moment(found['until'])}" if found["until"] else ""
        yield f"{name}: {found['order']} {tried} given{until}"
        force = found["before"] if found["dry_run"] else found.get("after")
        if force is not None:
            yield from standing(force)
    if found["undo"] and not found["dry_run"]:
        option = "--campaign " if "accounts" in found else ""
        option = "--organisation " if "organisation" in found else option
        yield f"undo: distillgate account {found['undo']} {option}{name} --reason …"


def _table(found: list[dict[str, Any]]) -> Iterator[str]:
    width = max(7, *(len(one["account"]) for one in found))
    yield f"{'account':<{width}}  {'risk':>6}  {'exchanges':>9}  plan        stands"
    for one in found:
        stands = ", ".join(_stands(one))
        head = f"{one['account']:<{width}}  {one['risk']:>+6.2f}  {one['exchanges']:>9,}"
        yield f"{head}  {one['plan']:<10}  {stands}".rstrip()


def _stands(one: dict[str, Any]) -> Iterator[str]:
    if one["restricted_until"]:
        spared = "" if one["acted_on"] else " (not acted on)"
        yield f"restricted until {moment(one['restricted_until'])}{spared}"
    if one["pardoned_until"]:
        yield f"pardoned until {moment(one['pardoned_until'])}"
    if one["order"]:
        yield f"order: {one['order']}"

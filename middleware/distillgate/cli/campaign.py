"""`distillgate campaign`: groups that one operator feeds, their names, what is remembered."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from distillgate.cli.options import JsonOption
from distillgate.cli.running import ByOption, KeyOption, NeededUrlOption, ReasonOption, ask
from distillgate.cli.terminal import complain, say, say_json
from distillgate.cli.words import moment

app = typer.Typer(
    help="List, name and forget the groups of accounts that one operator feeds.",
    no_args_is_help=True,
)

GroupArgument = Annotated[
    str, typer.Argument(metavar="GROUP", help="The group: g-… or the name it has.")
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What to call it from now on.")]


RememberedOption = Annotated[
    bool, typer.Option("--remembered", help="Those that were restricted, forgotten or not.")
]


@app.command("list")
def show(
    url: NeededUrlOption,
    remembered: RememberedOption = False,
    key: KeyOption = None,
    as_json: JsonOption = False,
) -> None:
    """List a running gate's groups that one operator feeds, the most surely linked first."""
    found: list[dict[str, Any]] | None = ask(url, "memory" if remembered else "groups", key=key)
    if found is None:
        complain(f"{url}: no operator's pages there")
        raise typer.Exit(1)
    if as_json:
        say_json(found)
    elif found:
        say(*(memories(found) if remembered else table(found)))
    else:
        no = "no group is remembered" if remembered else "no group is known that one operator feeds"
        say(no)


@app.command()
def name(
    group: GroupArgument, name: NameArgument, url: NeededUrlOption, key: KeyOption = None
) -> None:
    """Name a group: logs, explanations and lists then use the name."""
    named = ask(url, "groups", group, "name", key=key, given={"name": name})
    if named is None:
        complain(f"{group}: not known to {url}")
        raise typer.Exit(1)
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
    if ask(url, "memory", group, "forget", key=key, given=given) is None:
        complain(f"{group}: nothing is remembered of it at {url}")
        raise typer.Exit(1)
    say(f"{group} is forgotten")


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
            f"{group['id']:<{widest}}  {group['kind']:<22}  {group['units']:>8,}  "
            f"{group['exchanges']:>9,}  {group['link']:>+5.1f}  {group['risk']:>+6.2f}  "
            f"{moment(group['last_seen'])}"
        )

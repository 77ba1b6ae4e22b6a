"""`distillgate drill`: play scenarios against a live gate, and see what it does about them."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from distillgate.cli import campaign
from distillgate.cli.options import JsonOption
from distillgate.cli.running import KeyOption, ask
from distillgate.cli.terminal import progress, say_json
from distillgate.errors import ConfigError
from distillgate_lab.drill import report
from distillgate_lab.drill.ledger import Row
from distillgate_lab.drill.play import ATTRIBUTES, Manner, Player, keys_of, model_of
from distillgate_lab.drill.script import Script, scenarios, write
from distillgate_lab.drill.target import Target, target

ScenariosArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SCENARIO",
        help="What to play, as --list names it; of a campaign also KIND@shared, @residential or "
        "@mimic. Several are played at the same time.",
        show_default=False,
    ),
]
TargetOption = Annotated[
    str | None, typer.Option("--target", "-t", help="The gate: http://127.0.0.1:8080.")
]
SpeedOption = Annotated[
    float, typer.Option("--speed", min=1.0, help="Seconds of the scenario that pass in one.")
]
AccountsOption = Annotated[
    int | None,
    typer.Option(
        "--accounts",
        min=1,
        show_default="a campaign's own number; 50 of an honest class",
        help="Accounts of each scenario.",
    ),
]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Calls in all, at most.")]
KeysOption = Annotated[
    Path | None,
    typer.Option(
        "--keys", metavar="FILE", help="API keys, one a line, one an account; else made-up ones."
    ),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="The model to ask; else the first one listed.")
]
TokensOption = Annotated[
    int | None, typer.Option("--max-tokens", min=1, help="Cap every answer, to save tokens.")
]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        metavar="ATTRIBUTE=NAME",
        help=f"Send an attribute ({', '.join(ATTRIBUTES)}) in a header, as your proxy would.",
    ),
]
AdminOption = Annotated[
    str | None,
    typer.Option("--admin", help="The gate's admin address: says which groups it linked."),
]
TextsOption = Annotated[
    Path | None,
    typer.Option("--corpus", metavar="DIR", help="Texts to play with; else generated ones."),
]
SeedOption = Annotated[str, typer.Option("--seed", help="Another one writes other texts.")]
ListOption = Annotated[bool, typer.Option("--list", help="List the scenarios.")]
MineOption = Annotated[
    bool,
    typer.Option("--yes-this-is-mine", help="Play at an address that is not private, too."),
]


_LOOK_SECONDS = 1.0
"""Time between two looks at the operator's pages."""


def drill(  # noqa: PLR0913 - a command's options
    names: ScenariosArgument = None,
    *,
    to: TargetOption = None,
    speed: SpeedOption = 5000.0,
    accounts: AccountsOption = None,
    limit: LimitOption = 5000,
    keys: KeysOption = None,
    model: ModelOption = None,
    max_tokens: TokensOption = None,
    header: HeaderOption = None,
    admin: AdminOption = None,
    key: KeyOption = None,
    corpus: TextsOption = None,
    seed: SeedOption = "drill",
    show: ListOption = False,
    as_json: JsonOption = False,
    mine: MineOption = False,
) -> None:
    """Play honest customers and campaigns against a live gate of your own: a fire drill."""
    if show:
        Console().print(_scenarios())
        return
    if not names or to is None:
        raise typer.BadParameter("name a SCENARIO and a --target; --list lists the scenarios")
    headers = dict(_header(given) for given in header or ())
    url = _allowed(target(to), mine=mine)
    script = write(names, accounts=accounts, limit=limit, seed=seed, texts=corpus)
    known = keys_of(script.calls, _lines(keys))
    asked = model or asyncio.run(model_of(url, next(iter(known.values()))))
    manner = Manner(url, speed, asked, max_tokens, headers)
    pages = _Pages(admin, key) if admin is not None else None
    rows = _play(script, manner, known, pages)
    if not as_json:
        _tell(rows, script, speed, pages)
        return
    found = pages.watch.groups if pages is not None else None
    numbers = {**report.document(rows, script, speed), "groups": found}
    say_json(numbers)


def _allowed(gate: Target, *, mine: bool) -> str:
    """Return the address of a gate of one's own. Raises `ConfigError` for a stranger's."""
    if not gate.near and not mine:
        raise ConfigError(
            f"{gate.url} is {', '.join(gate.addresses)}, no address of this machine or of a "
            "private network. A drill is for a gate of your own; --yes-this-is-mine says it is"
        )
    return gate.url


def _header(given: str) -> tuple[str, str]:
    attribute, _, name = given.partition("=")
    if attribute not in ATTRIBUTES or not name:
        raise typer.BadParameter(f"{given!r} is no ATTRIBUTE=NAME; known: {', '.join(ATTRIBUTES)}")
    return attribute, name


def _lines(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    try:
        return [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None


class _Pages:
    """A gate's operator's pages, watched while a drill is played."""

    def __init__(self, url: str, key: str | None) -> None:
        self._url, self._key = url, key
        self.mode: str = self._asked("state")["mode"]
        self.watch = report.Watch(self._asked("groups"))

    def look(self) -> None:
        """Look which groups are linked now."""
        self.watch.see(self._asked("groups"))

    def _asked(self, page: str) -> Any:
        found = ask(self._url, page, key=self._key)
        if found is None:
            raise ConfigError(f"{self._url}: no operator's pages there")
        return found


def _play(
    script: Script, manner: Manner, keys: dict[str, str], pages: _Pages | None
) -> dict[str, Row]:
    with progress("playing", len(script.calls)) as advance:
        player = Player(script, manner, keys, clock=time.time, told=advance)
        return asyncio.run(_watched(player, pages))


async def _watched(player: Player, pages: _Pages | None) -> dict[str, Row]:
    """Play to the end, and look at the operator's pages again and again meanwhile."""
    if pages is None:
        return await player.play()
    playing = asyncio.ensure_future(player.play())
    while not playing.done():
        await asyncio.wait([playing], timeout=_LOOK_SECONDS)
        await asyncio.to_thread(pages.look)
    return playing.result()


def _tell(rows: dict[str, Row], script: Script, speed: float, pages: _Pages | None) -> None:
    console = Console()
    console.print(report.table(rows), soft_wrap=True)
    lines = [f"  {line}" for line in report.said(rows)]
    if pages is not None:
        found = list(campaign.table(pages.watch.groups)) if pages.watch.groups else ["none"]
        of_one = f"the gate is in {pages.mode} mode; groups it took for one operator's meanwhile:"
        lines += ["", of_one, *found]
    lines += ["", "what this drill cannot show:"]
    lines += [f"- {line}" for line in report.limits(script, speed)]
    console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def _scenarios() -> Table:
    found = Table(box=None, pad_edge=False)
    for name in ("scenario", "who", "what"):
        found.add_column(name, no_wrap=name != "what")
    for row in scenarios():
        found.add_row(*row)
    return found

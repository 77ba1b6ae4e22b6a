"""What the audience sees while it plays: a live table on a terminal, plain lines anywhere else."""

from collections import deque
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from distillgate_lab.demo.call import HOUR, MINUTE, Account
from distillgate_lab.demo.ledger import Fate, Ledger
from distillgate_lab.demo.script import Script

NEWEST = 8
"""Restrictions that are listed."""
EVERY = 15 * MINUTE
"""Seconds of the play between two plain lines."""


class Screen(Protocol):
    """Shows the play."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def told(self, at: float, account: Account, got: Fate, new: bool) -> None:
        """Record one answer."""


def screen(console: Console, script: Script, ledger: Ledger) -> Screen:
    """Return the screen that suits the console."""
    if console.is_terminal:
        return LiveScreen(console, script, ledger)
    return PlainScreen(console, ledger)


def clock(at: float) -> str:
    """Write the play's time."""
    return f"{int(at // HOUR):02d}:{int(at % HOUR // MINUTE):02d}"


class PlainScreen:
    """Writes a line now and then."""

    def __init__(self, console: Console, ledger: Ledger) -> None:
        self._console = console
        self._ledger = ledger
        self._due = EVERY

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def told(self, at: float, account: Account, got: Fate, new: bool) -> None:
        """Record one answer; print what is new, and the progress."""
        if new and (account.honest or self._ledger.total(honest=False).restricted == 1):
            self._console.print(f"{clock(at)}  {account.name}: {got}", highlight=False)
        if at < self._due:
            return
        self._due = (at // EVERY + 1) * EVERY
        honest, campaign = self._ledger.total(honest=True), self._ledger.total(honest=False)
        self._console.print(
            f"{clock(at)}  {honest.requests + campaign.requests} requests; restricted: "
            f"{honest.restricted} of {honest.accounts} honest, "
            f"{campaign.restricted} of {campaign.accounts} campaign accounts",
            highlight=False,
            soft_wrap=True,
        )


class LiveScreen:
    """Draws who is restricted, as it happens."""

    def __init__(self, console: Console, script: Script, ledger: Ledger) -> None:
        self._ledger = ledger
        self._end = script.hours * HOUR
        self._at = 0.0
        self._newest: deque[str] = deque(maxlen=NEWEST)
        self._live = Live(
            console=console, get_renderable=self._draw, refresh_per_second=6, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def told(self, at: float, account: Account, got: Fate, new: bool) -> None:
        """Record one answer."""
        self._at = max(self._at, at)
        if new:
            self._newest.append(f"{clock(at)}  {account.name}  {got}")

    def _draw(self) -> Group:
        bar = Table.grid(padding=(0, 1))
        bar.add_row(clock(self._at), ProgressBar(self._end, self._at, width=56), clock(self._end))
        table = Table(box=None, pad_edge=False)
        for name in ("", "accounts", "restricted", "requests"):
            table.add_column(name, justify="right" if name else "left")
        rows = [*self._ledger.rows(honest=True), *self._ledger.rows(honest=False)]
        for row in rows:
            style = "red" if row.restricted else "green" if row.honest else "yellow"
            numbers = (row.accounts, row.restricted, row.requests)
            table.add_row(row.kind, *(f"{number:,}" for number in numbers), style=style)
        lines = Text("\n".join(self._newest), style="red")
        return Group(bar, "", table, "", lines)

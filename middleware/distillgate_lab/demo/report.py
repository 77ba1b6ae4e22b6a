"""The end of the play: a table of what became of everybody, and whether that is as it should be."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from distillgate.text import visible
from distillgate_lab.demo.ledger import Ledger, Row
from distillgate_lab.demo.play import Added, Epilogue

CAUGHT = 0.95
"""Share of the campaign's accounts that must be restricted."""
_LEGEND = "cut: answered without what serves extraction"


def complaints(ledger: Ledger) -> list[str]:
    """List what went wrong; an empty list is a good play."""
    honest, campaign = ledger.total(honest=True), ledger.total(honest=False)
    found = []
    if campaign.restricted < CAUGHT * campaign.accounts:
        found.append(
            f"the campaign was missed: {campaign.restricted} of {campaign.accounts} accounts caught"
        )
    if honest.restricted:
        found.append(f"honest accounts were harmed: {honest.restricted} of {honest.accounts}")
    if failed := honest.failed + campaign.failed:
        found.append(f"requests failed for another reason: {failed}")
    return found


def show(console: Console, ledger: Ledger, epilogue: Epilogue, seconds: float) -> None:
    """Write the tables; `seconds` is how long the play took."""
    console.print(_kinds(ledger))
    console.print(_LEGEND, style="dim", soft_wrap=True)
    if epilogue.why is not None:
        for line in _reasons(epilogue.why):
            console.print(visible(line), highlight=False, markup=False, soft_wrap=True)
    console.print()
    console.print(_summary(ledger, epilogue.added, seconds))


def _reasons(why: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"Why {why['account']} was held back:"
    for part in why["contributions"]:
        yield f"  {part['llr']:+6.2f}  {part['family']}: {part['text']}"
    yield f"  {why['risk']:+6.2f}  in all; an honest explanation: {why['honest_explanation']}"


def _kinds(ledger: Ledger) -> Table:
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column("", no_wrap=True)
    for name in ("accounts", "restricted", "requests", "answered", "cut", "429/403"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in ledger.rows(honest=True):
        _add(table, row, "red" if row.restricted else "")
    for row in ledger.rows(honest=False):
        _add(table, row, "bold")
    return table


def _add(table: Table, row: Row, style: str) -> None:
    numbers = (
        row.accounts,
        row.restricted,
        row.requests,
        row.full,
        row.cut,
        row.away,
    )
    table.add_row(row.kind, *(f"{number:,}" for number in numbers), style=style)


def _summary(ledger: Ledger, added: Added, seconds: float) -> Table:
    honest, campaign = ledger.total(honest=True), ledger.total(honest=False)
    share = campaign.full / max(1, campaign.requests)
    alarm = "never" if ledger.alarm is None else f"after {ledger.alarm:,} exchanges"
    requests = honest.requests + campaign.requests
    through, direct = 1000 * added.through, 1000 * added.direct
    rows = (
        ("honest accounts touched", f"{honest.restricted:,} of {honest.accounts:,}", ""),
        ("campaign accounts caught", f"{campaign.restricted:,} of {campaign.accounts:,}", alarm),
        (
            "exchanges leaked",
            f"{campaign.full:,} of {campaign.requests:,}",
            f"{share:.0%} answered whole",
        ),
        (
            "time added",
            f"{through - direct:.1f} ms",
            f"p50; {through:.1f} with, {direct:.1f} without",
        ),
        ("played", f"{requests:,} requests", f"in {seconds:.0f} s"),
    )
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for row in rows:
        table.add_row(*row)
    return table

"""Tables of figures, for a terminal and for a page."""

from collections.abc import Sequence
from typing import NamedTuple


class Table(NamedTuple):
    """One table: its first column is names, the others are figures as text."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def plain(tables: Sequence[Table]) -> str:
    """Align the columns."""
    return "\n\n".join("\n".join(_lines(table)) for table in tables)


def markdown(tables: Sequence[Table]) -> str:
    """Write what a page takes."""
    return "\n\n".join("\n".join(_page(table)) for table in tables)


def _lines(table: Table) -> list[str]:
    columns = list(zip(table.head, *table.rows, strict=True))
    widths = [max(map(len, column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        first = cells[0].ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
        return "  " + "  ".join((first, *rest))

    notes = (f"  {note}" for note in table.notes)
    return [table.title, line(table.head), *map(line, table.rows), *notes]


def _page(table: Table) -> list[str]:
    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cells)} |"

    rule = "|---" + "|--:" * (len(table.head) - 1) + "|"
    notes = [f"- {note}" for note in table.notes]
    rows = [line(table.head), rule, *map(line, table.rows)]
    return [f"**{table.title}**", "", *rows, *([""] if notes else []), *notes]

"""The heat map: an account a row, a bin of time a column; blue was answered whole, red was not."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from distillgate.admin.console.pictures.svg import label, line, linear, picture, time_ticks

_WIDTH = 900.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 12.0, 12.0, 8.0, 30.0
_NAMED = 130.0
"""Room for names, where there are few rows."""
_FEW = 32
_TALLEST, _PLOT = 18.0, 380.0
_COLUMNS = 112
"""Columns at most: of more bins, several are one."""
_LEVELS = 5

Row = tuple[list[int], list[int]]


def heat(found: Mapping[str, Any]) -> Markup:
    """Draw a document's `heat`."""
    rows = found["accounts"]
    begin, end = window(found["total"]["sent"])
    merged = -(-(end - begin) // _COLUMNS)
    cells = [
        (_merge(row["sent"][begin:end], merged), _merge(row["held"][begin:end], merged))
        for row in rows
    ]
    columns = max((len(sent) for sent, _ in cells), default=1)
    few = len(rows) <= _FEW
    left = _LEFT + (_NAMED if few else 0.0)
    height = min(_TALLEST, _PLOT / max(1, len(rows)))
    width = (_WIDTH - left - _RIGHT) / columns
    bottom = _TOP + height * len(rows)
    parts = list(_cells(cells, left, width, height))
    for at, row in enumerate(rows):
        if few:
            parts.append(
                label(left - 8, _TOP + height * (at + 0.75), row["account"], "tick", "end")
            )
        if row["judged_in"] is not None:
            x = left + width * ((row["judged_in"] - begin) // merged)
            y = _TOP + height * at
            parts.append(line(x, y, x, y + height, "onset"))
    first = found["first"] + begin * found["seconds"]
    seconds = columns * merged * found["seconds"]
    across = linear(first, first + seconds, left, _WIDTH - _RIGHT)
    for tick, words in time_ticks(first, first + seconds):
        parts.append(line(across(tick), _TOP, across(tick), bottom + 4, "grid"))
        parts.append(label(across(tick), bottom + 20, words, "tick", "middle"))
    return picture(_WIDTH, bottom + _BOTTOM, parts, _says(found), "heat")


def window(sent: Sequence[int], beside: int = 2) -> tuple[int, int]:
    """Return the bins from and up to which there is something to show, with a little beside it."""
    busy = [at for at, count in enumerate(sent) if count] or [len(sent) - 1]
    return max(0, busy[0] - beside), min(len(sent), busy[-1] + beside + 1)


def _merge(counts: Sequence[int], size: int) -> list[int]:
    return [sum(counts[at : at + size]) for at in range(0, len(counts), size)]


def _cells(rows: Sequence[Row], left: float, width: float, height: float) -> Iterator[str]:
    """Draw all cells of one colour as one path: there may be ten thousand."""
    most = max((max(sent, default=0) for sent, _ in rows), default=0) or 1
    paths: dict[str, list[str]] = {}
    gap = 0.5 if height > 3 else 0.0
    for at, (sent, held) in enumerate(rows):
        y = _TOP + height * at
        for column, count in enumerate(sent):
            if not count:
                continue
            level = min(_LEVELS, 1 + int(_LEVELS * (count / most) ** 0.5 * 0.999))
            kind = f"{'held' if 2 * held[column] >= count else 'full'}-{level}"
            x = left + width * column
            paths.setdefault(kind, []).append(
                f"M{x:.1f} {y:.1f}h{width - gap:.1f}v{height - gap:.1f}h{gap - width:.1f}z"
            )
    for kind, shapes in sorted(paths.items()):
        yield f'<path class="{kind}" d="{"".join(shapes)}"/>'


def _says(found: Mapping[str, Any]) -> str:
    judged = sum(row["judged_in"] is not None for row in found["accounts"])
    return (
        f"When each of {found['drawn']} of {found['of']} accounts sent, by time; "
        f"{judged} of them were held to be restricted at some time."
    )

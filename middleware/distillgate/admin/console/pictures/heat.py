"""The heat map: an account a row, a bin of time a column; blue was answered whole, red was not."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from markupsafe import Markup

from distillgate.admin.console.pictures.svg import (
    Scale,
    label,
    line,
    linear,
    pieces,
    time_ticks,
)

_WIDTH = 900.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 12.0, 12.0, 8.0, 30.0
_NAMED = 130.0
"""Room for names, where there are few rows."""
_FEW = 32
_TALLEST, _PLOT = 18.0, 380.0
_COLUMNS = 112
"""Columns at most: of more bins, several are one."""
_LEVELS = 5
_ROWS = 4
"""Rows that are drawn in one go."""

Row = tuple[list[int], list[int]]


def heat(found: Mapping[str, Any]) -> Iterator[Markup]:
    """Draw a document's `heat`, a piece at a time."""
    rows = found["accounts"]
    begin, end = window(found["total"]["sent"])
    merged = -(-(end - begin) // _COLUMNS)
    cells = [
        (_merge(row["sent"][begin:end], merged), _merge(row["held"][begin:end], merged))
        for row in rows
    ]
    columns = max((len(sent) for sent, _ in cells), default=1)
    left = _LEFT + (_NAMED if len(rows) <= _FEW else 0.0)
    height = min(_TALLEST, _PLOT / max(1, len(rows)))
    width = (_WIDTH - left - _RIGHT) / columns
    bottom = _TOP + height * len(rows)
    first = found["first"] + begin * found["seconds"]
    last = first + columns * merged * found["seconds"]
    across = linear(first, last, left, _WIDTH - _RIGHT)
    onsets = (
        (at, left + width * ((row["judged_in"] - begin) // merged))
        for at, row in enumerate(rows)
        if row["judged_in"] is not None
    )
    parts = chain(
        _cells(cells, left, width, height),
        _names(rows, left, height) if len(rows) <= _FEW else (),
        (line(x, _TOP + height * at, x, _TOP + height * (at + 1), "onset") for at, x in onsets),
        _ticks(across, first, last, bottom),
    )
    return pieces(_WIDTH, bottom + _BOTTOM, parts, _says(found), "heat")


def _names(rows: Sequence[Mapping[str, Any]], left: float, height: float) -> Iterator[str]:
    for at, row in enumerate(rows):
        yield label(left - 8, _TOP + height * (at + 0.75), row["account"], "tick", "end")


def _ticks(across: Scale, first: float, last: float, bottom: float) -> Iterator[str]:
    for tick, words in time_ticks(first, last):
        yield line(across(tick), _TOP, across(tick), bottom + 4, "grid")
        yield label(across(tick), bottom + 20, words, "tick", "middle")


def window(sent: Sequence[int], beside: int = 2) -> tuple[int, int]:
    """Return the bins from and up to which there is something to show, with a little beside it."""
    busy = [at for at, count in enumerate(sent) if count] or [len(sent) - 1]
    return max(0, busy[0] - beside), min(len(sent), busy[-1] + beside + 1)


def _merge(counts: Sequence[int], size: int) -> list[int]:
    return np.add.reduceat(counts, range(0, len(counts), size)).tolist() if counts else []


def _cells(rows: Sequence[Row], left: float, width: float, height: float) -> Iterator[str]:
    """Draw the cells of one colour as one path, for some rows at a time: there may be 10,000."""
    most = max((max(sent, default=0) for sent, _ in rows), default=0) or 1
    gap = 0.5 if height > 3 else 0.0
    shape = f"h{width - gap:.1f}v{height - gap:.1f}h{gap - width:.1f}z"
    for begin in range(0, len(rows), _ROWS):
        paths: dict[str, list[str]] = {}
        for at, (sent, held) in enumerate(rows[begin : begin + _ROWS], begin):
            y = f"{_TOP + height * at:.1f}"
            for column, count in enumerate(sent):
                if not count:
                    continue
                level = min(_LEVELS, 1 + int(_LEVELS * (count / most) ** 0.5 * 0.999))
                kind = f"{'held' if 2 * held[column] >= count else 'full'}-{level}"
                paths.setdefault(kind, []).append(f"M{left + width * column:.1f} {y}{shape}")
        for kind, shapes in sorted(paths.items()):
            yield f'<path class="{kind}" d="{"".join(shapes)}"/>'


def _says(found: Mapping[str, Any]) -> str:
    judged = sum(row["judged_in"] is not None for row in found["accounts"])
    return (
        f"When each of {found['drawn']} of {found['of']} accounts sent, by time; "
        f"{judged} of them were held to be restricted at some time."
    )

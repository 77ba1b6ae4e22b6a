"""The waterfall of evidence: from 0, signal by signal, to the total, with the rungs as lines.

What a family's cap holds back is hatched (the page brings the pattern): those signals were there,
and do not count.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from distillgate.admin.console.pictures.svg import Scale, label, line, linear, picture, rectangle

_WIDTH, _LEFT, _RIGHT, _TOP = 760.0, 210.0, 46.0, 46.0
_ROW, _BAR = 26.0, 16.0
_LOWER = 15.0


def waterfall(
    contributions: Sequence[Mapping[str, Any]],
    over: Mapping[str, float],
    rungs: Mapping[str, float],
    total: float,
) -> Markup:
    """Draw signals as they add up to `total`; `over` is what each family's cap holds back."""
    rows = list(_rows(contributions, over))
    edges = [0.0, total, *rungs.values(), *(e for row in rows for e in (row[1], row[2]))]
    x = linear(min(edges) - 0.4, max(edges) + 0.6, _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + _ROW * (len(rows) + 1)
    parts = [*_rungs(rungs, x, bottom), line(x(0), _TOP - 6, x(0), bottom, "zero")]
    for at, (name, start, end, kind) in enumerate(rows):
        y = _TOP + _ROW * at
        left, right = sorted((x(start), x(end)))
        parts.append(label(_LEFT - 12, y + 13, name, "tick", "end"))
        tells = f"{name} {end - start:+.2f}"
        parts.append(rectangle(left, y + 2, right - left, _BAR, kind, tells))
        if kind != "capped":
            side = (right + 5, "start") if end >= start else (left - 5, "end")
            parts.append(label(side[0], y + 14, f"{end - start:+.2f}", "bar-value", side[1]))
    y = _TOP + _ROW * len(rows)
    left, right = sorted((x(0), x(total)))
    parts.append(label(_LEFT - 12, y + 13, "in all", "total-label", "end"))
    parts.append(rectangle(left, y + 2, right - left, _BAR, "total"))
    parts.append(label(right + 5, y + 14, f"{total:+.2f}", "total-label"))
    return picture(_WIDTH, bottom + 10, parts, _says(contributions, total), "waterfall")


def _rows(
    contributions: Sequence[Mapping[str, Any]], over: Mapping[str, float]
) -> Iterator[tuple[str, float, float, str]]:
    """Return each bar: what it is, from where to where, and how it looks. Family by family."""
    families: dict[str, list[Mapping[str, Any]]] = {}
    for one in contributions:
        families.setdefault(one["family"], []).append(one)
    at = 0.0
    for family, signals in families.items():
        for one in signals:
            kind = "against" if one["llr"] >= 0 else "clearing"
            yield one["signal"].replace("_", " "), at, at + one["llr"], kind
            at += one["llr"]
        if over.get(family):
            yield f"{family}: past its cap", at, at + over[family], "capped"


def _rungs(rungs: Mapping[str, float], x: Scale, bottom: float) -> Iterator[str]:
    for at, (action, risk) in enumerate(rungs.items()):
        lower = _LOWER * (at % 2)  # the mildest two lie close together
        yield line(x(risk), _TOP - 10 - lower, x(risk), bottom, f"rung {action}")
        yield label(x(risk), _TOP - 14 - lower, f"{action} {risk:g}", "rung-label", "middle")


def _says(contributions: Sequence[Mapping[str, Any]], total: float) -> str:
    parts = ", ".join(
        f"{one['signal'].replace('_', ' ')} {one['llr']:+.2f}" for one in contributions
    )
    return f"{parts or 'no signal'}; in all {total:+.2f} nats."

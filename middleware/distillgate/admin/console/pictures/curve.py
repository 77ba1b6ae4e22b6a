"""The leak curve: what a campaign got whole, what was cut and what was turned away, added up."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from markupsafe import Markup

from distillgate.admin.console.pictures.heat import window
from distillgate.admin.console.pictures.svg import (
    label,
    line,
    linear,
    picture,
    short,
    time_ticks,
    value_ticks,
)

_WIDTH, _HEIGHT = 640.0, 300.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 126.0, 12.0, 30.0


def leak(heat: Mapping[str, Any], allowed: float | None) -> Markup:
    """Draw the exchanges of a `heat`, added up; `allowed` is one sender's budget of them."""
    total = heat["total"]
    begin, end = window(total["sent"])
    bands = _stacked({name: total[name][begin:end] for name in ("sent", "cut", "away")})
    most = max(bands["sent"][-1] if bands["sent"] else 0, (allowed or 0) * 1.05, 1)
    first = heat["first"] + begin * heat["seconds"]
    last = first + len(bands["sent"]) * heat["seconds"]
    x = linear(first, last, _LEFT, _WIDTH - _RIGHT)
    y = linear(0, most, _HEIGHT - _BOTTOM, _TOP)
    edges = [x(first + at * heat["seconds"]) for at in range(len(bands["sent"]) + 1)]
    parts = []
    for tick in value_ticks(most):
        parts.append(line(_LEFT, y(tick), _WIDTH - _RIGHT, y(tick), "grid"))
        parts.append(label(_LEFT - 8, y(tick) + 4, short(tick), "tick", "end"))
    for tick, words in time_ticks(first, last, 5):
        parts.append(line(x(tick), _HEIGHT - _BOTTOM, x(tick), _HEIGHT - _BOTTOM + 5, "zero"))
        parts.append(label(x(tick), _HEIGHT - 10, words, "tick", "middle"))
    base = [0] * len(bands["sent"])
    ends = []
    for name in ("full", "cut", "away"):
        top = [low + more for low, more in zip(base, bands[name], strict=True)]
        parts.append(_between(edges, [y(v) for v in base], [y(v) for v in top], name))
        if bands[name] and bands[name][-1]:
            ends.append(
                (y((base[-1] + top[-1]) / 2), f"{short(bands[name][-1])} {_WORDS[name]}", name)
            )
        base = top
    parts.extend(_ends(ends))
    if allowed:
        parts.append(line(_LEFT, y(allowed), _WIDTH - _RIGHT, y(allowed), "budget"))
        parts.append(
            label(
                _LEFT + 6,
                y(allowed) - 6,
                f"one sender's budget: about {allowed:,.0f}",
                "budget-label",
            )
        )
    return picture(_WIDTH, _HEIGHT, parts, _says(bands, allowed), "leak")


_WORDS = {"full": "whole", "cut": "cut", "away": "turned away"}


def _stacked(columns: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    sums = {name: list(accumulate(counts)) for name, counts in columns.items()}
    triples = zip(sums["sent"], sums["cut"], sums["away"], strict=True)
    return {**sums, "full": [sent - cut - away for sent, cut, away in triples]}


def _between(edges: Sequence[float], low: Sequence[float], high: Sequence[float], kind: str) -> str:
    """Draw the area between two staircases."""
    if not high:
        return ""
    up = "".join(f"V{y:.1f}H{edges[at + 1]:.1f}" for at, y in enumerate(high))
    back = "".join(f"V{low[at]:.1f}H{edges[at]:.1f}" for at in range(len(low) - 1, -1, -1))
    return f'<path class="area-{kind}" d="M{edges[0]:.1f} {low[0]:.1f}{up}{back}Z"/>'


def _ends(ends: Sequence[tuple[float, str, str]]) -> list[str]:
    """Write what each band came to beside its end, no two on one another."""
    placed, lowest = [], _HEIGHT
    for y, words, name in ends:  # from the lowest band up
        at = min(y + 4, lowest - 14)
        lowest = at
        placed.append(label(_WIDTH - _RIGHT + 6, at, words, f"end-{name}"))
    return placed


def _says(bands: Mapping[str, Sequence[int]], allowed: float | None) -> str:
    sent, cut, away = (bands[name][-1] if bands[name] else 0 for name in ("sent", "cut", "away"))
    words = f"Of {sent:,} exchanges {sent - cut - away:,} were answered whole, {cut:,} were cut, "
    words += f"{away:,} were turned away."
    return words + (f" One sender's budget is about {allowed:,.0f} of them." if allowed else "")

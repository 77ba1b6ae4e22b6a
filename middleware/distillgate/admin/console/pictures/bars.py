"""Bars over time: what everybody sent, and beneath it what was held back; small ones for rows."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from markupsafe import Markup

from distillgate.admin.console.pictures.heat import window
from distillgate.admin.console.pictures.svg import (
    Scale,
    label,
    line,
    linear,
    picture,
    short,
    steps,
    time_ticks,
)

_ROOM = 110.0
"""How far apart labels of marks stand at least."""
_WIDTH, _LEFT, _RIGHT = 900.0, 54.0, 14.0
_TOP, _ALL, _GAP, _HELD, _BOTTOM = 20.0, 70.0, 26.0, 110.0, 28.0
_RESTRICTING = ("throttle", "degrade", "challenge", "refuse")
_SPARKS = 40


def actions(bins: Mapping[str, Any], marks: Sequence[Mapping[str, Any]]) -> Markup:
    """Draw the actions of all exchanges over time, with marks for what happened to the gate."""
    counts: Mapping[str, list[int]] = bins["actions"]
    everything = [sum(column) for column in zip(*counts.values(), strict=True)]
    begin, _ = window(everything)
    first, last = (
        bins["first"] + begin * bins["seconds"],
        bins["first"] + len(everything) * bins["seconds"],
    )
    x = linear(first, last, _LEFT, _WIDTH - _RIGHT)
    edges = [x(first + at * bins["seconds"]) for at in range(len(everything) - begin + 1)]
    middle, bottom = _TOP + _ALL, _TOP + _ALL + _GAP + _HELD
    parts = [*_panel(everything[begin:], edges, middle, _ALL, "everything", "all exchanges")]
    stacked = [0] * (len(everything) - begin)
    layers = []
    for action in _RESTRICTING:
        stacked = [low + more for low, more in zip(stacked, counts[action][begin:], strict=True)]
        layers.append((action, stacked))
    for action, tops in reversed(layers):
        most = max(*stacked, 1)
        y = linear(0, most, bottom, bottom - _HELD)
        if any(counts[action]):
            parts.append(steps(edges, [y(top) for top in tops], bottom, f"action {action}"))
    parts.append(line(_LEFT, bottom, _WIDTH - _RIGHT, bottom, "zero"))
    parts.append(label(_LEFT, middle + _GAP - 6, "throttled or harder", "axis"))
    parts.append(
        label(_LEFT - 8, bottom - _HELD + 10, short(max(stacked, default=0)), "tick", "end")
    )
    parts.extend(_axis(first, last, x, bottom))
    parts.extend(_marks(marks, x, bottom))
    says = f"{sum(everything):,} exchanges, {sum(stacked):,} of them throttled or harder."
    return picture(_WIDTH, bottom + _BOTTOM, parts, says, "actions")


def _panel(
    values: Sequence[int], edges: Sequence[float], base: float, height: float, kind: str, name: str
) -> Iterator[str]:
    most = max(max(values, default=0), 1)
    y = linear(0, most, base, base - height)
    yield steps(edges, [y(value) for value in values], base, kind)
    yield line(edges[0], base, edges[-1], base, "zero")
    yield label(_LEFT, base - height - 6, name, "axis")
    yield label(_LEFT - 8, base - height + 10, short(most), "tick", "end")


def _axis(first: float, last: float, x: Scale, bottom: float) -> Iterator[str]:
    for tick, words in time_ticks(first, last):
        yield line(x(tick), bottom, x(tick), bottom + 5, "zero")
        yield label(x(tick), bottom + 20, words, "tick", "middle")


def _marks(marks: Sequence[Mapping[str, Any]], x: Scale, bottom: float) -> Iterator[str]:
    """Draw a line for each mark, and one label for those that stand close."""
    close: list[tuple[float, list[str]]] = []
    for mark in sorted(marks, key=itemgetter("at")):
        at, word = x(mark["at"]), mark["event"].replace("_", " ")
        yield line(at, _TOP, at, bottom, "mark")
        if not close or at - close[-1][0] > _ROOM:
            close.append((at, []))
        words = close[-1][1]
        words += [word] * (word not in words)
    for at, words in close:
        end = at > _WIDTH - _ROOM
        yield label(at, _TOP - 8, ", ".join(words), "mark-label", "end" if end else "start")


def spark(counts: Sequence[int]) -> Markup:
    """Draw a few bars without axes: how much, when."""
    begin, _ = window(counts, 0)
    shown = list(counts[begin:])
    size = max(1, -(-len(shown) // _SPARKS))
    merged = [sum(shown[at : at + size]) for at in range(0, len(shown), size)]
    most = max(max(merged, default=0), 1)
    width = 100.0 / max(1, len(merged))
    shapes = "".join(
        f"M{at * width:.1f} 24V{24 - 22 * count / most:.1f}h{max(width - 0.5, 0.5):.1f}V24z"
        for at, count in enumerate(merged)
        if count
    )
    says = f"{sum(counts):,} exchanges, the busiest bin {max(counts, default=0):,}"
    return picture(100, 24, [f'<path class="spark" d="{shapes}"/>'], says, "sparks")

"""The few parts that pictures are made of. Text is escaped; colours are classes, never styles."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup, escape

from distillgate.text import visible

Scale = Callable[[float], float]
"""From a value to a place in the picture."""

_AT_ONCE = 4096
"""Characters of a picture that are written in one go."""
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_STEPS = (5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY,
          2 * _DAY, 7 * _DAY)  # fmt: skip


def picture(width: float, height: float, parts: Iterable[str], says: str, kind: str) -> Markup:
    """Return a whole picture; `says` is what it shows, in words."""
    return Markup("").join(pieces(width, height, parts, says, kind))


def pieces(
    width: float, height: float, parts: Iterable[str], says: str, kind: str
) -> Iterator[Markup]:
    """Return a picture of very many parts a piece at a time, so that whoever writes it can pause.

    Text is escaped where it becomes a part.
    """
    yield Markup(  # noqa: S704
        f'<svg class="picture {kind}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(says)}">'
    )
    some, length = [], 0
    for part in parts:
        some.append(part)
        length += len(part)
        if length > _AT_ONCE:
            yield Markup("".join(some))  # noqa: S704
            some, length = [], 0
    yield Markup("".join([*some, "</svg>"]))  # noqa: S704


def linear(first: float, last: float, start: float, end: float) -> Scale:
    """Return a scale on which equal differences are equally long."""
    wide = (last - first) or 1.0
    return lambda value: start + (value - first) / wide * (end - start)


def symmetric(first: float, last: float, start: float, end: float, unit: float) -> Scale:
    """Return a scale that is linear near zero, within some `unit`s, and logarithmic beyond."""
    inner = linear(math.asinh(first / unit), math.asinh(last / unit), start, end)
    return lambda value: inner(math.asinh(value / unit))


def label(x: float, y: float, text: object, kind: str = "", anchor: str = "start") -> str:
    """Return a text at a place."""
    words = escape(visible(str(text)))
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{words}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """Return a straight line."""
    return f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def rectangle(x: float, y: float, width: float, height: float, kind: str, tells: str = "") -> str:
    """Return a rectangle; `tells` is shown to whoever points at it."""
    inner = f"<title>{escape(visible(tells))}</title>" if tells else ""
    fill = ' fill="url(#hatch)"' if kind == "capped" else ""
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}"'
    return f'<rect class="{kind}" {shape}{fill}>{inner}</rect>'


def steps(xs: Sequence[float], ys: Sequence[float], base: float, kind: str) -> str:
    """Return an area under a staircase: `ys[i]` from `xs[i]` to `xs[i + 1]`."""
    path = [f"M{xs[0]:.1f} {base:.1f}"]
    for at, y in enumerate(ys):
        path.append(f"V{y:.1f}H{xs[at + 1]:.1f}")
    return f'<path class="{kind}" d="{"".join(path)}V{base:.1f}Z"/>'


def time_ticks(first: float, last: float, most: int = 7) -> list[tuple[float, str]]:
    """Return round moments between two times, at most so many, and what to write at them."""
    step = next((one for one in _STEPS if (last - first) / one <= most), _STEPS[-1])
    at, found = math.ceil(first / step) * step, []
    while at <= last:
        moment = datetime.fromtimestamp(at, UTC)
        midnight = at % _DAY == 0
        found.append((at, f"{moment:%d %b}" if midnight or step >= _DAY else f"{moment:%H:%M}"))
        at += step
    return found


def value_ticks(most: float, count: int = 4) -> list[float]:
    """Return round values from 0 to `most`."""
    if most <= 0:
        return [0.0]
    rough = most / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in (1, 2, 5, 10) if power * one >= rough)
    return [step * number for number in range(int(most / step) + 1)]


def short(value: float) -> str:
    """Return a number in few characters."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{value:,.0f}" if value == int(value) else f"{value:.2g}"

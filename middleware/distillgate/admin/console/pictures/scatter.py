"""The scatter of likeness: how alike each group's accounts are, in subject and in manner.

One point a group, with its standard errors. Near the corner lies what one hand deals; in the band,
independent users of one prompt. The scales are linear near zero and logarithmic beyond.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from markupsafe import Markup, escape

from distillgate.admin.console.pictures.svg import Scale, label, line, pieces, rectangle, symmetric
from distillgate.text import visible

_WIDTH, _HEIGHT = 640.0, 460.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 14.0, 14.0, 52.0
_UNIT = 0.01
_TICKS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
_LOWEST, _HIGHEST = -0.02, 1.0
"""Where the scales end, unless a group lies beyond."""


def scatter(found: Mapping[str, Any]) -> Iterator[Markup]:
    """Draw what `campaign.scatter` found, a piece at a time."""
    points = found["points"]
    low = min([_LOWEST, *(min(p["topic"], p["style"]) for p in points)])
    low = max(low, -0.3)
    x = symmetric(low, _HIGHEST, _LEFT, _WIDTH - _RIGHT, _UNIT)
    y = symmetric(low, _HIGHEST, _HEIGHT - _BOTTOM, _TOP, _UNIT)
    # The one that the page is about comes last, on top.
    last = sorted(points, key=lambda p: (p["code"] == found["this"], p["linked"]))
    drawn = (part for point in last for part in _point(point, found["this"], x, y))
    parts = chain(_frame(x, y), _band(found["honest"], x, y), drawn)
    return pieces(_WIDTH, _HEIGHT, parts, _says(found), "scatter")


def _frame(x: Scale, y: Scale) -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for tick in _TICKS:
        yield line(x(tick), _TOP, x(tick), bottom, "zero" if not tick else "grid")
        yield line(_LEFT, y(tick), right, y(tick), "zero" if not tick else "grid")
        yield label(x(tick), bottom + 18, f"{tick:g}", "tick", "middle")
        yield label(_LEFT - 8, y(tick) + 4, f"{tick:g}", "tick", "end")
    yield label(
        (_LEFT + right) / 2,
        _HEIGHT - 10,
        "subject: how far accounts differ (rho)",
        "axis",
        "middle",
    )
    middle = (_TOP + bottom) / 2
    yield (
        f'<text class="axis" text-anchor="middle" transform="translate(15 {middle:.0f}) '
        f'rotate(-90)">manner: how far accounts differ (rho)</text>'
    )


def _band(honest: Mapping[str, Any], x: Scale, y: Scale) -> Iterator[str]:
    (left, right), (low, high) = honest["topic"], honest["style"]
    yield rectangle(x(left), y(high), x(right) - x(left), y(low) - y(high), "band")
    yield label(x(right) - 8, y(high) + 18, "independent users", "band-label", "end")
    yield label(x(0) + 8, y(0) - 8, "one hand", "hand-label")


def _point(point: Mapping[str, Any], this: str | None, x: Scale, y: Scale) -> Iterator[str]:
    topic, style = point["topic"], point["style"]
    across, up = max(x(-0.3), x(topic)), min(y(-0.3), y(style))
    kind = "this" if point["code"] == this else "linked" if point["linked"] else "unlinked"
    radius = 2.5 + 0.6 * math.log1p(point["principals"]) * (1.3 if kind == "this" else 0.8)
    left, right = x(topic - point["topic_error"]), x(topic + point["topic_error"])
    low, high = y(style - point["style_error"]), y(style + point["style_error"])
    name = escape(visible(point["id"]))
    yield (
        f'<g class="point {kind}"><path d="M{left:.1f} {up:.1f}H{right:.1f}'
        f'M{across:.1f} {low:.1f}V{high:.1f}"/>'
        f'<circle cx="{across:.1f}" cy="{up:.1f}" r="{radius:.1f}"><title>{name}: '
        f"{point['principals']:,} accounts, subject {topic:.3f} ± {point['topic_error']:.3f}, "
        f"manner {style:.3f} ± {point['style_error']:.3f}</title></circle></g>"
    )


def _says(found: Mapping[str, Any]) -> str:
    points = found["points"]
    this = next((p for p in points if p["code"] == found["this"]), None)
    others = found["compared"] - found["linked"]
    words = f"{found['compared']} groups compared, {others} of them not held for one sender's."
    if this is not None:
        words += (
            f" This one: subject {this['topic']:.3f} ± {this['topic_error']:.3f}, manner "
            f"{this['style']:.3f} ± {this['style_error']:.3f}."
        )
    return words

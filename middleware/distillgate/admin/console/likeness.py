"""What the scatter of likeness is drawn from: how alike each group's accounts are."""

import math
from typing import NamedTuple

from distillgate.admin.console.source import Document, Source
from distillgate.campaign.exchangeability import Block
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job, ordered

_POINTS = 600
"""Groups of the scatter, the largest ones."""
_BAND = 1.645
"""Deviations of a logarithm between which nine of ten lie."""


class Point(NamedTuple):
    """One group in the scatter of likeness."""

    code: str
    id: str
    kind: str
    principals: int
    linked: bool
    topic: float
    topic_error: float
    style: float
    style_error: float


def scatter(source: Source, this: Group | None = None) -> Job[Document]:
    """Return every compared group's likeness in subject and in manner, and where honest ones lie.

    The band is that of independent users of one prompt in the public text that the built-in priors
    were measured on; the groups are this deployment's own.
    """
    points = []
    for group in list(source.engine.state.groups):
        yield 5
        found = group.evidence
        if found is None or found.topic is None or found.style is None:
            continue
        linked = source.engine.state.actor(group.key) is not None
        topic, style = found.topic, found.style
        points.append(
            Point(group.code, group.id, group.kind.value, len(group.rows), linked,
                  topic.rho, topic.error, style.rho, style.error)
        )  # fmt: skip
    points = yield from ordered(points, lambda one: (not one.linked, -one.principals, one.code))
    examine = source.engine.settings.campaign.examine
    return {
        "this": this.code if this is not None else None,
        "compared": len(points),
        "linked": sum(point.linked for point in points),
        "points": (yield from _listed(points[:_POINTS])),
        "honest": {"topic": _band(examine.topic), "style": _band(examine.style)},
    }


def _listed(points: list[Point]) -> Job[list[Document]]:
    found = []
    for point in points:
        found.append(point._asdict())
        yield 1
    return found


def _band(block: Block) -> list[float]:
    """Return between which two values nine of ten groups of independent users lie."""
    wide = _BAND * block.honest_spread
    return [block.honest_median * math.exp(-wide), block.honest_median * math.exp(wide)]

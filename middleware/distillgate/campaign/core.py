"""Finding the exchangeable core of a mixed group: a campaign that hides among honest users.

Members of one hand have means that differ by sampling error only, hence crowd round one centre;
honest members stray from it by their own subject and manner. Density seeds, then alternate between
the centre and its members (a trimmed Gaussian fit; random starts get stuck, measured).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.evidence import Core
from distillgate.campaign.exchangeability import Sums

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Table(NamedTuple):
    """Sums of each examined unit: `texts` (units,), the others (units, features)."""

    texts: Array
    topic: Array
    style: Array
    style_squares: Array
    clock: Array

    def take(self, mask: Mask) -> "Table":
        """Give the rows of some of the units."""
        return Table(*(column[mask] for column in self))

    def topic_sums(self) -> Sums:
        """Give the sums of the topic block; its vectors have length one."""
        return Sums(self.texts, self.topic, _unit_squares(self.texts, self.topic, 1.0))

    def style_sums(self) -> Sums:
        """Give the sums of the style block."""
        return Sums(self.texts, self.style, self.style_squares.sum(axis=0))

    def clock_sums(self) -> Sums:
        """Give the sums of the clock block; its vectors are two pairs of length one."""
        return Sums(self.texts, self.clock, _unit_squares(self.texts, self.clock, 2.0))


def _unit_squares(texts: Array, total: Array, length: float) -> Array:
    # Only the sum over features is used of a pooled block; it is known without being kept.
    return np.full(total.shape[1], length * texts.sum() / total.shape[1])


def centre(table: Table, share: float) -> Core:
    """Describe a set of units as one core."""
    texts = table.texts.sum()
    freedom = max(1.0, texts - len(table.texts))
    topic_within = texts - float((table.topic**2 / table.texts[:, None]).sum())
    style_within = (
        table.style_squares.sum(axis=0) - (table.style**2 / table.texts[:, None]).sum(axis=0)
    ) / freedom
    return Core(
        topic=table.topic.sum(axis=0) / texts,
        style=table.style.sum(axis=0) / texts,
        topic_within=max(1e-3, topic_within / freedom),
        style_within=np.maximum(1e-4, style_within),
        share=share,
    )


def excess(table: Table, core: Core, topic_dims: float, style_dims: float) -> Array:
    """Give every unit's distance from the core (see `evidence.belongs`)."""
    shift = table.topic / table.texts[:, None] - core.topic
    topic = table.texts * (shift**2).sum(axis=1) / core.topic_within
    shift = table.style / table.texts[:, None] - core.style
    style = table.texts * (shift**2 / core.style_within).mean(axis=1)
    distance = topic_dims * (topic - 1.0) + style_dims * (style - 1.0)
    return np.asarray(distance / np.sqrt(2.0 * (topic_dims + style_dims)))


def densest(
    table: Table, *, seeds: int, rounds: int, limit: float, dims: tuple[float, float]
) -> Mask | None:
    """Find the units round the densest centre; None where there is no crowd."""
    units = len(table.texts)
    order = np.argsort(-table.texts, kind="stable")[: max(seeds, units // 2)]
    chosen = order[np.linspace(0, len(order) - 1, seeds).astype(np.intp)]
    whole = centre(table, 1.0)
    best: Mask | None = None
    for seed in np.unique(chosen).tolist():
        core = Core(
            table.topic[seed] / table.texts[seed],
            table.style[seed] / table.texts[seed],
            whole.topic_within,
            whole.style_within,
            1.0,
        )
        # The seed's own mean is uncertain too: shrink the others' weight accordingly.
        shrunk = table.texts * table.texts[seed] / (table.texts + table.texts[seed])
        scale = (shrunk / table.texts)[:, None]
        near = _near(table, core, scale, limit, dims)
        for _ in range(rounds):
            if near.sum() < 3:
                break
            near = excess(table, centre(table.take(near), 1.0), *dims) < limit
        if near.sum() >= 3 and (best is None or near.sum() > best.sum()):
            best = near
    return best


def _near(table: Table, core: Core, scale: Array, limit: float, dims: tuple[float, float]) -> Mask:
    shift = table.topic / table.texts[:, None] - core.topic
    topic = (scale[:, 0] * table.texts) * (shift**2).sum(axis=1) / core.topic_within
    shift = table.style / table.texts[:, None] - core.style
    style = (scale[:, 0] * table.texts) * (shift**2 / core.style_within).mean(axis=1)
    distance = dims[0] * (topic - 1.0) + dims[1] * (style - 1.0)
    return np.asarray(distance / np.sqrt(2.0 * sum(dims)) < limit)

"""A small regression tree (Breiman and others 1984): on which parameters a figure depends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Split:
    """A question that parts rows in two."""

    name: str
    text: str
    """The question, for a yes."""
    yes: NDArray[np.bool_]
    gain: float
    """Sum of squares that it explains."""


def grow(
    rows: Sequence[Row],
    values: Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    depth: int = 3,
    least: int = 8,
) -> Iterator[str]:
    """Write a tree, a line a node: how many rows, their mean, and the question that parts them."""
    y = np.asarray(values, np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, np.float64)
    total = float(w @ (y - np.average(y, weights=w)) ** 2) if len(y) else 0.0
    yield from _node(list(rows), y, w, "all", 0, depth, least, total)


def _node(
    rows: list[Row],
    y: Numbers,
    w: Numbers,
    text: str,
    level: int,
    depth: int,
    least: int,
    total: float,
) -> Iterator[str]:
    mean = float(np.average(y, weights=w)) if len(y) else float("nan")
    yield f"{'  ' * level}{text}: {mean:.3f} ({len(rows)})"
    split = best(rows, y, w, least) if level < depth else None
    if split is None or split.gain < 0.02 * total:
        return
    for side, said in ((split.yes, split.text), (~split.yes, f"not {split.text}")):
        kept = [row for row, inside in zip(rows, side, strict=True) if inside]
        yield from _node(kept, y[side], w[side], said, level + 1, depth, least, total)


def best(rows: Sequence[Row], y: Numbers, w: Numbers, least: int) -> Split | None:
    """Return the split that explains most, with so many rows on either side at least."""
    found: Split | None = None
    for name in sorted({name for row in rows for name in row}):
        values = [row.get(name) for row in rows]
        numeric = all(isinstance(value, int | float) for value in values)
        ranks = np.asarray(values, np.float64) if numeric else _ranks(values, y, w)
        order = np.argsort(ranks, kind="stable")
        place, gain = _cut(ranks[order], y[order], w[order], least)
        if place and (found is None or gain > found.gain):
            yes = ranks < (ranks[order[place - 1]] + ranks[order[place]]) / 2
            inside = sorted({str(v) for v, is_in in zip(values, yes, strict=True) if is_in})
            border = f"{name} < {(ranks[order[place - 1]] + ranks[order[place]]) / 2:.4g}"
            text = border if numeric else f"{name} in ({', '.join(inside)})"
            found = Split(name, text, yes, gain)
    return found


def _ranks(values: Sequence[Any], y: Numbers, w: Numbers) -> Numbers:
    """Return categories as numbers: the mean of each, after which any best split is a cut."""
    keys = np.asarray([str(value) for value in values])
    means = {key: np.average(y[keys == key], weights=w[keys == key]) for key in set(keys.tolist())}
    return np.asarray([means[key] for key in keys.tolist()], np.float64)


def _cut(ranks: Numbers, y: Numbers, w: Numbers, least: int) -> tuple[int, float]:
    """Return where to cut sorted rows and what it explains; place 0 is nowhere."""
    weight, sums = np.cumsum(w), np.cumsum(w * y)
    if len(y) < 2 * least:
        return 0, 0.0
    left, below = weight[:-1], sums[:-1]
    right, above = weight[-1] - left, sums[-1] - below
    gain = below**2 / left + above**2 / right - sums[-1] ** 2 / weight[-1]
    places = np.arange(1, len(y))
    allowed = (ranks[1:] > ranks[:-1]) & (places >= least) & (places <= len(y) - least)
    gain = np.where(allowed, gain, 0.0)
    at = int(np.argmax(gain))
    return (at + 1, float(gain[at])) if gain[at] > 0 else (0, 0.0)

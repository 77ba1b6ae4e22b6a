"""A small regression tree (Breiman and others 1984): on which parameters a figure depends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Row = Mapping[str, Any]
_WORTH = 0.02
"""Share of all variance that a split must explain."""


@dataclass(frozen=True, slots=True)
class Split:
    """A question that parts rows in two."""

    name: str
    text: str
    """The question, for a yes."""
    yes: NDArray[np.bool_]
    gain: float
    """Sum of squares that it explains."""


class Tree(NamedTuple):
    """What a tree is grown from, and how far."""

    rows: Sequence[Row]
    y: Numbers
    weights: Numbers
    depth: int
    least: int
    """Rows on either side of a split at the least."""
    enough: float
    """Sum of squares that a split explains at the least."""


def grow(
    rows: Sequence[Row],
    values: Sequence[float],
    weights: Sequence[float] | None = None,
    *,
    depth: int = 3,
    least: int = 8,
) -> Iterator[str]:
    """Write a tree, a line a node: the mean, how many rows, and the question that parts them."""
    y = np.asarray(values, np.float64)
    w = np.ones_like(y) if weights is None else np.asarray(weights, np.float64)
    if len(y):
        total = float(w @ (y - np.average(y, weights=w)) ** 2)
        yield from _node(Tree(rows, y, w, depth, least, _WORTH * total), "all", 0)


def _node(tree: Tree, text: str, level: int) -> Iterator[str]:
    mean = float(np.average(tree.y, weights=tree.weights))
    yield f"{'  ' * level}{text}: {mean:.3f} ({len(tree.rows)})"
    split = best(tree.rows, tree.y, tree.weights, tree.least) if level < tree.depth else None
    if split is None or split.gain < tree.enough:
        return
    for side, said in ((split.yes, split.text), (~split.yes, "else")):
        kept = [row for row, inside in zip(tree.rows, side, strict=True) if inside]
        part = tree._replace(rows=kept, y=tree.y[side], weights=tree.weights[side])
        yield from _node(part, said, level + 1)


def best(rows: Sequence[Row], y: Numbers, weights: Numbers, least: int) -> Split | None:
    """Return the split that explains most, with so many rows on either side at least."""
    names = sorted({name for row in rows for name in row})
    found = [_split(name, [row.get(name) for row in rows], y, weights, least) for name in names]
    return max(filter(None, found), key=lambda split: split.gain, default=None)


def _split(
    name: str, values: Sequence[Any], y: Numbers, weights: Numbers, least: int
) -> Split | None:
    """Return the best split by one parameter; a row may lack it."""
    numeric = all(isinstance(value, int | float) for value in values)
    ranks = np.asarray(values, np.float64) if numeric else _ranks(values, y, weights)
    order = np.argsort(ranks, kind="stable")
    place, gain = _cut(ranks[order], y[order], weights[order], least)
    if not place:
        return None
    border = (ranks[order[place - 1]] + ranks[order[place]]) / 2
    yes = ranks < border
    if numeric:
        return Split(name, f"{name} < {border:.4g}", yes, gain)
    inside = {str(value) for value, is_in in zip(values, yes, strict=True) if is_in}
    outside = {str(value) for value in values} - inside
    short, word = (inside, "in") if len(inside) <= len(outside) else (outside, "not in")
    return Split(name, f"{name} {word} ({', '.join(sorted(short))})", yes, gain)


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

"""Finding the exchangeable core of a mixed group: a campaign that hides among honest users.

Members of one hand have means that differ by sampling error only, hence crowd round one centre;
honest members stray from it by their own subject and manner. Density seeds, then alternate between
the centre and its members (a trimmed Gaussian fit; random starts get stuck, measured).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.evidence import Core, likely
from distillgate.campaign.exchangeability import Spread, Sums
from distillgate.campaign.jobs import Job

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


_FIRST_BAR = -3.0
"""Log-odds of belonging that do in the first round, when the centre is one account's mean."""
_CERTAIN = 0.985
"""A core is never surer than this of a principal it knows nothing of."""


_SEEDS = 12
"""Seeds up to which a round's work counts as going over the principals once."""
_HEAVIEST = 8.0
"""Median principals' texts that one principal counts as, at most."""

_BLOCK = 64
"""Principals multiplied at once. So small a product no BLAS divides over threads, which take tens
of milliseconds to meet where other processes are busy (measured)."""


class Search(NamedTuple):
    """How a core is looked for."""

    seeds: int
    rounds: int
    min_units: int
    first_share: float
    blocks: tuple[Spread, Spread]
    """How subject and manner are distributed."""
    crowded: float = 0.5
    """Share of the principals, those of the most texts, among which seeds are chosen."""


class Table(NamedTuple):
    """Sums of each examined principal: `texts` (principals,), the others (principals, features)."""

    texts: Array
    topic: Array
    style: Array
    style_squares: Array
    clock: Array

    def take(self, chosen: NDArray[Any]) -> "Table":
        """Return the rows of some of the principals, by their places or by a mask."""
        return Table(*(column[chosen] for column in self))

    def even(self) -> "Table":
        """Return it with no principal counted as more than a few.

        It is asked what they have in common; a heavy one would only find itself.
        """
        weight = np.minimum(1.0, _HEAVIEST * np.median(self.texts) / self.texts)
        return Table(self.texts * weight, *(column * weight[:, None] for column in self[1:]))

    def topic_sums(self) -> Sums:
        """Return the sums of the topic block; its vectors have length one."""
        return Sums(self.texts, self.topic, _unit_squares(self.texts, self.topic, 1.0))

    def style_sums(self) -> Sums:
        """Return the sums of the style block."""
        return Sums(self.texts, self.style, self.style_squares.sum(axis=0))

    def clock_sums(self) -> Sums:
        """Return the sums of the clock block; its vectors are two pairs of length one."""
        return Sums(self.texts, self.clock, _unit_squares(self.texts, self.clock, 2.0))


def _unit_squares(texts: Array, total: Array, length: float) -> Array:
    # Only the sum over features is used of a pooled block; it is known without being kept.
    return np.full(total.shape[1], length * texts.sum() / total.shape[1])


def centre(table: Table, share: float, blocks: tuple[Spread, Spread]) -> Core:
    """Describe a set of principals as one core."""
    table = table.even()
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
        share=min(_CERTAIN, max(1.0 - _CERTAIN, share)),
        topic_block=blocks[0],
        style_block=blocks[1],
    )


def densest(table: Table, search: Search) -> Job[Core | None]:
    """Find the core round the densest centre; None where there is no crowd."""
    found = yield from cores(table, search)
    return found[0][0] if found else None


def cores(table: Table, search: Search) -> Job[list[tuple[Core, Array]]]:
    """Find the cores that the seeds come to, the likeliest first, each with the log-odds that the
    principals belong (`evidence.log_odds`); some may be nearly the same.
    """
    whole = centre(table, search.first_share, search.blocks)
    seeds = _seeds(table.texts, search)
    principals = _principals(table)
    centres = _Centres(
        principals.topic[seeds],
        principals.style[seeds],
        np.full(len(seeds), whole.topic_within),
        np.tile(whole.style_within, (len(seeds), 1)),
        np.full(len(seeds), whole.share),
    )
    # A seed's own mean is uncertain too: the others' distances from it are larger.
    own, every = table.texts[seeds], table.texts[:, None]
    texts, bar = every * own / (every + own), _FIRST_BAR
    for _ in range(search.rounds):
        yield len(table.texts) * max(1, search.seeds // _SEEDS)
        odds = _odds(principals, texts, centres, search)
        near, share = _near(odds, bar, search.min_units)
        if not len(share):
            return []
        centres = _centres(principals, near, share)
        texts, bar = every, 0.0
    odds = _odds(principals, every, centres, search)
    likely = np.logaddexp(0.0, odds).sum(axis=0) + len(odds) * np.log1p(-centres.share)
    found = zip(*centres, odds.T, strict=True)
    made = [
        (Core(topic, style, float(topic_within), style_within, float(share), *search.blocks), each)
        for topic, style, topic_within, style_within, share, each in found
    ]
    return [made[at] for at in np.argsort(-likely, kind="stable")]


def _seeds(texts: Array, search: Search) -> NDArray[np.intp]:
    """Return the principals whose means centres begin with.

    They are evenly spread over the roots of what each sent: so twenty heavy accounts among six
    hundred begin two or three and not one, and those that sent little still some.
    """
    among = max(search.seeds, int(len(texts) * search.crowded))
    order = np.argsort(-texts, kind="stable")[:among]
    sent = np.cumsum(np.sqrt(texts[order]))
    at = np.searchsorted(sent, np.linspace(sent[0], sent[-1], search.seeds), "right") - 1
    return np.unique(order[at])


class _Principals(NamedTuple):
    """What every round asks of the principals, computed once; (principals, features) each."""

    topic: Array
    """Means."""
    topic_length: Array
    """Their squared lengths (principals, 1)."""
    style: Array
    style_squares: Array
    """Squares of the means."""
    sums: Array
    """What a core is the sums of: texts, those times `topic_length`, topic, style, and the scatter
    of style within principals."""


class _Centres(NamedTuple):
    """Cores being refined, a row each: a round is matrix products, not a pass a core."""

    topic: Array
    style: Array
    topic_within: Array
    style_within: Array
    share: Array


def _principals(table: Table) -> _Principals:
    texts = table.texts[:, None]
    topic, style = table.topic / texts, table.style / texts
    length, squares = (topic * topic).sum(axis=1, keepdims=True), style * style
    scatter = table.style_squares - squares * texts
    sums = np.hstack((texts, texts * length, table.topic, table.style, scatter))
    return _Principals(topic, length, style, squares, sums)


def _odds(principals: _Principals, texts: Array, centres: _Centres, search: Search) -> Array:
    """Return `evidence.log_odds` of every principal and centre (principals, centres).

    `texts` (principals, 1), or (principals, centres) where a principal's count differs by centre. A
    distance is expanded to |a|^2 - 2 ab + |b|^2.
    """
    subject = (
        _apart(principals.topic, principals.topic_length, centres.topic) / centres.topic_within
    )
    narrow = 1.0 / (centres.style_within * principals.style.shape[1])
    shift = centres.style * narrow
    manner = _each(principals.style_squares, narrow) - 2 * _each(principals.style, shift)
    manner += (centres.style * shift).sum(axis=1)
    odds = np.log(centres.share) - np.log1p(-centres.share)
    odds = odds + likely(texts * subject, texts, search.blocks[0])
    return odds + likely(texts * manner, texts, search.blocks[1])


def _apart(means: Array, lengths: Array, centres: Array) -> Array:
    """Return the squared distance of every principal from every centre."""
    return np.asarray(lengths - 2 * _each(means, centres) + (centres * centres).sum(axis=1))


def _near(odds: Array, bar: float, min_units: int) -> tuple[Array, Array]:
    """Return which principals are near which centres (centres, principals), and each centre's
    share.

    Centres that too few are near to are left out.
    """
    near = odds > bar
    crowded = near.sum(axis=0) >= min_units
    likely = 1.0 / (1.0 + np.exp(-np.clip(odds[:, crowded], -30, 30)))
    return near[:, crowded].T.astype(np.float64), likely.mean(axis=0)


def _centres(principals: _Principals, near: Array, share: Array) -> _Centres:
    """Describe sets of principals (centres, principals) as `centre` does one."""
    style = principals.style.shape[1]
    sums = np.zeros((len(near), principals.sums.shape[1]))
    for at in range(0, len(principals.sums), _BLOCK):
        sums += near[:, at : at + _BLOCK] @ principals.sums[at : at + _BLOCK]
    texts, between = sums[:, :1], sums[:, 1]
    freedom = np.maximum(1.0, texts - near.sum(axis=1, keepdims=True))
    return _Centres(
        topic=sums[:, 2 : -2 * style] / texts,
        style=sums[:, -2 * style : -style] / texts,
        topic_within=np.maximum(1e-3, (texts[:, 0] - between) / freedom[:, 0]),
        style_within=np.maximum(1e-4, sums[:, -style:] / freedom),
        share=np.clip(share, 1.0 - _CERTAIN, _CERTAIN),
    )


def _each(rows: Array, centres: Array) -> Array:
    """Multiply every principal with every centre: (principals, features), (centres, features)."""
    across = centres.T
    return np.vstack([rows[at : at + _BLOCK] @ across for at in range(0, len(rows), _BLOCK)])

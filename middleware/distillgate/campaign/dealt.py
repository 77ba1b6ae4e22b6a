"""Telling items that somebody dealt several times from those that people drew by themselves.

Whoever draws from a set, however large and however popular some of it is, sends an item or not: of
how many principals sent one, a mixture of binomials remains. Whoever deals, for eight answers to
each prompt, stops at eight. So items that come back eight times and hardly ever nine are told from
any popularity whatsoever. What is dealt is fitted to one half of the items and judged on the other,
against the best of all popularities: an e-value (universal inference, Wasserman, Ramdas and
Balakrishnan 2020).
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.jobs import Job

Array = NDArray[np.float64]

DEALT = 5.0
"""Evidence from which items were dealt: honest groups came to 0 at the most."""
SENDERS = 24
"""Principals of one item that are told apart; more count as so many."""
_HALF = 7
"""Bit of an item's hash that says of what half it is."""
_LEAST = 8
"""Items in a half, at least."""
_COPIES = range(2, 17)
"""How often an item may be dealt..."""
_DONE = np.array([0.3, 0.6, 0.8, 0.9, 0.97, 1.0])
"""...and the share of it that was sent by now, and carried what the principals share."""
_FEW, _FEW_MORE, _MANY_MORE = 64, 1.2, 2.5
"""Principals that might have sent an item: steps from one number to the next, where they are few
and where they are many..."""
_MOST = 400
"""...and from which more make no difference."""
_MEANS, _CLOSE = (0.02, 2.5 * SENDERS), 0.5
"""Senders of the rarest and the most popular item; deviations from one popularity to the next."""
_PRIOR, _NEVER = 0.05, 1e-12
"""Weight of what was not seen in one half; probability of what cannot be."""
_FITTED, _LIKELIEST = 60, 200
"""Steps to the fit, and to the likeliest popularity."""
_STEPS = 30
"""Steps from one pause to the next..."""
_WORK = 128
"""...which are as much work as so many principals."""


def dealt(items: Sequence[tuple[int, Sequence[int]]]) -> Job[float]:
    """Return the evidence (nats) that items were dealt so often, by the principals that sent each.

    An item is its hash, which says of what half it is, and its senders.
    """
    senders = np.array([len(some) for _, some in items], np.intp)
    halves = np.array([value >> _HALF & 1 for value, _ in items], bool)
    counts = [
        np.bincount(np.minimum(senders[half], SENDERS), minlength=SENDERS + 1)[1:].astype(float)
        for half in (halves, ~halves)
    ]
    if min(count.sum() for count in counts) < _LEAST:
        return 0.0
    yield len(items)
    drawn, any_of_them = _expected(max(_independent(items, senders), int(senders.max())))
    said = []
    for known, judged in (counts, counts[::-1]):
        fit = yield from _likeliest(any_of_them, known, _FITTED)
        fitted = (1.0 - _PRIOR) * fit + _PRIOR / len(fit)
        likely = float(judged @ np.log(fitted @ any_of_them))
        best = yield from _likeliest(drawn, judged, _LIKELIEST, enough=likely)
        expected = best @ drawn
        # What any popularity might gain on these, since the likelihood's logarithm is concave.
        short = float((drawn @ (judged / expected)).max() - judged.sum())
        said.append(likely - float(judged @ np.log(expected)) - short)
    return float(np.logaddexp(said[0], said[1])) - math.log(2.0)


def _independent(items: Sequence[tuple[int, Sequence[int]]], senders: NDArray[np.intp]) -> int:
    """Return how many principals there are that might each have sent any item, at the most.

    Those of whom some send more are fewer, and so are those who send the same ones: pupils of
    several classes, each with its own exercises. Both are told by coincidences: two items of one
    principal, and two principals with the same two items.
    """
    places: dict[int, int] = {}
    rows = [[places.setdefault(one, len(places)) for one in some] for _, some in items]
    sent = np.zeros((len(items), len(places)), np.float32)
    for row, some in zip(sent, rows, strict=True):
        row[some] = 1.0
    loads, total = sent.sum(axis=0), float(senders.sum())
    principals = total**2 / max(1.0, float(loads @ (loads - 1.0)))
    shared = (sent @ sent.T)[np.triu_indices(len(items), 1)]
    found = float((shared * (shared - 1.0)).sum()) / 2.0
    pairs = float((senders * (senders - 1)).sum())
    by_chance = (pairs / principals) ** 2 / 4.0
    together = (found + 2.0 * found**0.5 + 2.0) / max(1e-9, by_chance)
    return int(max(2, min(_MOST - 1, round(principals / max(1.0, together)))))


@lru_cache(64)
def _expected(principals: int) -> tuple[Array, Array]:
    """Return how many senders items have, from one on: of each popularity among so many principals
    or more, and of each that is drawn or dealt (cases, senders).
    """
    drawn = []
    while principals < _MOST:
        drawn += [_binomial(principals, share) for share in _shares(principals)]
        principals = math.ceil(principals * (_FEW_MORE if principals < _FEW else _MANY_MORE))
    some = [_binomial(copies, done) for copies in _COPIES for done in _DONE]
    return np.array(drawn), np.array(drawn + some)


def _shares(principals: int) -> Array:
    """Return popularities so close together that any between two is as good as either.

    In arcsines of roots the deviation of a binomial is the same all over.
    """
    least, most = (math.asin(math.sqrt(min(0.99, mean / principals))) for mean in _MEANS)
    steps = math.ceil((most - least) * 2.0 * math.sqrt(principals) / _CLOSE)
    return np.asarray(np.sin(np.linspace(least, most, steps + 1)) ** 2)


def _binomial(count: int, share: float) -> Array:
    """Return the probabilities of 1, 2, … successes, where there is one; the last is of as many or
    more.
    """
    found = np.zeros(max(count, SENDERS) + 1)
    found[count if share >= 1.0 else 0] = 1.0
    if share < 1.0:
        ways = np.arange(1, count + 1)
        odds = np.log((count + 1 - ways) / ways) + np.log(share) - np.log1p(-share)
        found[: count + 1] = np.exp(count * np.log1p(-share) + np.append(0.0, np.cumsum(odds)))
    known = np.append(found[1:SENDERS], found[SENDERS:].sum())
    return np.asarray(np.maximum(known / known.sum(), _NEVER))


def _likeliest(cases: Array, counts: Array, steps: int, *, enough: float = math.inf) -> Job[Array]:
    """Return the weights of cases under which counts are likeliest (expectation and maximisation),
    or some under which its logarithm is `enough`.
    """
    weights = np.full(len(cases), 1.0 / len(cases))
    for step in range(steps):
        expected = weights @ cases
        if step % _STEPS == 0:
            yield _WORK
            if float(counts @ np.log(expected)) >= enough:
                break
        weights = weights * (cases @ (counts / expected)) / counts.sum()
    return weights

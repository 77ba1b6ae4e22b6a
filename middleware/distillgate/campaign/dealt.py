"""Telling items that somebody dealt several times from those that people drew by themselves.

Whoever draws from a set, however large and however popular some of it is, sends an item or not: of
how many principals sent one, a mixture of binomials remains. Whoever deals, for eight answers to
each prompt, stops at eight; and long before all is sent, fewer items came back three times than
those that came back twice would have it. So what is dealt is told from any popularity whatsoever:
each block of items is foretold by what is fitted to those before it (Dawid 1984), and all of them
by the best of all popularities. The ratio is an e-value (universal inference, Wasserman, Ramdas and
Balakrishnan 2020).

Customers that each run a whole set, or its first part, stop at their number, too. So principals
that sent a large part of what came back are left out, and nothing is asked of items that each went
through a large part of all who might have sent them.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.jobs import Job

Array = NDArray[np.float64]
Places = NDArray[np.intp]

DEALT = 5.0
"""Evidence from which items were dealt: honest groups came to 0 at the most, to 4 with fewer than
128 items."""
SENDERS = 24
"""Principals of one item that are told apart; more count as so many."""
_ORDERS = 4
"""Orders in which items are foretold: one lost 10 nats in one of four lists."""
_FIRST, _PART = 32, 8
"""Items of the first block, an eighth of all where that is more; each other one has as many as all
before it. What is fitted to fewer foretells badly what is mixed: dealt items among private ones."""
_AMONG = 4.0
"""Principals that might have sent an item, to each that did on average, from which it is asked
whether items were dealt. Customers that each run a stretch of a set, a shard or sections of it came
to 0.7 to 3.1, and to evidence of up to 500 nats; lists that were dealt to 2 at first and to 10 to
150 once a fifth of them was sent. Who sent more than one in so many items is left out: among 100
customers that each stop somewhere the others came to 125 nats, and one account that asked for the
whole list hid it from 300."""
_FULL = 0.03
"""Share of items that SENDERS or more sent from which nobody is left out: of a crowd's items of
which just so many are known, the others' part is as if somebody had stopped (140 nats)."""
_PAIRS = 1 << 16
"""Pairs of items of one principal that are looked at; where there are more, of fewer items."""
_SENT = 32
"""Items that somebody sent, over which it takes as long to go as over one principal."""
_COPIES = range(2, 17)
"""How often an item may be dealt..."""
_DONE = np.array([0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0])
"""...and the share of it that was sent by now, and carried what the principals share."""
_FEW, _FEW_MORE, _MANY_MORE = 64, 1.2, 2.5
"""Principals that might have sent an item: steps from one number to the next, where they are few
and where they are many..."""
_MOST = 400
"""...and from which more make no difference."""
_MEANS, _CLOSE = (0.02, 2.5 * SENDERS), 0.5
"""Senders of the rarest and the most popular item; deviations from one popularity to the next."""
_NEVER = 1e-12
"""Probability of what cannot be. Of what was not seen so far it is one item's of all so far."""
_FITTED, _LIKELIEST = 60, 200
"""Steps to the fit, and to the likeliest popularity."""
_STEPS = 30
"""Steps from one pause to the next..."""
_WORK = 128
"""...which are as much work as so many principals."""


def dealt(items: Sequence[tuple[int, Sequence[int]]]) -> Job[float]:
    """Return the evidence (nats) that items were dealt so often, by the principals that sent each.

    An item is its hash and its senders. Which items are foretold by which others is chance, and
    moves the answer by 5 nats to either side; the mean of several such e-values is one.
    """
    counts, principals = yield from _asked(items)
    if not principals:
        return 0.0
    cases = _expected(max(principals, int(counts.max())))
    said = []
    for order in range(_ORDERS):
        mixed = np.random.default_rng(order).permutation(counts)
        said.append((yield from _foretold(mixed, *cases)))
    return float(np.logaddexp.reduce(said)) - math.log(_ORDERS)


def _foretold(counts: Places, drawn: Array, any_of_them: Array) -> Job[float]:
    """Return the evidence that items were dealt, each block of them foretold by those before it."""
    likely, first = 0.0, max(_FIRST, len(counts) // _PART)
    end = first
    while end < len(counts):
        fit = yield from _likeliest(any_of_them, _tally(counts[:end]), _FITTED)
        fitted = ((1.0 - 1.0 / end) * fit + 1.0 / end / len(fit)) @ any_of_them
        likely += float(_tally(counts[end : 2 * end]) @ np.log(fitted))
        end *= 2
    judged = _tally(counts[first:])
    best = yield from _likeliest(drawn, judged, _LIKELIEST, enough=likely)
    expected = best @ drawn
    # What any popularity might gain on these, since the likelihood's logarithm is concave.
    short = float((drawn @ (judged / expected)).max() - judged.sum())
    return likely - float(judged @ np.log(expected)) - short


def _asked(items: Sequence[tuple[int, Sequence[int]]]) -> Job[tuple[Places, int]]:
    """Return how many principals sent each item, and how many there are at least; 0 where it is not
    asked whether items were dealt.
    """
    counts = np.empty(0, np.intp)
    if len(items) <= _FIRST:
        return counts, 0
    senders = [some for _, some in sorted(items)]
    principals = np.array([one for some in senders for one in some], np.uint64)
    what = np.repeat(np.arange(len(items)), [len(some) for some in senders])
    yield len(items)
    full = float((np.bincount(what) >= SENDERS).mean())
    who = np.unique(principals, return_inverse=True)[1]
    who, what = yield from _without_runs(who, what)
    if len(who) < len(principals) and full > _FULL:
        return counts, 0
    what, counts = np.unique(what, return_inverse=True, return_counts=True)[1:]
    counts = np.minimum(SENDERS, counts)
    if len(counts) <= _FIRST:
        return counts, 0
    yield len(items)
    least, most = _independent(who, what)
    yield len(items)
    return counts, least if most >= _AMONG * float(counts.mean()) else 0


def _tally(counts: Places) -> Array:
    """Return how many items one principal sent, how many two, and so on."""
    return np.bincount(counts, minlength=SENDERS + 1)[1:].astype(float)


def _without_runs(who: Places, what: Places) -> Job[tuple[Places, Places]]:
    """Return who sent what, without those who sent a large part of what came back.

    What comes back without them is less, so that some of the others sent a large part of that.
    """
    while True:
        yield len(who) // _SENT
        back = np.bincount(what) > 1
        loads = np.bincount(who[back[what]], minlength=int(who.max(initial=0)) + 1)
        stay = (loads * _AMONG <= max(_FIRST, back.sum()))[who]
        if stay.all():
            return who, what
        who, what = who[stay], what[stay]


def _independent(who: Places, what: Places) -> tuple[int, float]:
    """Return how many principals might each have sent any item: the fewest and the most there are.

    Those of whom some send more are fewer, and so are those who send the same ones: pupils of
    several classes, each with its own exercises. Both are told by coincidences: two items of one
    principal, and two principals with the same two items.
    """
    senders, loads, total = np.bincount(what), np.bincount(who), float(len(who))
    both = float(loads @ (loads - 1))
    if both > 2 * _PAIRS and len(senders) > _FIRST:
        half = what < len(senders) // 2
        return _independent(who[half], what[half])
    principals = total**2 / max(1.0, both)
    shared = _shared(who, what, loads)
    found = float(shared @ (shared - 1)) / 2.0
    pairs = float(senders @ (senders - 1))
    by_chance = (pairs / principals) ** 2 / 4.0
    error, by_chance = 2.0 * found**0.5, max(1e-9, by_chance)
    least = principals / max(1.0, (found + error + 2.0) / by_chance)
    most = principals / max(1.0, (found - error) / by_chance)
    return int(max(2, min(_MOST - 1, round(least)))), most


def _shared(who: Places, what: Places, loads: Places) -> Places:
    """Return how many principals sent both of two items, of all pairs that somebody did."""
    order = np.argsort(who, kind="stable")
    items, places = what[order], np.arange(len(who))
    later = np.repeat(np.cumsum(loads), loads) - places - 1
    one = np.repeat(places, later)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(later) - later, later)
    return np.unique(items[one] * len(who) + items[other], return_counts=True)[1]


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

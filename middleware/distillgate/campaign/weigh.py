"""Weighing accounts that one half of their texts chose by the other: are they one hand's?

Under "each is an independent user" the answer is an e-value: its expectation is at most one,
however the choice was made, so that evidence of E nats is met by chance once in e^E looks (Vovk &
Wang 2021; Grünwald, de Heide & Koolen 2024). So it stays however much of each principal is bet on
being the hand's, as long as only the half that chose says how much.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.evidence import likely
from distillgate.campaign.exchangeability import Spread
from distillgate.campaign.hand import Array, Hand, Means, by_block, deviations
from distillgate.native import passes

_SCALES = (1.0, 0.5, 0.3, 0.2, 0.12)
"""How near each other independent users may lie, in shares of that: the least favourable counts."""
SEARCHED = Spread(30.0, 0.12), Spread(6.0, 0.8)
"""How principals that do not belong lie about a core, in subject and in manner, where only one half
is known: dimensions that count, and variance of their means over that within."""
_BETS = np.array([
    (0.0, 0.85), (0.0, 2.0), (0.0, 3.0), (0.0, 3.9), (0.5, -2.0), (0.5, 0.0), (0.5, 2.0),
])  # fmt: skip
"""Bets on a principal being the hand's: what its log-odds by the half that chose count for, and
what is added. The first four are one share for all; where six of ten in a core were strangers, the
others found 35 to 57 nats instead of 20 to 45, and for sorted lists, whose accounts lie apart, one
share found 194 and they 177."""
_UNLIKELIEST, _SUREST = -30.0, 0.98
"""Least log-odds, and most share, that is bet on one principal."""
CLIP = -3.0, 1.5
"""Nats that one feature may say: no feature decides alone."""
_ROUNDS = 20
_MOST = -10.0, 5.0
"""Nats that one principal may say."""
WEIGHING = 8
"""Times that weighing goes over the principals (`campaign.jobs`)."""
_ROWS = 96
"""Principals weighed at once in Python: what is between two steps stays in the cache."""


class Told(NamedTuple):
    """What some of the features tell."""

    nats: float
    """Evidence that principals are one hand's: the log of an e-value."""
    of_a_dealer: float
    """What it would come to if all were dealt to."""

    @property
    def reached(self) -> float:
        """Return the one over the other."""
        return self.nats / max(1.0, self.of_a_dealer)

    def or_else(self, other: "Told") -> "Told":
        """Return the most that either tells, against the least that a dealer's would."""
        return Told(max(self.nats, other.nats), min(self.of_a_dealer, other.of_a_dealer))


class Said(NamedTuple):
    """What principals' judged halves say, by the halves that they were chosen by."""

    weights: Array
    """What each says, where independent users lie as far from each other as was measured."""
    all: Told
    """By all features, or by manner alone."""
    manner: Told
    subject: Told

    @property
    def of_any(self) -> float:
        """Return the evidence with that of subject alone: the mean of three e-values.

        A persona of each account's, or a trick that some accounts play, differs in manner only.
        """
        two = self.all.nats + math.log(2.0)
        return float(np.logaddexp(two, self.subject.nats)) - math.log(3.0)


def weigh(hand: Hand, chosen: Means, judged: Means) -> Said:
    """Return all that is asked of principals' halves: it rests on the same logarithms.

    The evidence is the mean of two: of all features, and of manner alone, since a list that was
    sorted by subject before it was dealt differs in that. Of each, the least over how near
    independent users may lie of a mixture over what is bet on which principals.
    """
    weighed, bets = [*_weighed(hand, chosen, judged)], _bets(hand, chosen)
    parts = zip(*(weights.said for weights in weighed), strict=True)
    whole, manner, subject = (min(_mixed(one, bets) for one in part) for part in parts)
    parts = zip(*(weights.dealt for weights in weighed), strict=True)
    of_all, of_manner, of_subject = (min(float(one.sum()) for one in part) for part in parts)
    return Said(
        weighed[0].said[0],
        Told(float(np.logaddexp(whole, manner)) - math.log(2.0), of_all),
        Told(manner - math.log(2.0), of_manner),
        Told(subject, of_subject),
    )


class _Weights(NamedTuple):
    """What each principal says by all features, by manner and by subject: "this hand's" against
    "its own, as it was chosen", in nats.
    """

    said: tuple[Array, Array, Array]
    dealt: tuple[Array, Array, Array]
    """If its text were dealt to it: its means differ by chance alone.

    The order of a list and strangers among them take some of it away. Front-ends and gateways, of
    which each forwards many people, are nearly as alike as a dealer's accounts: alike enough for
    some evidence, and for far less than their many texts would have to bring.
    """


def _weighed(hand: Hand, chosen: Means, judged: Means) -> Iterator[_Weights]:
    """Weigh principals by how near each other independent users may lie, the farthest first.

    An independent principal's mean lies, as far as the chosen half tells, between that and the
    centre: no likeness by which it was chosen counts for it again.
    """
    each_of = chosen.texts[:, 0] + 1j * judged.texts[:, 0]  # few differ, of 8 and of 9 texts
    texts, which = np.unique(each_of, return_inverse=True)
    drawn, error = texts.real[:, None], hand.within / texts.imag[:, None]
    shift = (judged.means - hand.centre) ** 2 / error[which]
    means = np.ascontiguousarray(chosen.means), np.ascontiguousarray(judged.means), shift
    for scale in _SCALES:
        between = hand.between * scale
        known = drawn * between / hand.within  # over what the centre tells
        least = 1.0 + known
        apart = between / least + error  # of an independent principal's mean
        gain = np.log(apart / error)
        stray = error + (known / least) ** 2 * hand.within / drawn
        dealt = 0.5 * (gain - 1.0 + stray / apart)
        said = np.empty((2, len(which)))
        chance = np.stack((known, least, apart, gain))
        _weigh_rows(said, means, hand.centre, which, chance, hand.places, CLIP)
        whole, manner = 0.5 * said
        subject_, manner_ = dealt[:, : hand.places], dealt[:, hand.places :]
        yield _Weights(
            (_bounded(whole), _bounded(manner), _bounded(whole - manner)),
            (_at_most(dealt)[which], _at_most(manner_)[which], _at_most(subject_)[which]),
        )


def _bounded(weights: Array) -> Array:
    return np.asarray(np.clip(weights, *_MOST))


def _at_most(features: Array) -> Array:
    return np.asarray(np.minimum(_MOST[1], 0.5 * features.sum(axis=1)))


def sum_rows(
    said: Array,
    means: tuple[Array, Array, Array],
    centre: Array,
    which: NDArray[np.intp],
    chance: Array,
    places: int,
    clip: tuple[float, float],
) -> None:
    """Write the nats of each principal's features: the sum of all, then of those of manner.

    `means` are the chosen half's, the judged half's, and how far those are from the centre, over
    chance. `which` says of each principal which row is its of what chance makes of so many texts.
    """
    known, over, apart, gain = chance
    for at in range(0, len(which), _ROWS):
        some = slice(at, at + _ROWS)
        chosen, judged, shift = (half[some] for half in means)
        of = which[some]
        each = chosen * known[of]
        each += centre
        each /= over[of]  # where it would lie on its own
        np.subtract(judged, each, out=each)
        each *= each
        each /= apart[of]
        each += gain[of] - shift
        each *= 0.5
        np.clip(each, *clip, out=each)
        each.sum(axis=1, out=said[0, some])
        each[:, places:].sum(axis=1, out=said[1, some])


_weigh_rows = sum_rows if passes is None else passes.weigh_rows
"""The same, by the compiled pass where there is one."""


def members(weights: Array) -> tuple[float, NDArray[np.bool_]]:
    """Return the share of principals with such weights that belongs to a hand, and which those
    are: the likeliest share, found by expectation and maximisation.
    """
    share, ratio = _SUREST, np.exp(weights)
    for _ in range(_ROUNDS):
        surely = share * ratio / (1.0 - share + share * ratio)
        share = min(_SUREST, float(surely.mean()))
    return share, surely > 0.5


def _bets(hand: Hand, chosen: Means) -> Array:
    """Return how much is bet on each principal being the hand's (principals, bets)."""
    subject, manner = by_block(hand, deviations(chosen, hand.centre, hand.within))
    texts = chosen.texts[:, 0]
    odds = likely(subject, texts, SEARCHED[0]) + likely(manner, texts, SEARCHED[1])
    counted, added = _BETS.T
    bets = 1.0 / (1.0 + np.exp(-np.maximum(_UNLIKELIEST, counted * odds[:, None] + added)))
    return np.asarray(np.minimum(_SUREST, bets))


def _mixed(weights: Array, bets: Array) -> float:
    said = np.log1p(bets * (np.exp(weights)[:, None] - 1.0)).sum(axis=0)
    most = float(said.max())
    return most + math.log(float(np.exp(said - most).mean()))

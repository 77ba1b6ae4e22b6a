"""Whether accounts that one half of their texts chose are one hand's, by the other half.

A core of accounts that was *chosen* by how alike it is proves nothing by being alike. So each
account's draws are dealt to two halves; the core is chosen by one half (`campaign.split`), and
whether it is one hand's is asked of the other. Under "each is an independent user" the answer is
an e-value: its expectation is at most one, however the choice was made, so that evidence of E nats
is met by chance once in e^E looks (Vovk & Wang 2021; Grünwald, de Heide & Koolen 2024).
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.native import passes
from distillgate.priors import Measured, section
from distillgate.records import FrozenRecord

Array = NDArray[np.float64]


class HandWeights(Measured, frozen=True):
    """Variance of an independent account's mean over the variance within an account."""

    subject: float
    """In each place of a subject."""
    manner: list[float]
    """In each feature of manner."""


_WEIGHTS = section("hand", HandWeights)
_SUBJECT, _MANNER = _WEIGHTS.subject, np.array(_WEIGHTS.manner)
_SCALES = (1.0, 0.5, 0.3, 0.2, 0.12)
"""How near each other independent users may lie, in shares of that: the least favourable counts."""
_PURITY = np.array([0.7, 0.8, 0.9, 0.95, 0.98])
"""Shares of a core that may be the hand's."""
LEAST = 40.0
"""Nats that the first core must reach to be one hand's; the logarithm of how many were judged is
added. Honest sets that were chosen by one half came to 8, chosen by all texts to 29."""
_SHARES = 0.02, 0.25
"""Least and most share of all accounts that may be one hand's."""
SURE = 20.0
"""Evidence from which principals that share a key are one hand's: honest ones came to 13, but for
companies that do not declare themselves..."""
REPORTED_SURE = 2.5
"""...and where others told of what they share; then half of what a dealer's accounts would come to
is asked, too (`campaign.keyed`), which says more: an honest crowd came to 9.7, a third of that."""
CLIP = -3.0, 1.5
"""Nats that one feature may say: no feature decides alone."""
SHORT = 0.25
"""Share of the evidence that accounts of one dealer would come to which they must reach. Campaigns
that share a key came to 0.75 to 1.2, one of sorted dialogues to 0.34; company gateways to 0.4 with
four texts each, and to 0.03 to 0.10 with eighty. Half would lose the dialogues, and a tenth of the
bare lists, and spares few gateways more: they are taken for one hand while they have few texts."""
_ROUNDS = 20
_MOST = -10.0, 5.0
"""Nats that one principal may say."""
WEIGHING = 8
"""Times that weighing goes over the principals (`campaign.jobs`)."""
_ROWS = 96
"""Principals weighed at once in Python: what is between two steps stays in the cache."""


class Means(NamedTuple):
    """What is compared of principals: texts (principals, 1), and means (principals, features)."""

    texts: Array
    means: Array

    def take(self, chosen: NDArray[Any] | slice) -> "Means":
        """Return some of the principals, by their places or by a mask."""
        return Means(self.texts[chosen], self.means[chosen])


class Hand(FrozenRecord, frozen=True):
    """Where one hand's texts lie: features of subject, then of manner."""

    centre: Array
    within: Array
    """Variance of one text about its account's mean."""

    @property
    def places(self) -> int:
        """Features of subject."""
        return len(self.centre) - len(_MANNER)

    @property
    def between(self) -> Array:
        """Variance of independent accounts' means."""
        return np.concatenate((np.full(self.places, _SUBJECT), _MANNER)) * self.within


class Said(NamedTuple):
    """What principals' judged halves say, by the halves that they were chosen by."""

    nats: float
    """Evidence that they are one hand's: the log of an e-value."""
    of_a_dealer: float
    """What it would come to if all were dealt to."""
    weights: Array
    """What each says, where independent users lie as far from each other as was measured."""
    manner: float
    """What manner alone says of it..."""
    manner_of_a_dealer: float
    """...and what that would come to."""


def weigh(hand: Hand, chosen: Means, judged: Means) -> Said:
    """Return all that is asked of principals' halves: it rests on the same logarithms.

    The evidence is the mean of two: of all features, and of manner alone, since a list that was
    sorted by subject before it was dealt differs in that. Of each, the least over how near
    independent users may lie of a mixture over how many principals belong.
    """
    weighed = [*_weighed(hand, chosen, judged)]
    everything = min(_mixed(weights.everything) for weights in weighed)
    alone = min(_mixed(weights.manner) for weights in weighed)
    return Said(
        float(np.logaddexp(everything, alone)) - math.log(2.0),
        min(float(weights.dealt.sum()) for weights in weighed),
        weighed[0].everything,
        alone - math.log(2.0),
        min(float(weights.dealt_manner.sum()) for weights in weighed),
    )


class _Weights(NamedTuple):
    """What each principal says: "this hand's" against "its own, as it was chosen", in nats."""

    everything: Array
    """By all features."""
    manner: Array
    dealt: Array
    """If its text were dealt to it: its means differ by chance alone.

    The order of a list and strangers among them take some of it away. Front-ends and gateways, of
    which each forwards many people, are nearly as alike as a dealer's accounts: alike enough for
    some evidence, and for far less than their many texts would have to bring.
    """
    dealt_manner: Array


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
        everything, manner = np.clip(0.5 * said, *_MOST)
        yield _Weights(
            everything,
            manner,
            np.minimum(_MOST[1], 0.5 * dealt.sum(axis=1))[which],
            np.minimum(_MOST[1], 0.5 * dealt[:, hand.places :].sum(axis=1))[which],
        )


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
    share, likely = _PURITY[-1], np.exp(weights)
    for _ in range(_ROUNDS):
        surely = share * likely / (1.0 - share + share * likely)
        share = min(_PURITY[-1], float(surely.mean()))
    return share, surely > 0.5


def _mixed(weights: Array) -> float:
    likely = np.exp(weights)[:, None]
    said = np.log1p(_PURITY * (likely - 1.0)).sum(axis=0)
    most = float(said.max())
    return most + math.log(float(np.exp(said - most).mean()))


class OneHand(FrozenRecord, frozen=True):
    """What the texts of a core say by themselves."""

    hand: Hand
    nats: float
    """Evidence that it is one hand's."""
    asked: float
    """Evidence that was to be reached, after so many cores that were judged."""
    accounts: int
    """Accounts that it was judged by."""
    share: float
    """Of those that were searched."""
    recurrence: float
    """Draws of the members an item."""
    spread: float = 0.0
    """Variance of its accounts' means beyond chance, over that within."""
    inside: float = 0.0
    """Accounts that seem to be its."""
    neighbours: Array = np.empty(0)
    """Where others lie who are near it: variance of their means over that within, of each in
    subject and in manner, one after the other."""
    apart: tuple[int, ...] = ()
    """Payers whose accounts lie near, but are another's."""
    texts: float = 0.0
    """Draws of an account that is its, on average."""
    reached: float = 1.0
    """Evidence of those that are its, over what a dealer's accounts would come to with as many,"""
    in_manner: float = 0.0
    """and that of their manner alone: a list sorted by subject falls short in the rest."""
    of_a_set: bool = False
    """Its items come back as those of a public set do."""

    @property
    def prior(self) -> float:
        """Share of all accounts that may belong."""
        return min(_SHARES[1], max(_SHARES[0], self.share))


class HeldOut(FrozenRecord, frozen=True):
    """What principals' draws say, judged by the half that did not say where they lie."""

    nats: float
    """Evidence that they are one hand's."""
    principals: int
    """Principals that it was judged by."""
    asked: float = SURE
    """Evidence that was to be reached."""
    share: float = 1.0
    """Of the principals, those that are the hand's: who shares a key may be a stranger."""
    of_a_dealer: float = 0.0
    """Evidence that they would come to if all were."""
    in_manner: float = 0.0
    """Evidence of their manner alone, over what it would come to."""

    @property
    def reached(self) -> float:
        """Return the evidence over what a dealer's accounts would come to, without strangers."""
        dealt = self.share * self.of_a_dealer
        return self.nats / dealt if dealt > 0 else 1.0

    @property
    def sure(self) -> bool:
        """Return whether it was reached."""
        return self.nats >= self.asked

    @property
    def lowered(self) -> bool:
        """Return whether less was asked for, since others told of what the principals share."""
        return self.asked < SURE

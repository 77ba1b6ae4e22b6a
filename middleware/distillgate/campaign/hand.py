"""Whether accounts that one half of their texts chose are one hand's, by the other half.

A core of accounts that was *chosen* by how alike it is proves nothing by being alike. So each
account's draws are dealt to two halves; the core is chosen by one half (`campaign.split`), and
whether it is one hand's is asked of the other (`campaign.weigh`).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
SHORT = 0.25
"""Share of the evidence that accounts of one dealer would come to which they must reach. Campaigns
that share a key came to 0.75 to 1.2, one of sorted dialogues to 0.34; company gateways to 0.4 with
four texts each, and to 0.03 to 0.10 with eighty. Half would lose the dialogues, and a tenth of the
bare lists, and spares few gateways more: they are taken for one hand while they have few texts."""
ALIKE = 0.5
"""The same of a hand that is new, by both halves on average (`campaign.split`): in all features, in
manner or in subject. Campaigns' came to 0.5 to 1.6, two of lists that drift to 0.44 and 0.47. Some
300 of 12,000 honest accounts, through which many people ask or which ask for much (front-ends,
resellers, agencies), came to 0.44 at most, with nine texts each, and to 0.3 with fifteen."""
ACCOUNTS = 30
"""Accounts that a hand must have: fewer are a team."""


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


def deviations(means: Means, centre: Array, within: Array) -> Array:
    """Return the squared deviations of principals' means from a centre, over those that chance
    makes where a text varies by `within` (principals, features).
    """
    return np.asarray((means.means - centre) ** 2 / within * means.texts)


def by_block(hand: Hand, each: Array) -> Array:
    """Return what deviations come to on average, in subject and in manner (2, ...)."""
    parts = each[..., : hand.places], each[..., hand.places :]
    return np.array([np.add.reduce(part, axis=-1) / part.shape[-1] for part in parts])


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
    """Variance of its accounts' means in each place of subject beyond chance, over that within: a
    list that is sorted by subject makes them differ."""
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
    in_subject: float = 0.0
    """Evidence of subject alone, over what it would come to: what is wrapped round a list by
    account falls short in the rest."""
    personas: Array = np.zeros(len(_MANNER))
    """As `spread`, in each feature of manner: each may wrap its items in a persona of its own."""

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
    texts: float = 0.0
    """Draws of each, on average."""

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

"""Which accounts are a hand's: those that lie where its texts do, as near as chance takes them.

Honest accounts lie near a hand by themselves, the more of them the fewer texts they sent. They are
told by three things: by how many texts an account must have; by its neighbours, of whom so much is
known that they are seen to be others; and by what the accounts of one payer have in common, which
stays when chance is averaged away.
"""

import math

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.hand import CLIP, Array, Hand, Means, OneHand

CERTAIN = 7.0
"""Log-odds from which an account belongs to a hand: from 5 on, 5 of 1,459 honest principals beside
a campaign of 600 accounts did, from 7 on 3."""
_KNOWN = 6
"""Draws that an account must have to belong. Beside fourteen campaigns of 300 accounts, honest
accounts that were certain with 4 or 5 draws were more than all others together."""
_STRAYS = 1.5
"""Squared deviations from the centre, over those of chance and on average over the features, up to
which an account may be dealt to, where the hand's accounts differ by nothing else. Those of pure
hands came to 1.25 (93 %) and to 1.5 (99 %), those of honest accounts with such log-odds and a dozen
draws to 1.2 to 8.0."""
_CHANCE = np.array([0.2, 0.5])
"""Standard deviation of that, by chance, in subject and in manner (of 64 and 16 features that are
not independent of each other)."""
_NEIGHBOURS = 64
"""Accounts that lie nearest to a hand without being its, which are known of it."""
_SURELY = 2.0
"""Log-odds from which an account is more likely the hand's than a neighbour of few texts."""
_SPREAD = 0.02
"""Variance of the means, over that within, that a hand's accounts may have beyond chance: from here
on no hand is found by its texts."""
_APART = 0.02
"""Variance over that within, by which accounts of one payer that each might belong may together
lie off the centre. Companies came to 0.04 to 0.11, a campaign's payers to 0.003."""
_NEAR = 2.5
"""Deviations up to which an account might belong, for this question."""
_HEAVIEST = 8.0
"""Median accounts' texts that one account counts as, at most, among those of its payer."""


def strayed(hand: Hand, means: Means) -> Array:
    """Return how far principals lie from the centre: squared deviations over those of chance, on
    average over the features.
    """
    return np.asarray(_deviations(hand, means).mean(axis=-1))


def spread(hand: Hand, means: Means) -> float:
    """Return the variance of principals' means beyond chance, over that within: what a list that
    was dealt in some order makes of a hand's accounts.

    By the quarter that lies closest: the rest may be no accounts of the hand's.
    """
    beyond = (strayed(hand, means) - 1.0) / means.texts[:, 0]
    return min(_SPREAD, max(0.0, float(np.quantile(beyond, 0.25))))


def belongs(found: OneHand, means: Means) -> Array:
    """Return the log-odds that principals are a hand's, by all texts.

    Who lies near the centre, but further off than chance and the hand's own spread take an account
    that is dealt to, is near it on its own: the more texts, the less near.
    """
    outside = (_beyond(found, means) > _STRAYS) | (_surely(found, means) < _SURELY)
    return np.where(outside | (means.texts[..., 0] < _KNOWN), -math.inf, _odds(found, means))


def neighbours(found: OneHand, means: Means) -> tuple[float, Array]:
    """Return how many of all principals seem a hand's, and where the nearest others lie.

    That is the variance of their means over that within, in subject and in manner, of one after the
    other.

    Who has sent much shows that it lies near the hand and yet off its centre. There are more like
    it of whom less is known: they would have passed for the hand's accounts with as few texts.
    """
    known = means.take(means.texts[:, 0] >= _KNOWN)
    outside = _beyond(found, known) > _STRAYS
    inside = float((~outside & (_odds(found, known) >= CERTAIN)).sum())
    off = np.maximum(0.0, (_strays(found.hand, known) - 1.0) / known.texts)[outside]
    nearest = np.argsort(off @ _CHANCE**-2.0, kind="stable")[:_NEIGHBOURS]
    return inside, off[nearest].ravel()


def _surely(found: OneHand, means: Means) -> Array:
    """Return the log-odds that principals are a hand's and not its neighbours'."""
    if not len(found.neighbours):
        return np.full(means.texts.shape[:-1], math.inf)
    beyond = np.maximum(0.0, _strays(found.hand, means) - 1.0)[..., None, :]
    shift = means.texts[..., None] * found.neighbours.reshape(-1, 2)
    spread = _CHANCE * np.sqrt(1.0 + 2.0 * shift)
    theirs = -0.5 * ((beyond - shift) / spread) ** 2 - np.log(spread)
    own = -0.5 * (beyond[..., 0, :] / _CHANCE) ** 2 - np.log(_CHANCE)
    others = np.logaddexp.reduce(theirs.sum(axis=-1), axis=-1)
    return np.asarray(math.log(max(1.0, found.inside)) + own.sum(axis=-1) - others)


def _strays(hand: Hand, means: Means) -> Array:
    """Return `strayed`, in subject and in manner (…, 2)."""
    each = _deviations(hand, means)
    subject, manner = each[..., : hand.places], each[..., hand.places :]
    return np.stack((subject.mean(axis=-1), manner.mean(axis=-1)), axis=-1)


def _deviations(hand: Hand, means: Means) -> Array:
    return np.asarray((means.means - hand.centre) ** 2 / hand.within * means.texts)


def _beyond(found: OneHand, means: Means) -> Array:
    return strayed(found.hand, means) - 2.0 * found.spread * means.texts[..., 0]


def _odds(found: OneHand, means: Means) -> Array:
    hand = found.hand
    error = hand.within / means.texts
    own = hand.between + error
    shift = (means.means - hand.centre) ** 2
    each = 0.5 * (np.log(own / error) - shift * (1.0 / error - 1.0 / own))
    prior = math.log(found.prior) - math.log1p(-found.prior)
    return np.asarray(prior + 0.5 * np.maximum(CLIP[0], each).sum(axis=-1))


def apart(found: OneHand, payers: NDArray[np.uint32], means: Means) -> tuple[int, ...]:
    """Return the payers whose accounts lie apart from a hand: each near enough, but all together
    off its centre, since they are another's.

    The keys of a company are each too few texts to be told from the hand; what they have in common
    stays when chance is averaged away.
    """
    near = (payers > 0) & (strayed(found.hand, means) <= _NEAR)
    if not near.any():
        return ()
    payers, means = payers[near], means.take(near)
    weights = np.minimum(means.texts, _HEAVIEST * np.median(means.texts))
    known, places, accounts = np.unique(payers, return_inverse=True, return_counts=True)
    texts = np.zeros((len(known), 1))
    sums = np.zeros((len(known), means.means.shape[1]))
    np.add.at(texts, places, weights)
    np.add.at(sums, places, weights * means.means)
    together = Means(texts, sums / texts)
    beyond = strayed(found.hand, together)
    off = (beyond > _STRAYS) & (beyond - 1.0 > (_APART + 2.0 * found.spread) * texts[:, 0])
    return tuple(known[off & (accounts > 1)].tolist())


def membership(found: OneHand, payer: int, texts: float, topic: Array, style: Array) -> float:
    """Return the log-odds that an account with these sums over its texts belongs to a hand."""
    if texts < _KNOWN or payer in found.apart:
        return -math.inf
    means = np.concatenate((topic, style)) / texts
    return float(belongs(found, Means(np.array([texts]), means)))


def reach(odds: float) -> float:
    """Return how far a hand's evidence reaches an account with such log-odds of belonging."""
    return min(1.0, max(0.0, odds - (CERTAIN - 1.0)))

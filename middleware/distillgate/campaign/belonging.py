"""Which accounts are a hand's: those that lie where its texts do, as near as chance takes them.

Honest accounts lie near a hand by themselves, the more of them the fewer texts they sent. They are
told by three things: by how many texts an account must have; by its neighbours, of whom so much is
known that they are seen to be others; and by what the accounts of one payer have in common, which
stays when chance is averaged away.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from distillgate.campaign.hand import Array, Hand, Means, OneHand, by_block, deviations
from distillgate.campaign.weigh import CLIP
from distillgate.native import passes

CERTAIN = 7.0
"""Log-odds from which an account belongs to a hand: from 5 on, 5 of 1,459 honest principals beside
a campaign of 600 accounts did, from 7 on 3."""
_KNOWN = 6
"""Draws that an account must have to belong. Beside fourteen campaigns of 300 accounts, honest
accounts that were certain with 4 or 5 draws were more than all others together."""
_STRAYS = 1.5
"""Squared deviations from the centre, over those of a hand's accounts and on average over the
features, up to which an account may be dealt to. Those of pure
hands came to 1.25 (93 %) and to 1.5 (99 %), those of honest accounts with such log-odds and a dozen
draws to 1.2 to 8.0."""
_CHANCE = np.array([0.2, 0.5])
"""Standard deviation of that, by chance, in subject and in manner (of 64 and 16 features that are
not independent of each other)."""
_LOG_CHANCE = np.log(_CHANCE)
_NEIGHBOURS = 64
"""Accounts that lie nearest to a hand without being its, which are known of it."""
_SURELY = 2.0
"""Log-odds from which an account is more likely the hand's than a neighbour of few texts."""
_SPREAD = 0.02
"""Variance of a hand's accounts' means in subject, over that within, at the most: lists that were
sorted by half came to 0.017. Of a small ring's core seven in ten were strangers, among whom it came
to 0.048, and 11 honest accounts belonged."""
_MEDIAN, _MEDIAN_ERROR = 0.455, 4.6
"""Median squared deviation by chance, and two standard errors of that of one account, over it."""
_APART = 0.02
"""Variance over that within, by which accounts of one payer that each might belong may together
lie off the centre. Companies came to 0.04 to 0.11, a campaign's payers to 0.003."""
_NEAR = 2.5
"""Deviations up to which an account might belong, for this question."""
TEAM, _TEAMS = 5, 0.1
"""Accounts of one payer, or one network, that are a team's, and share of a hand's that may be
teams'. Beside two campaigns with a card an account 25 of 48 honest accounts in the hand were of two
agencies."""
_HEAVIEST = 8.0
"""Median accounts' texts that one account counts as, at most, among those of its payer."""


class _Chance(NamedTuple):
    """What chance makes of accounts with so many texts near a hand, wherever they lie."""

    within: Array
    """Variance of a text about the centre, as the mean of so many of a hand's account has it."""
    shift: Array
    """How far its neighbours lie off the centre beyond its own accounts (of subject and of manner,
    ...)..."""
    spread: Array
    """...the standard deviation of that, and its logarithm."""
    log_spread: Array
    gain: Array
    """The log-odds of a mean at the centre, in each feature..."""
    weight: Array
    """...and what its squared distance from there takes of them."""

    @classmethod
    def of(cls, found: OneHand, texts: Array) -> "_Chance":
        """Compute it for accounts of so many texts (..., 1)."""
        within = _within(found, texts)
        near = np.moveaxis(texts[..., None] * found.neighbours.reshape(-1, 2), -1, 0)
        own = _of_both(np.array([found.spread, found.personas.mean()]), near) * texts
        shift = np.maximum(0.0, near - own) / (1.0 + own)
        spread = _of_both(_CHANCE, shift) * np.sqrt(1.0 + 2.0 * shift)
        error, between = within / texts, found.hand.between
        apart = found.hand.within / texts + between
        gain, weight = 0.5 * np.log(apart / error), 0.5 * (1.0 / error - 1.0 / apart)
        return cls(within, shift, spread, np.log(spread), gain, weight)


def differences(hand: Hand, means: Means, purity: float) -> tuple[float, Array]:
    """Return the variance of principals' means over that within which a hand's accounts have beyond
    chance: in each place of subject, of a list that was sorted by it, and in each feature of
    manner, of a persona of each.

    Of subject by half of them that lie closest in manner, of manner by the half that lies closest
    in subject: no more of the principals than that share, `purity`, are the hand's.
    """
    each, places = deviations(means, hand.centre, hand.within), hand.places
    subject, manner = by_block(hand, each)
    most = hand.between[places:] / hand.within[places:]
    near = manner <= np.quantile(manner, 0.5 * purity)
    spread = float((np.median(subject[near]) - 1.0) / np.median(means.texts[near]))
    near = subject <= np.quantile(subject, 0.5 * purity)
    beyond = np.median(each[near, places:], axis=0) / _MEDIAN - 1.0
    own = (beyond - _MEDIAN_ERROR * near.sum() ** -0.5) / np.median(means.texts[near])
    return min(_SPREAD, max(0.0, spread)), np.clip(own, 0.0, most)


def strayed(found: OneHand, means: Means, of: NDArray[Any] | float = 1.0) -> Array:
    """Return how far means lie from the centre: squared deviations over those of a hand's accounts,
    on average over the features.

    Each mean is `of` so many accounts, over which what a hand's differ by is averaged away, too.
    """
    within = _within(found, means.texts / of)
    return np.asarray(deviations(means, found.hand.centre, within).mean(axis=-1))


def belongs(found: OneHand, means: Means) -> Array:
    """Return the log-odds that principals are a hand's, by all texts.

    Who lies near the centre, but further off than chance and the hand's own differences take an
    account that is dealt to, is near it on its own: the more texts, the less near.
    """
    odds = np.full(len(means.texts), -math.inf)
    near = (strayed(found, means) <= _STRAYS) & (means.texts[:, 0] >= _KNOWN)
    means = means.take(near)  # few, and comparing each with all neighbours takes ten times the rest
    chance = _Chance.of(found, means.texts)
    each = deviations(means, found.hand.centre, chance.within)
    theirs = _surely(found, chance, by_block(found.hand, each)) < _SURELY
    odds[near] = np.where(theirs, -math.inf, _odds(found, chance, means.means))
    return odds


def neighbours(found: OneHand, means: Means) -> tuple[float, Array]:
    """Return how many of all principals seem a hand's, and where the nearest others lie.

    That is the variance of their means over that within, in subject and in manner, of one after the
    other.

    Who has sent much shows that it lies near the hand and yet off its centre. There are more like
    it of whom less is known: they would have passed for the hand's accounts with as few texts.
    """
    known = means.take(means.texts[:, 0] >= _KNOWN)
    outside = strayed(found, known) > _STRAYS
    near = known.take(~outside)
    odds = _odds(found, _Chance.of(found, near.texts), near.means)
    inside = float((odds >= CERTAIN).sum())
    each = deviations(known, found.hand.centre, found.hand.within)
    both = np.moveaxis(by_block(found.hand, each), 0, -1)
    off = np.maximum(0.0, (both - 1.0) / known.texts)[outside]
    nearest = np.argsort(off @ _CHANCE**-2.0, kind="stable")[:_NEIGHBOURS]
    return inside, off[nearest].ravel()


def _surely(found: OneHand, chance: _Chance, strays: Array) -> Array:
    """Return the log-odds that principals that stray so (2, ...) are a hand's and not its
    neighbours'.
    """
    beyond = np.maximum(0.0, strays - 1.0)
    own = -0.5 * (beyond / _of_both(_CHANCE, beyond)) ** 2 - _of_both(_LOG_CHANCE, beyond)
    off = (beyond[..., None] - chance.shift) / chance.spread
    theirs = -0.5 * off**2 - chance.log_spread
    others = np.logaddexp.reduce(theirs[0] + theirs[1], axis=-1)
    return np.asarray(math.log(max(1.0, found.inside)) + (own[0] + own[1]) - others)


def _of_both(values: Array, like: Array) -> Array:
    """Return values of subject and of manner, to be computed with an array that has both first."""
    return values.reshape(2, *(1,) * (like.ndim - 1))


def _within(found: OneHand, texts: Array | float) -> Array:
    """Return the variance of a text about the centre, which the mean of so many has over them."""
    hand = found.hand
    own = np.empty(len(hand.centre))
    own[: hand.places] = found.spread
    own[hand.places :] = found.personas
    return np.asarray(hand.within * (1.0 + own * texts))


def _odds(found: OneHand, chance: _Chance, means: Array) -> Array:
    each = chance.gain - (means - found.hand.centre) ** 2 * chance.weight
    prior = math.log(found.prior) - math.log1p(-found.prior)
    return np.asarray(prior + 0.5 * np.add.reduce(np.maximum(CLIP[0], each), axis=-1))


def apart(found: OneHand, payers: NDArray[np.uint32], means: Means) -> tuple[int, ...]:
    """Return the payers whose accounts lie apart from a hand: each near enough, but all together
    off its centre, since they are another's.

    The keys of a company are each too few texts to be told from the hand; what they have in common
    stays when chance is averaged away.
    """
    near = (payers > 0) & (strayed(found, means) <= _NEAR)
    if not near.any():
        return ()
    payers, means = payers[near], means.take(near)
    weights = np.minimum(means.texts, _HEAVIEST * np.median(means.texts))
    known, places, accounts = np.unique(payers, return_inverse=True, return_counts=True)
    texts = np.zeros((len(known), 1))
    sums = np.zeros((len(known), means.means.shape[1]))
    np.add.at(texts, places, weights)
    np.add.at(sums, places, weights * means.means)
    beyond = strayed(found, Means(texts, sums / texts), accounts[:, None])
    off = (beyond > _STRAYS) & (beyond - 1.0 > _APART * texts[:, 0])
    return tuple(known[off & (accounts > 1)].tolist())


def teams(
    payers: NDArray[np.uint32], belong: NDArray[np.bool_], among: NDArray[np.bool_]
) -> tuple[int, ...]:
    """Return the payers of accounts in a hand that are a team's: of many accounts where the hand's
    others have few each, or of those `among` many of one network that are not the hand's. An
    agency, a company or an office does the like, and does not hide that it is one.

    No more than a tenth of a hand's accounts are let go so: else it pays for many each itself, or
    works from where others do.
    """
    known, places, accounts = np.unique(payers, return_inverse=True, return_counts=True)
    pays = belong & ((known > 0) & (accounts >= TEAM))[places]
    works = belong & among & (payers > 0)
    for of_team in (pays | works, works, pays):
        if of_team.sum() <= _TEAMS * belong.sum():
            return tuple(np.unique(payers[of_team]).tolist())
    return ()


def membership(found: OneHand, payer: int, texts: float, sums: Array) -> float:
    """Return the log-odds that an account with these sums over its texts belongs to a hand.

    `belongs`, to the bit, of one account: most lie too far off for the rest to be asked.
    """
    if texts < _KNOWN or payer in found.apart:
        return -math.inf
    hand, within = found.hand, _within(found, texts)
    places, features = hand.places, len(hand.centre)
    subject, manner, both = _stray_sums(sums, texts, hand.centre, within, places)
    if both / features > _STRAYS:
        return -math.inf
    chance = _chance(found, texts)
    strays = np.array([subject / places, manner / (features - places)])
    if _surely(found, chance, strays) < _SURELY:
        return -math.inf
    return float(_odds(found, chance, sums[:features] / texts))


def sum_strays(
    sums: Array, texts: float, centre: Array, within: Array, places: int
) -> tuple[float, float, float]:
    """Return how far one principal's mean over so many texts lies from a centre: the squared
    deviations over those of chance, added up over the subject, over manner, and over both.
    """
    each = (sums[: len(centre)] / texts - centre) ** 2 / within * texts
    parts = each[:places], each[places:], each
    subject, manner, both = (float(np.add.reduce(part)) for part in parts)
    return subject, manner, both


_stray_sums = sum_strays if passes is None else passes.stray_sums
"""The same, by the compiled pass where there is one."""


def _chance(found: OneHand, texts: float) -> _Chance:
    """Return the latest that was computed: many accounts are judged against few hands."""
    known = _LATEST.get((id(found), texts))
    if known is None or known[0] is not found:
        if len(_LATEST) >= _KEPT:
            _LATEST.clear()
        known = _LATEST[id(found), texts] = found, _Chance.of(found, np.array([texts]))
    return known[1]


_KEPT = 256
"""Of how many hands' evidence, with how many texts each, that is kept: 4 KB each at most."""
_LATEST: dict[tuple[int, float], tuple[OneHand, _Chance]] = {}
"""By whose evidence, and how many texts. It is of no use to anybody else: another's evidence is
another object, and this one is not to be changed."""


def reach(odds: float) -> float:
    """Return how far a hand's evidence reaches an account with such log-odds of belonging."""
    return min(1.0, max(0.0, odds - (CERTAIN - 1.0)))

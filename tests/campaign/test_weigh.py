import math

import numpy as np
import pytest
from numpy.typing import NDArray

from distillgate.campaign.hand import SHORT, Hand, Means
from distillgate.campaign.weigh import weigh

Array = NDArray[np.float64]
FEATURES = 80
HAND = Hand(np.zeros(FEATURES), np.ones(FEATURES))
MANNER = np.arange(FEATURES) >= 64


def halves(
    principals: int, texts: int, between: float | Array, rng: np.random.Generator
) -> tuple[Means, Means]:
    """Principals whose own means vary by this much, in units of the variance within."""
    own = rng.normal(0, 1, (principals, FEATURES)) * np.sqrt(between)
    count = rng.poisson(texts, (2, principals, 1)) + 2.0
    one, other = (Means(n, own + rng.normal(0, 1, own.shape) / np.sqrt(n)) for n in count)
    return one, other


@pytest.mark.parametrize("nearness", [1.0, 0.3, 0.12])
def test_independent_accounts_pass_for_one_hand_no_more_often_than_an_e_value_may(
    nearness: float,
) -> None:
    rng = np.random.default_rng(1)
    worlds = 2000

    said = np.array([
        weigh(HAND, *halves(int(rng.integers(12, 40)), 4, HAND.between * nearness, rng)).of_any
        for _ in range(worlds)
    ])  # fmt: skip

    for nats in (0.5, 1.0, 2.0, 4.0):
        assert (said >= nats).mean() <= math.exp(-nats) + 3 / math.sqrt(worlds)
    assert np.exp(said).mean() <= 1


def test_choosing_those_that_are_alike_by_one_half_earns_nothing_by_the_other() -> None:
    rng = np.random.default_rng(2)
    said = []
    for _ in range(200):
        chosen, judged = halves(3000, 4, HAND.between * 0.2, rng)
        apart = (chosen.means**2 * chosen.texts).mean(axis=1)
        nearest = apart < np.quantile(apart, 0.02)
        near, far = chosen.take(nearest), judged.take(nearest)
        assert apart[nearest].mean() < 0.7 * apart.mean(), "chosen for being alike"
        said.append(weigh(HAND, near, far).of_any)

    assert max(said) < 0


@pytest.mark.parametrize("principals", [40, 100, 300])
def test_dealt_accounts_convict_themselves_the_more_the_more_they_are(principals: int) -> None:
    rng = np.random.default_rng(principals)

    said = weigh(HAND, *halves(principals, 4, 0.0, rng)).all.nats

    assert 0.5 * principals < said < 5 * principals


def test_a_list_that_was_sorted_by_subject_is_told_by_its_manner() -> None:
    rng = np.random.default_rng(3)
    by_subject = np.where(MANNER, 0.0, 0.3)
    people = np.where(MANNER, 0.3, 0.3)

    assert weigh(HAND, *halves(300, 5, by_subject, rng)).all.nats > 40
    assert weigh(HAND, *halves(300, 5, people, rng)).all.nats < 0


def test_a_persona_of_each_account_hides_nothing_of_what_its_subject_says() -> None:
    rng = np.random.default_rng(11)
    dealt = weigh(HAND, *halves(150, 8, np.where(MANNER, 0.3, 0.0), rng))
    people = weigh(HAND, *halves(150, 8, np.where(MANNER, 0.3, 0.1), rng))

    assert dealt.all.nats < 0
    assert dealt.of_any > 40
    assert people.of_any < 0


def test_a_few_independent_accounts_in_the_core_do_not_acquit_it() -> None:
    rng = np.random.default_rng(4)
    dealt, people = halves(90, 5, 0.0, rng), halves(10, 5, HAND.between, rng)

    mixed = [
        Means(np.vstack((a.texts, b.texts)), np.vstack((a.means, b.means)))
        for a, b in zip(dealt, people, strict=True)
    ]

    assert weigh(HAND, mixed[0], mixed[1]).all.nats > 40


def test_strangers_of_whom_the_half_that_chose_is_unsure_hardly_acquit() -> None:
    rng = np.random.default_rng(14)
    dealt, people = halves(40, 20, 0.0, rng), halves(2000, 20, 0.25 * HAND.between, rng)
    apart = (people[0].means ** 2 * people[0].texts).mean(axis=1)
    nearest = apart <= np.sort(apart)[59]
    near = [
        Means(np.vstack((a.texts, b.texts[nearest])), np.vstack((a.means, b.means[nearest])))
        for a, b in zip(dealt, people, strict=True)
    ]

    alone = weigh(HAND, *dealt).of_any
    amid = weigh(HAND, near[0], near[1]).of_any

    assert amid > 0.5 * alone


def test_accounts_that_are_nearly_alike_fall_short_of_what_their_many_texts_would_bring() -> None:
    rng = np.random.default_rng(10)
    dealt, few = halves(100, 40, 0.0, rng), halves(100, 4, 0.0, rng)
    gateways = halves(100, 40, 0.02 * HAND.between, rng)

    for one in (dealt, few):
        assert weigh(HAND, *one).all.nats > 0.5 * weigh(HAND, *one).all.of_a_dealer
    assert 20 < weigh(HAND, *gateways).all.nats < SHORT * weigh(HAND, *gateways).all.of_a_dealer


def test_what_a_principal_says_is_the_same_whoever_is_weighed_with_it() -> None:
    rng = np.random.default_rng(8)
    hand = Hand(rng.normal(0, 0.1, 80), rng.uniform(0.5, 2.0, 80))
    texts = rng.integers(2, 12, (150, 1)).astype(float)
    halves = [Means(some, rng.normal(0, 0.4, (150, 80))) for some in (texts, texts + 1)]

    together = weigh(hand, *halves).weights
    alone = [weigh(hand, *(half.take(slice(at, at + 1)) for half in halves)) for at in range(150)]

    assert together.tolist() == [said.weights[0] for said in alone]

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.exchangeability import (
    Intraclass,
    Sums,
    balanced,
    intraclass,
    likelihood_ratio,
)

Array = NDArray[np.float64]
SETTINGS = ExamineSettings()
BLOCKS = pytest.mark.parametrize("pooled", [True, False])


def texts(principals: int, each: int, between: float, seed: int, features: int = 16) -> Array:
    """Vectors of (principal, text, feature); principals differ by `between` where texts differ by
    one."""
    rng = np.random.default_rng(seed)
    own = rng.normal(0.0, between, (principals, 1, features)) if between else 0.0
    return rng.normal(0.0, 1.0, (principals, each, features)) + own


def summed(vectors: Array) -> Sums:
    principals, each, _ = vectors.shape
    return Sums(
        np.full(principals, float(each)), vectors.sum(axis=1), (vectors**2).sum(axis=(0, 1))
    )


def measured(vectors: Array, *, pooled: bool) -> Intraclass:
    found = intraclass(summed(vectors), vectors.shape[2], pooled=pooled)
    assert found is not None
    return found


@BLOCKS
def test_a_pool_dealt_at_random_has_no_correlation(pooled: bool) -> None:
    found = [measured(texts(40, 5, 0.0, seed), pooled=pooled) for seed in range(40)]

    scores = [one.rho / one.error for one in found]
    assert abs(float(np.mean(scores))) < 4 / math.sqrt(len(scores))
    assert 0.6 < float(np.std(scores)) < 1.4
    assert {(one.principals, one.texts) for one in found} == {(40, 200)}


@BLOCKS
@pytest.mark.parametrize("between", [0.3, 0.6, 1.0])
def test_units_that_differ_show_their_share_of_the_variation(pooled: bool, between: float) -> None:
    found = measured(texts(400, 6, between, 3), pooled=pooled)

    assert found.rho == pytest.approx(between**2 / (1 + between**2), rel=0.15)


@BLOCKS
def test_dealing_the_same_texts_out_again_takes_the_difference_away(pooled: bool) -> None:
    owned = texts(50, 6, 0.8, 5)
    pool = np.random.default_rng(6).permutation(owned.reshape(300, -1)).reshape(owned.shape)

    of_people, of_dealer = measured(owned, pooled=pooled), measured(pool, pooled=pooled)

    assert of_people.rho > 10 * of_people.error
    assert abs(of_dealer.rho) < 4 * of_dealer.error


@BLOCKS
@given(st.integers(0, 1000), st.floats(-50, 50))
def test_no_constant_moves_it(pooled: bool, seed: int, constant: float) -> None:
    vectors = texts(20, 4, 0.5, seed)

    before, after = (measured(v, pooled=pooled) for v in (vectors, vectors + constant))

    assert after.rho == pytest.approx(before.rho, abs=1e-6)


@BLOCKS
@given(st.integers(0, 1000))
def test_neither_the_order_of_units_nor_a_scale_moves_it(pooled: bool, seed: int) -> None:
    vectors = texts(20, 4, 0.5, seed)
    order = np.random.default_rng(seed).permutation(20)

    expected = measured(vectors, pooled=pooled).rho

    assert measured(vectors[order], pooled=pooled).rho == pytest.approx(expected, abs=1e-9)
    assert measured(vectors * 7.0, pooled=pooled).rho == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("counts", [[], [5.0], [1.0, 1.0, 1.0], [1.0]])
def test_where_nothing_can_be_compared_there_is_no_answer(counts: list[float]) -> None:
    principals = len(counts)
    sums = Sums(np.array(counts), np.ones((principals, 4)), np.ones(4))

    assert intraclass(sums, 4, pooled=True) is None
    assert intraclass(sums, 4, pooled=False) is None


@BLOCKS
def test_texts_that_are_all_the_same_are_no_evidence(pooled: bool) -> None:
    assert intraclass(summed(np.ones((10, 3, 4))), 4, pooled=pooled) is None


@given(
    st.lists(st.integers(1, 30), min_size=2, max_size=40).filter(lambda n: max(n) > 1),
    st.integers(0, 1000),
)
def test_units_of_any_size_give_finite_answers(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = [rng.normal(0, 1, (size, 8)) for size in sizes]
    sums = Sums(
        np.array(sizes, np.float64),
        np.array([one.sum(axis=0) for one in vectors]),
        np.asarray(sum((one**2).sum(axis=0) for one in vectors)),
    )

    for pooled in (True, False):
        found = intraclass(sums, 8, pooled=pooled)
        assert found is not None
        assert math.isfinite(found.rho)
        assert found.rho <= 1
        assert found.error > 0


@pytest.mark.parametrize("name", ["topic", "style"])
def test_one_hand_is_favoured_at_zero_and_people_at_their_median(name: str) -> None:
    block = getattr(SETTINGS, name)

    dealt = likelihood_ratio(Intraclass(0.0, 0.005, 60, 400), block)
    people = likelihood_ratio(Intraclass(block.honest_median, 0.005, 60, 400), block)

    assert dealt > 1.0
    assert people < -3.0


@pytest.mark.parametrize("name", ["topic", "style"])
@given(
    rho=st.floats(-1.0, 1.0),
    error=st.floats(1e-6, 1.0),
)
def test_a_ratio_stays_within_its_bounds(name: str, rho: float, error: float) -> None:
    block = getattr(SETTINGS, name)

    assert block.floor <= likelihood_ratio(Intraclass(rho, error, 12, 99), block) <= block.ceiling


@pytest.mark.parametrize("name", ["topic", "style"])
def test_more_difference_never_speaks_more_for_one_hand(name: str) -> None:
    block = getattr(SETTINGS, name)

    found = [
        likelihood_ratio(Intraclass(float(rho), 0.01, 60, 400), block)
        for rho in np.linspace(0.0, 0.9, 91)
    ]

    assert found == sorted(found, reverse=True)


def test_little_data_says_little() -> None:
    block = SETTINGS.topic

    vague = likelihood_ratio(Intraclass(0.0, 0.5, 12, 24), block)
    exact = likelihood_ratio(Intraclass(0.0, 0.005, 600, 9000), block)

    assert abs(vague) < 0.5 < exact


@pytest.mark.parametrize("name", ["topic", "style"])
@pytest.mark.parametrize("error", [0.005, 0.03])
def test_people_reach_a_ratio_of_t_at_most_once_in_exp_t(name: str, error: float) -> None:
    block = getattr(SETTINGS, name)
    rng = np.random.default_rng(11)
    rho = block.honest_median * np.exp(block.honest_spread * rng.normal(0, 1, 6000))
    seen = rho + rng.normal(0, error, 6000)

    found = np.array([likelihood_ratio(Intraclass(float(r), error, 60, 400), block) for r in seen])

    for t in (0.5, 1.0, 2.0, 3.0):
        rate = math.exp(-t)
        assert float((found >= t).mean()) <= rate + 3 * math.sqrt(rate / 6000) + 0.003


@pytest.mark.parametrize("name", ["topic", "style"])
def test_people_who_own_their_texts_are_never_taken_for_one_hand(name: str) -> None:
    block = getattr(SETTINGS, name)
    for seed in range(50):
        found = measured(texts(30, 6, 0.6, seed), pooled=name == "topic")
        assert likelihood_ratio(found, block) < 0


def test_more_alike_than_chance_deals_is_told_from_a_deal() -> None:
    block = ExamineSettings().topic
    dealt = Intraclass(rho=-0.002, error=0.009, principals=43, texts=210)
    alike = Intraclass(rho=-0.042, error=0.009, principals=43, texts=210)

    assert likelihood_ratio(dealt, block) > 0
    assert not balanced(dealt, block)
    assert balanced(alike, block)


def test_units_that_each_repeat_one_thing_of_their_own_differ_by_all_there_is() -> None:
    own = np.random.default_rng(1).normal(0, 1, (20, 4))
    sums = Sums(np.full(20, 5.0), 5 * own, 5 * (own**2).sum(axis=0))

    found = intraclass(sums, 4, pooled=True)

    assert found is not None
    assert found.rho > 0.99


@pytest.mark.parametrize("rho", [0.2, 0.3, 0.51, 0.513, 0.8])
def test_a_rho_that_is_known_exactly_is_no_less_an_independent_users(rho: float) -> None:
    """However many texts there are: the density of honest rhos has no holes between its points."""
    block = ExamineSettings().clock
    vague, exact = (Intraclass(rho, error, 13, 2000) for error in (0.02, 0.0005))

    assert likelihood_ratio(exact, block) < 1.0
    assert likelihood_ratio(exact, block) == pytest.approx(likelihood_ratio(vague, block), abs=1.0)

import numpy as np
import pytest

from distillgate.campaign.dispersion import Loads, loads

LEAST = 4


def counted(counts: object) -> Loads:
    drawn = np.asarray(counts, np.float64)
    found = loads(drawn[drawn >= LEAST], LEAST)
    assert found is not None
    return found


@pytest.mark.parametrize("mean", [3, 6, 15, 60])
def test_a_balancers_counts_vary_as_chance_has_it_wherever_they_are_cut_off(mean: int) -> None:
    found = counted(np.random.default_rng(mean).poisson(mean, 4000))

    assert found.dispersion == pytest.approx(1.0, abs=5 * found.error)


@pytest.mark.parametrize("median", [3, 6, 15])
def test_peoples_counts_are_heavy_tailed(median: int) -> None:
    dice = np.random.default_rng(median)
    found = counted(np.round(median * dice.lognormal(0.0, 0.9, 2000)))

    assert found.dispersion > 3


def test_a_quota_is_more_even_than_chance() -> None:
    found = counted([15, 15, 16, 14] * 50)

    assert found.dispersion < 0.1
    assert found.mean == 15


def test_counts_that_are_all_the_least_are_not_uneven() -> None:
    assert counted([LEAST] * 40).dispersion < 1.5


def test_the_error_shrinks_with_units() -> None:
    assert counted([5, 7] * 100).error < counted([5, 7] * 10).error


def test_one_account_has_no_spread() -> None:
    assert loads(np.array([9.0]), LEAST) is None


def test_large_counts_are_no_overflow() -> None:
    assert np.isfinite(counted([5000, 5100, 4900, 5050]).dispersion)

import numpy as np
import pytest
from numpy.typing import NDArray

from distillgate.campaign.core import Table
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.jobs import complete
from distillgate.campaign.split import MIN_UNITS, search

Array = NDArray[np.float64]
BASE = ExamineSettings().search
TOPIC, STYLE = 64, 16


def half(own: Array, texts: int, rng: np.random.Generator) -> Table:
    """Draws of accounts with these means, subject before manner."""
    draws = own[:, None, :] + rng.normal(0, 1, (len(own), texts, TOPIC + STYLE))
    topics, styles = np.split(draws, [TOPIC], axis=2)
    topics /= np.linalg.norm(topics, axis=2, keepdims=True)
    texts_of = np.full(len(own), float(texts))
    squares = (styles**2).sum(axis=1)
    return Table(texts_of, topics.sum(axis=1), styles.sum(axis=1), squares, np.zeros((len(own), 4)))


def halves(dealt: int, people: int, seed: int, apart: float = 1.0) -> tuple[Table, Table]:
    rng = np.random.default_rng(seed)
    own = np.zeros((dealt + people, TOPIC + STYLE))
    own[dealt:, :TOPIC] = apart * 0.5 * rng.normal(0, 1, (people, TOPIC))
    own[dealt:, TOPIC:] = apart * rng.normal(0, 1, (people, STYLE))
    return half(own, 5, rng), half(own, 5, rng)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_half_chooses_the_dealt_accounts_and_the_other_convicts_them(seed: int) -> None:
    found = complete(search(halves(80, 300, seed), BASE))

    convicted = [one for one in found if one.evidence > 40]
    assert len(convicted) == 2, "once by either half"
    for one in convicted:
        assert (one.near < 80).mean() > 0.95
        assert len(one.near) > 70


@pytest.mark.parametrize("apart", [0.3, 0.4, 0.5])
def test_of_many_independent_populations_no_search_convicts_anybody(apart: float) -> None:
    searches = (search(halves(0, 150, seed, apart), BASE) for seed in range(40))
    said = [one.evidence for steps in searches for one in complete(steps)]

    assert len(said) > 40, "cores are found in any crowd"
    assert max(said) < 0


def test_a_second_hand_is_found_beside_the_first() -> None:
    rng = np.random.default_rng(5)
    own = np.zeros((400, TOPIC + STYLE))
    own[80:160] = 1.5 * rng.normal(0, 1, TOPIC + STYLE)
    own[160:] = rng.normal(0, 1, (240, TOPIC + STYLE))
    found = complete(search((half(own, 6, rng), half(own, 6, rng)), BASE))

    assert sorted({int(np.median(one.near)) // 80 for one in found if one.evidence > 40}) == [0, 1]


def test_a_hand_is_found_beside_two_crowds_that_are_larger() -> None:
    rng = np.random.default_rng(6)
    own = np.zeros((600, TOPIC + STYLE))
    own[60:260] = 1.5 * rng.normal(0, 1, TOPIC + STYLE)
    own[260:460] = 1.5 * rng.normal(0, 1, TOPIC + STYLE)
    own[460:] = rng.normal(0, 1, (140, TOPIC + STYLE))
    found = complete(search((half(own, 6, rng), half(own, 6, rng)), BASE))

    hands = [one for one in found if one.evidence > 40 and np.median(one.near) < 60]
    assert len(hands) == 2, "by either half"


def test_too_few_accounts_are_not_searched() -> None:
    assert complete(search(halves(MIN_UNITS - 1, 0, 1), BASE)) == []

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from distillgate.campaign.core import Table, centre, cores, densest
from distillgate.campaign.evidence import Core, log_odds
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.jobs import run_slice

Array = NDArray[np.float64]
SETTINGS = ExamineSettings()
TOPIC, STYLE = 64, 16


def table(offsets: list[float], texts: int, seed: int) -> Table:
    """Units whose own centres lie this far (in deviations of a text) from the common one."""
    rng = np.random.default_rng(seed)
    rows = []
    for offset in offsets:
        topics = rng.normal(0, 1, (texts, TOPIC)) + offset * rng.normal(0, 1, TOPIC)
        topics /= np.linalg.norm(topics, axis=1, keepdims=True)
        styles = rng.normal(0, 1, (texts, STYLE)) + offset * rng.normal(0, 1, STYLE)
        rows.append((topics.sum(axis=0), styles.sum(axis=0), (styles**2).sum(axis=0)))
    topic, style, squares = (np.array(column) for column in zip(*rows, strict=True))
    principals = len(offsets)
    return Table(
        np.full(principals, float(texts)), topic, style, squares, np.zeros((principals, 4))
    )


def belonging(core: Core, group: Table) -> NDArray[np.bool_]:
    return np.asarray(log_odds(core, group.texts, group.topic, group.style) > 0)


def found(group: Table) -> NDArray[np.bool_] | None:
    core = run_slice(densest(group, SETTINGS.search), math.inf)
    return None if core is None else belonging(core, group)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_planted_core_is_found_in_a_mixture(seed: int, share: float) -> None:
    planted = np.zeros(100, bool)
    planted[: round(100 * share)] = True
    planted = np.random.default_rng(seed).permutation(planted)

    near = found(table([0.0 if one else 0.9 for one in planted], 50, seed))

    assert near is not None
    assert near[planted].mean() > 0.9
    assert near[~planted].mean() < 0.05


@pytest.mark.parametrize("seed", range(10))
def test_a_core_that_nobody_could_miss_is_found_from_fifteen_texts_each(seed: int) -> None:
    near = found(table([0.0] * 30 + [0.9] * 70, 15, seed))

    assert near is not None
    assert near[:30].mean() > 0.9
    assert not near[30:].any()


def test_from_ten_texts_each_a_core_is_found_without_strangers() -> None:
    # Its true centre would hold nine in ten of its members, and in some draws fewer.
    shares = []
    for seed in range(10):
        near = found(table([0.0] * 30 + [0.9] * 70, 10, seed))
        assert near is not None
        assert not near[30:].any()
        shares.append(near[:30].mean())

    assert min(shares) > 0.6
    assert np.mean(shares) > 0.8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_people_alone_crowd_round_nothing(seed: int) -> None:
    near = found(table([0.9] * 100, 10, seed))

    assert near is None or near.sum() < SETTINGS.min_units


def test_one_hand_alone_is_one_core() -> None:
    near = found(table([0.0] * 60, 10, 3))

    assert near is not None
    assert near.mean() > 0.9


def test_too_few_units_are_no_core() -> None:
    for principals in (1, 2, 3, 5):
        assert found(table([0.0] * principals, 4, principals)) is None


def test_the_order_of_units_does_not_matter_to_what_is_found() -> None:
    group = table([0.0] * 40 + [0.9] * 60, 50, 7)
    order = np.random.default_rng(1).permutation(100)

    one, other = found(group), found(group.take(order))

    assert one is not None
    assert other is not None
    assert (one[order] == other).mean() > 0.95


def test_units_of_one_text_still_have_a_centre() -> None:
    group = table([0.0] * 5, 1, 2)
    core = centre(group, 0.5, SETTINGS.spreads)

    assert core.share == 0.5
    assert core.topic_within > 0
    assert (core.style_within > 0).all()
    odds = log_odds(core, group.texts, group.topic, group.style)
    assert np.isfinite(odds).all()


def test_a_heavy_unit_does_not_vouch_for_itself() -> None:
    group = table([0.0] * 100 + [2.0], 12, 3)
    sent = np.array([1.0] * 100 + [500.0])
    heavy = Table(group.texts * sent, *(column * sent[:, None] for column in group[1:]))

    belongs = belonging(centre(heavy, 0.5, SETTINGS.spreads), group)

    assert belongs[:100].mean() > 0.8
    assert not belongs[100]


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_no_core_is_certain_of_whom_it_does_not_know(share: float) -> None:
    core = centre(table([0.0] * 20, 5, 2), share, SETTINGS.spreads)

    assert 0 < core.share < 1


def test_a_few_accounts_that_sent_much_are_looked_for_among_many_that_sent_little() -> None:
    search = SETTINGS.search._replace(seeds=24, crowded=1.0)
    most, many, few = table([0.9], 200, 4), table([0.9] * 580, 8, 5), table([0.0] * 20, 100, 6)
    together = Table(*(np.concatenate(columns) for columns in zip(most, many, few, strict=True)))

    found = run_slice(cores(together, search), math.inf)

    assert found is not None
    _, odds = found[0]
    assert (odds[-20:] > 0).all()
    assert (odds[:-20] > 0).mean() < 0.02

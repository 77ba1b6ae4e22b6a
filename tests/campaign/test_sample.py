import numpy as np
import pytest
from tests.remembering import moved

from distillgate.campaign.dealt import DEALT
from distillgate.campaign.jobs import complete
from distillgate.campaign.sample import Recurrence, Sample, extrapolated
from distillgate.fingerprint.sketch import TOPIC, Vector


def items(count: int, seed: int = 1) -> Vector:
    found = np.random.default_rng(seed).normal(0, 1, (count, TOPIC))
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found.astype(np.float32)


def drawn(sample: Sample, draws: list[int], rows: int, found: Vector) -> Recurrence:
    for number, item in enumerate(draws):
        sample.add(number % rows, found[item])
    return complete(sample.recurrence(np.arange(rows), float(len(draws))))


def test_a_list_that_is_dealt_once_does_not_recur() -> None:
    found = drawn(Sample(), list(range(900)), 40, items(900))

    assert found.distinct == 900
    assert found.mean == 1


@pytest.mark.parametrize("times", [2, 4])
def test_items_that_everybody_sends_are_counted_once(times: int) -> None:
    found = drawn(Sample(), list(range(200)) * times, 41, items(200))

    assert found.distinct == 200
    assert found.mean == times


def test_what_an_account_asks_again_itself_is_no_set_that_others_draw_from() -> None:
    found = drawn(Sample(), list(range(200)) * 4, 40, items(200))

    assert found.mean == 1
    assert not found.of_a_set


def test_a_few_texts_that_all_send_beside_a_list_do_not_make_it_a_public_set() -> None:
    greetings = [number % 3 for number in range(300)]
    found = drawn(Sample(), [*greetings, *range(3, 700)], 41, items(700))

    assert not found.of_a_set


def test_nearly_the_same_item_is_the_same() -> None:
    rng = np.random.default_rng(2)
    own = items(100)
    near = own + 0.02 * rng.normal(0, 1, own.shape)
    found = drawn(Sample(), list(range(200)), 20, np.vstack((own, near)).astype(np.float32))

    assert found.distinct == pytest.approx(100, abs=2)


def test_what_others_drew_does_not_count() -> None:
    sample, own = Sample(), items(400)
    for number in range(400):
        sample.add(number % 20, own[number % 2 * number])

    found = complete(sample.recurrence(np.arange(1, 20, 2), 200.0))

    assert found.distinct == 200


def test_items_of_one_large_public_set_recur_also_where_a_sample_hardly_shows_it() -> None:
    rng = np.random.default_rng(3)
    public, own = items(3000), items(3000, seed=9)
    sets = rng.integers(0, 3000, 1024).tolist(), list(range(1024))

    found = []
    for draws, of in zip(sets, (public, own), strict=True):
        sample = Sample()
        for number, item in enumerate(draws):
            sample.add(number % 40, of[item])
        found.append(complete(sample.recurrence(np.arange(40), 30_000.0)).mean)

    assert found[0] == pytest.approx(10, rel=0.3)
    assert found[1] < 1.5


@pytest.mark.parametrize(("public", "draws", "shows"), [(1300, 900, True), (9000, 900, False)])
def test_a_set_shows_by_its_size_before_its_items_come_back_often(
    public: int, draws: int, *, shows: bool
) -> None:
    found = drawn(
        Sample(), np.random.default_rng(4).integers(0, public, draws).tolist(), 40, items(public)
    )

    assert found.mean < 1.5
    assert found.of_a_set == shows


def test_a_list_of_which_some_items_come_twice_is_no_set() -> None:
    twice = [*range(900), *range(50)]

    assert not drawn(Sample(), twice, 40, items(900)).of_a_set


def test_a_list_in_any_order_is_told_whatever_came_last() -> None:
    said = []
    for seed in range(4):
        dice, sample, found = np.random.default_rng(seed), Sample(), items(1000)
        jobs = dice.permutation(np.repeat(np.arange(1000), 2))[:1000]
        for item in jobs.tolist():
            sample.add(int(dice.integers(100)), found[item])
        said.append(complete(sample.recurrence(np.arange(100), 1000.0)))

    assert not any(one.of_a_set for one in said)
    assert min(one.dealt for one in said) > 6 * DEALT


def test_copies_are_told_that_lie_far_apart_in_time() -> None:
    dice, sample, found = np.random.default_rng(5), Sample(), items(2000)
    for item in dice.permutation(np.repeat(np.arange(2000), 2))[:3000].tolist():
        sample.add(int(dice.integers(300)), found[item])

    said = complete(sample.recurrence(np.arange(300), 3000.0))

    assert said.mean > 1.15
    assert said.dealt > DEALT


def test_texts_without_words_are_like_none() -> None:
    found = drawn(Sample(), [0] * 50, 5, np.zeros((1, TOPIC), np.float32))

    assert found.distinct == 50


def test_nothing_is_extrapolated_to_fewer_draws_than_there_were() -> None:
    assert extrapolated(np.array([1, 1, 2]), 3.0)[0] == 3


def test_the_ring_keeps_the_latest_and_outlives_a_restart() -> None:
    sample, again, own = Sample(), Sample(), items(20_000)
    for number, topic in enumerate(own):
        sample.add(number // 10_000, topic)
    moved(sample.places, again.places)
    again.drawn = sample.drawn

    for one in (sample, again):
        assert complete(one.recurrence(np.array([1]), 10.0)).distinct == 1024
        assert complete(one.recurrence(np.array([7]), 10.0)).distinct == 0

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.campaign.dealt import DEALT
from distillgate.campaign.jobs import complete
from distillgate.campaign.repeats import Multiplicity, Repeats
from distillgate.records import encode


def uniform(count: int, seed: int) -> list[int]:
    found: list[int] = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64).tolist()
    return found


def by_chance(items: int, draws: int, seed: int, size: int = 192) -> Multiplicity:
    """A crowd that draws from one set: every draw a random item, every time another principal."""
    repeats, hashes = Repeats.new(size), uniform(items, seed)
    for principal, item in enumerate(
        np.random.default_rng(seed).integers(0, items, draws).tolist()
    ):
        repeats.add(hashes[item], principal)
    return complete(repeats.read())


def dealt(items: int, times: int, seed: int, size: int = 192) -> Multiplicity:
    """A work list dealt out `times` over, each time to other principals."""
    repeats, dice = Repeats.new(size), np.random.default_rng(seed)
    for value in uniform(items, seed):
        for principal in dice.choice(200, times, replace=False).tolist():
            repeats.add(value, principal)
    return complete(repeats.read())


def test_nothing_repeats_in_nothing() -> None:
    assert complete(Repeats.new(8).read()) == Multiplicity(0.0, 0.0, 0.0, 0.0)
    assert Repeats.new(8).distinct() == 0


@pytest.mark.parametrize("items", [50, 5000])
def test_a_list_dealt_once_does_not_repeat(items: int) -> None:
    found = dealt(items, 1, 1)

    assert (found.repeated, found.mean, found.dealt) == (0.0, 1.0, 0.0)


def test_one_unit_that_repeats_itself_is_no_repeat() -> None:
    repeats = Repeats.new(8)
    for _ in range(5):
        repeats.add(123, 7)

    assert complete(repeats.read()).repeated == 0
    assert complete(repeats.read()).mean == 1


def test_one_account_of_much_else_hides_no_crowd() -> None:
    repeats, dice = Repeats.new(192), np.random.default_rng(9)
    items = uniform(100, 1)
    for principal in range(60):
        for place in dice.choice(100, 12, replace=False).tolist():
            repeats.add(items[place], principal)
    for value in uniform(400, 2):
        repeats.add(value, 1000)

    found = complete(repeats.read())
    assert found.repeated < 0.3, "of all texts"
    assert found.common > 0.95, "of each account's"


def test_a_list_that_was_dealt_several_times_is_told_from_a_crowds() -> None:
    copies, crowd = dealt(600, 4, 4), by_chance(300, 900, 4)

    assert copies.mean == 4
    assert copies.dealt > DEALT > 1 > crowd.dealt
    assert crowd.repeated > 0.5


@pytest.mark.parametrize("count", [400, 20_000])
def test_the_number_of_texts_is_estimated_within_its_error(count: int) -> None:
    size, errors = 192, []
    for seed in range(20):
        repeats = Repeats.new(size)
        for principal, value in enumerate(uniform(count, seed)):
            repeats.add(value, principal)
        errors.append(repeats.distinct() / count - 1)

    stated = 1 / math.sqrt(size - 2)
    assert abs(float(np.mean(errors))) < 4 * stated / math.sqrt(20)
    assert max(map(abs, errors)) < 4 * stated


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 5)), max_size=100))
def test_below_its_size_it_counts_exactly(seen: list[tuple[int, int]]) -> None:
    repeats = Repeats.new(200)
    for value, principal in seen:
        repeats.add(value, principal)

    principals: dict[int, set[int]] = {}
    for value, principal in seen:
        principals.setdefault(value, set()).add(principal)
    found = complete(repeats.read())
    assert found.distinct == len(principals)
    if principals:
        assert found.mean == pytest.approx(sum(map(len, principals.values())) / len(principals))
        assert found.repeated == sum(len(u) > 1 for u in principals.values()) / len(principals)


def test_a_text_that_everybody_sends_stays_bounded() -> None:
    repeats = Repeats.new(8)
    for principal in range(10_000):
        repeats.add(5, principal)

    assert complete(repeats.read()).mean <= 100
    assert complete(repeats.read()).repeated == 1


@pytest.mark.parametrize("count", [5, 100, 3000])
def test_two_samples_together_are_the_sample_of_both(count: int) -> None:
    one, other, both = Repeats.new(64), Repeats.new(64), Repeats.new(64)
    for i, value in enumerate(uniform(count, 3)):
        for principal, part in ((i % 9, one), (100 + i % 7, other)):
            if (i + principal) % 3:  # some texts are one part's only
                part.add(value, principal)
                both.add(value, principal)

    one.absorb(other)

    assert one.distinct() == both.distinct()
    assert {v: set(u) for v, u in one.principals.items()} == {
        v: set(u) for v, u in both.principals.items()
    }
    assert complete(one.read()).repeated == complete(both.read()).repeated


def copied(copies: int, items: int, *, principals: int) -> Repeats:
    """A list dealt so often in any order, to accounts of a group of so many."""
    repeats, dice = Repeats.new(64), np.random.default_rng(1)
    for value in dice.permutation(np.repeat(np.array(uniform(items, 1), np.uint64), copies)):
        repeats.add(int(value), int(dice.integers(200)), principals)
    return repeats


def test_a_sample_grows_where_texts_come_back() -> None:
    grown, once = copied(2, 500, principals=200), copied(1, 1000, principals=200)

    assert (grown.values.size, grown.grows) == (512, True)
    assert grown.distinct() == 500
    assert (once.values.size, once.grows) == (64, False)


def test_it_grows_no_further_than_its_principals_have_room() -> None:
    few, many = copied(4, 3000, principals=12), copied(4, 3000, principals=5000)

    assert few.values.size == 96
    assert many.values.size == 1024
    assert abs(many.distinct() / 3000 - 1) < 4 / math.sqrt(1022)


def sent_by(copies: int) -> Repeats:
    """3,000 texts in any order, each sent by so many of 500 accounts."""
    repeats, dice = Repeats.new(192), np.random.default_rng(1)
    for value in dice.permutation(np.repeat(np.array(uniform(3000, 1), np.uint64), copies)):
        repeats.add(int(value), int(dice.integers(2**63)), 500)
    return repeats


@pytest.mark.parametrize(("copies", "least"), [(2, 1024), (8, 430), (40, 192)])
def test_a_grown_sample_takes_little_more_room_than_a_small_one(copies: int, least: int) -> None:
    sampled = sent_by(copies)

    assert sampled.values.size >= least
    assert len(encode(sampled)) < 50_000
    assert sampled.senders == sum(map(len, sampled.principals.values()))
    assert sampled.values.values == sorted(uniform(3000, 1))[: sampled.values.size]
    assert sampled.sound
    assert complete(sampled.read()).mean == min(24, copies)


@pytest.mark.parametrize("way", [1, -1])
def test_a_grown_sample_and_one_that_left_out_texts_are_one_of_both(way: int) -> None:
    grown, full = copied(2, 400, principals=200), Repeats.new(64)
    for value in uniform(5000, 9):
        full.add(value, 3)
    one, other = (grown, full)[::way]
    both = sorted({*uniform(400, 1), *uniform(5000, 9)})[:64]

    one.absorb(other)

    assert one.values.values == both
    assert one.sound
    assert not one.grows


@pytest.mark.parametrize("texts", [400, 3000])
def test_who_saw_all_of_a_few_texts_takes_a_larger_sample_over(texts: int) -> None:
    few, large = Repeats.new(64), copied(4, texts, principals=200)
    for value in uniform(30, 7):
        few.add(value, 3)
    size = large.values.size

    few.absorb(large)

    assert few.values.values == sorted({*uniform(texts, 1), *uniform(30, 7)})[:size]
    assert few.values.size == size > 256


@pytest.mark.parametrize("draws", [400, 1500, 6000])
def test_how_large_a_set_is_shows_from_the_first_items_that_come_back(draws: int) -> None:
    crowd = [by_chance(1500, draws, seed).items for seed in range(12)]
    once = [dealt(draws, 1, seed).items for seed in range(12)]

    assert 0.6 * 1500 < float(np.median(crowd)) < 1.5 * 1500
    assert max(crowd) < 6000
    assert min(once) > 50 * draws


def test_decoys_that_all_send_make_no_list_look_small() -> None:
    repeats, dice = Repeats.new(192), np.random.default_rng(7)
    common, private = uniform(30, 1), uniform(600, 2)
    for number in range(1200):
        item = private[number // 2] if number % 2 else common[int(dice.integers(30))]
        repeats.add(item, int(dice.integers(40)))

    assert complete(repeats.read()).items > 6000

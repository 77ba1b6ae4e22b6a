import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.account.distinct import Distinct


def uniform(count: int, seed: int) -> list[int]:
    found: list[int] = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64).tolist()
    return found


@given(st.lists(st.integers(0, 2**64 - 1), max_size=47))
def test_below_its_size_it_counts_exactly(values: list[int]) -> None:
    sketch = Distinct.of(48)
    for value in values + values:
        sketch = sketch.add(value)

    assert sketch.estimate() == len(set(values))
    assert sketch.values == sorted(set(values))


def test_bytes_that_are_no_sample_are_told() -> None:
    sketch = Distinct.of(2).add(7).add(9)

    assert Distinct.of(2).sound
    assert sketch.sound
    assert not Distinct(b"").sound
    assert not Distinct(sketch[:-1]).sound
    assert not Distinct(sketch + sketch[-8:]).sound, "a hash twice, and more than there may be"
    assert not Distinct(sketch[:8] + sketch[16:] + sketch[8:16]).sound, "not in their order"


@pytest.mark.parametrize("count", [100, 1000, 30_000])
def test_above_it_the_error_is_as_stated(count: int) -> None:
    size = 48
    errors = []
    for seed in range(30):
        sketch = Distinct.of(size)
        for value in uniform(count, seed):
            sketch = sketch.add(value)
        errors.append(sketch.estimate() / count - 1)

    stated = 1 / math.sqrt(size - 2)
    assert abs(float(np.mean(errors))) < 4 * stated / math.sqrt(30)
    assert float(np.std(errors)) < 1.5 * stated
    assert max(map(abs, errors)) < 5 * stated


@given(st.randoms(use_true_random=False), st.integers(60, 300))
def test_neither_order_nor_repeats_change_the_estimate(random: object, count: int) -> None:
    values = uniform(count, count)
    one, other = Distinct.of(48), Distinct.of(48)
    for value in values:
        one = one.add(value)
    again = values + values[::2]
    random.shuffle(again)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    for value in again:
        other = other.add(value)

    assert one.estimate() == other.estimate()
    assert one.values == other.values


def test_memory_is_bounded() -> None:
    sketch = Distinct.of(48)
    for value in uniform(50_000, 3):
        sketch = sketch.add(value)

    assert len(sketch.values) == 48
    assert len(sketch) == 8 * 49


@given(st.integers(0, 90), st.integers(0, 2**32), st.integers(0, 2**64 - 1))
def test_what_is_larger_than_the_largest_that_may_be_kept_has_no_place(
    count: int, seed: int, value: int
) -> None:
    sketch = Distinct.of(48)
    for one in uniform(count, seed):
        sketch = sketch.add(one)

    assert (value > sketch.largest) == (sketch.place(value) is None)

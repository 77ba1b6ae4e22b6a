from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.actions.mark.codebook import PAIRS, key_of
from distillgate.actions.mark.inspect import CAP, inspect, tail

KEY = key_of(b"secret", "g-1")


def asking(pair: int, side: int, times: int = 1) -> list[str]:
    return [f"It flows to the sea. {PAIRS[pair][side]} see more of it?"] * times


@given(st.lists(st.integers(-8, 8), max_size=9), st.integers(-40, 40))
def test_the_tail_counts_every_key(surplus: list[int], score: int) -> None:
    sizes = [size for size in surplus if size]
    scores = [
        sum(s * size for s, size in zip(signs, sizes, strict=True))
        for signs in product((1, -1), repeat=len(sizes))
    ]

    above, level, keys = tail(surplus, score)
    assert keys == len(scores)
    assert above == sum(one > score for one in scores)
    assert level == sum(one == score for one in scores)


def test_answers_in_the_keys_words_are_told_and_against_it_are_not() -> None:
    own = [text for pair in range(20) for text in asking(pair, KEY[pair], 2)]
    found = inspect(own, KEY)

    assert (found.answers, found.questions, found.counted, found.pairs) == (40, 40, 40, 20)
    assert found.score == 40
    assert found.p_value == found.ties == 2**-20
    other = [text for pair in range(20) for text in asking(pair, 1 - KEY[pair], 2)]
    assert inspect(other, KEY).p_value == 1.0


@pytest.mark.parametrize("answers", [[], ["It flows."], ["Why is that so?", "Really?"]])
def test_without_its_words_nothing_is_said(answers: list[str]) -> None:
    found = inspect(answers, KEY)

    assert (found.counted, found.pairs, found.p_value) == (0, 0, 1.0)


def test_one_habit_is_not_the_whole_evidence() -> None:
    found = inspect(asking(0, KEY[0], 500), KEY)

    assert found.score == CAP
    assert found.p_value == 0.5


def test_habits_of_a_baseline_are_taken_off() -> None:
    habits = [text for pair in range(12) for text in asking(pair, KEY[pair], 4)]

    assert inspect(habits, KEY).p_value < 0.001
    assert inspect(habits, KEY, baseline=habits * 3).p_value == 1.0
    against = [text for pair in range(12) for text in asking(pair, 1 - KEY[pair], 4)]
    assert inspect(habits, KEY, baseline=against).p_value < 0.001

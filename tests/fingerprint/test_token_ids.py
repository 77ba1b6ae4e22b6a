from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.token_ids import LEAST, spelled

IDS = st.lists(st.integers(0, 262_143), min_size=LEAST, max_size=200)


@given(IDS)
def test_each_id_is_a_word_of_its_own(ids: list[int]) -> None:
    text = spelled(ids)

    assert text is not None
    words = text.split()
    assert len(words) == len(ids)
    assert len(set(words)) == len(set(ids))
    assert all(word.isalpha() and word.islower() for word in words)


@given(IDS, IDS, IDS)
def test_the_same_ids_are_the_same_pieces_wherever_they_stand(
    before: list[int], ids: list[int], after: list[int]
) -> None:
    assert (spelled(ids) or "x") in (spelled([*before, *ids, *after]) or "")


def test_one_id_in_eight_ends_a_line() -> None:
    text = spelled(list(range(100_000)))

    assert text is not None
    assert 11_000 < text.count("\n") < 14_000


@pytest.mark.parametrize(
    "items",
    [
        [],
        list(range(LEAST - 1)),
        [0.5] * 20,
        [0, *[0.5] * 20],
        [True] * 20,
        [1, None] * 20,
        [1, "a"] * 20,
        [2**64] * 20,
    ],
)
def test_what_is_no_list_of_ids_is_no_text(items: list[Any]) -> None:
    assert spelled(items) is None


def test_whole_floats_and_truth_values_are_ids_among_ids() -> None:
    ids = list(range(20))

    assert spelled([*map(float, ids)]) == spelled(ids)
    assert spelled([False, True, *ids[2:]]) == spelled(ids)


def test_any_whole_number_has_a_word() -> None:
    assert spelled([-1, 0, 2**63 - 1, -(2**63), *range(LEAST)]) is not None

import math
from typing import Any

import pytest

from distillgate.wire.fields import WORD_LIMIT, count, flag, integer, limit, number, word


@pytest.mark.parametrize("value", [5, 5.0, "5", " 5 "])
def test_a_whole_number_is_taken_as_lax_validation_takes_it(value: Any) -> None:
    assert integer(value) == 5


@pytest.mark.parametrize(
    "value", [None, True, 5.5, "five", "", [], {}, math.nan, math.inf, 2**64, 1e300, "9" * 400]
)
def test_what_is_no_whole_number_of_64_bits_is_not_given(value: Any) -> None:
    assert integer(value) is None


@pytest.mark.parametrize(("value", "found"), [(1, 1.0), (0.5, 0.5), ("0.5", 0.5)])
def test_a_number_is_taken(value: Any, found: Any) -> None:
    assert number(value) == found


@pytest.mark.parametrize("value", [None, True, "x", [], {}, math.nan, -math.inf, "nan", 10**400])
def test_what_is_no_finite_number_is_not_given(value: Any) -> None:
    assert number(value) is None


@pytest.mark.parametrize("value", [True, 1, 1.0, "true", "True", "1", "yes", "on"])
def test_truth_is_taken_as_lax_validation_takes_it(value: Any) -> None:
    assert flag(value) is True


@pytest.mark.parametrize("value", [False, None, 0, 2, "false", "", "2", [True], {"a": 1}])
def test_anything_else_is_false(value: Any) -> None:
    assert flag(value) is False


def test_a_word_is_bounded_and_empty_is_none() -> None:
    assert word("x" * 1000) == "x" * WORD_LIMIT
    assert word("") is None
    assert word(5) is None


@pytest.mark.parametrize("value", ["5.0", "005", "+5", "5.", "0_5"])
def test_a_whole_number_in_text_is_taken_as_lax_validation_takes_it(value: str) -> None:
    assert integer(value) == 5


@pytest.mark.parametrize("value", [-1, -2, "-1", -1.0, None, "x"])
def test_a_negative_limit_is_no_limit(value: Any) -> None:
    assert limit(value) is None


@pytest.mark.parametrize(("value", "found"), [(0, 0), (7, 7), ("7", 7), (7.0, 7)])
def test_a_limit_is_taken(value: Any, found: int) -> None:
    assert limit(value) == found


@pytest.mark.parametrize(
    ("value", "found"), [(0, None), (-3, None), ("4", 4), (4.0, 4), ("128.0", 128), (1.5, None)]
)
def test_fewer_than_one_answer_is_not_given(value: Any, found: int | None) -> None:
    assert count(value) == found

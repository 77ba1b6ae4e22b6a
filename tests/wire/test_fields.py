import math
from typing import Any

import pytest

from distillgate.wire.fields import WORD_LIMIT, flag, integer, number, word


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

import pytest

from distillgate.campaign.candidates import Candidates

KEY = 7 << 32


def test_a_key_is_enough_once_enough_different_units_share_it() -> None:
    candidates = Candidates(16, min_units=3)

    assert [candidates.enough(KEY, principal) for principal in (1, 1, 2, 2, 1, 3)] == [
        False
    ] * 5 + [True]
    assert not candidates.enough(KEY, 1), "a group had it; it starts anew"


@pytest.mark.parametrize("min_units", [0, 1])
def test_one_unit_can_be_enough(min_units: int) -> None:
    assert Candidates(16, min_units).enough(KEY, 5)


def test_a_key_that_needs_the_place_takes_it() -> None:
    candidates = Candidates(16, min_units=2)
    candidates.enough(KEY, 1)
    candidates.enough(KEY + 1, 1)  # another place
    candidates.enough(8 << 32, 1)

    assert not candidates.enough(KEY, 2)
    assert candidates.enough(KEY + 1, 2)


def test_whether_a_unit_would_be_enough_is_told_without_counting_it() -> None:
    candidates = Candidates(16, min_units=3)

    for principal in (1, 1, 2, 2, 1, 3):
        would = candidates.would(KEY, principal)
        assert would is candidates.would(KEY, principal) is candidates.enough(KEY, principal)
    assert Candidates(16, 1).would(KEY, 5)

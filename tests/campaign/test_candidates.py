from distillgate.campaign.candidates import Candidates


def test_a_key_is_enough_once_enough_different_units_share_it() -> None:
    candidates = Candidates(100, min_units=3)

    assert [candidates.enough(7, unit) for unit in (1, 1, 2, 2, 1, 3)] == [False] * 5 + [True]
    assert len(candidates) == 0, "a group has it from now on"
    assert not candidates.enough(7, 1), "it starts anew"


def test_the_longest_unused_key_is_forgotten_beyond_the_bound() -> None:
    candidates = Candidates(2, min_units=2)
    for key in (7, 8, 7, 9):  # 7 was used again, 8 goes
        candidates.enough(key, 1)

    assert len(candidates) == 2
    assert candidates.enough(7, 2)
    assert candidates.enough(9, 2)
    assert not candidates.enough(8, 2)


def test_many_keys_do_not_grow_it() -> None:
    candidates = Candidates(10, min_units=2)
    for key in range(1000):
        candidates.enough(key, 1)
        assert len(candidates) <= 10

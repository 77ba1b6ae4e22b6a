from hypothesis import given
from hypothesis import strategies as st

from distillgate.account.recent import Recent


def recent(limit: int) -> Recent[int, str]:
    return Recent(limit, place=int)


def test_an_entry_is_found_until_it_is_taken_out() -> None:
    found = recent(10)
    found.put(1, "one")

    assert (found.get(1), found.get(2)) == ("one", None)
    assert len(found) == 1
    assert found.pop(1) == "one"
    assert found.pop(1) is None
    assert len(found) == 0


def test_the_longest_unused_goes_and_looking_is_no_use() -> None:
    found = recent(3)
    for key in (1, 2, 3):
        found.put(key, str(key))
    found.use(1)
    found.get(2)
    found.put(4, "4")

    assert list(found) == ["3", "1", "4"]


def test_setting_again_counts_as_use_and_takes_no_room() -> None:
    found = recent(2)
    found.put(1, "a")
    found.put(2, "b")
    found.put(1, "c")
    found.put(3, "d")

    assert list(found) == ["c", "d"]


@given(st.integers(1, 5000), st.integers(0, 6000))
def test_the_bound_holds(limit: int, entries: int) -> None:
    found = recent(limit)
    for key in range(entries):
        found.put(key, "x")

    assert len(found) <= limit
    assert len(found) >= min(entries, limit) * 0.9 - 1


def test_no_dict_grows_large() -> None:
    found = recent(200_000)
    for key in range(100_000):
        found.put(key, "x")

    assert max(len(found.shard(key)) for key in range(200)) < 2048
    assert len(found) == 100_000


def test_what_is_worth_nothing_goes_before_what_is() -> None:
    found: Recent[int, float] = Recent(10, place=int, worth=lambda worth: worth)
    for key in range(4):
        found.put(key, 1.0)
    gone = [key for number in range(100, 200) for key in found.put(number, 0.0)]

    assert all(found.get(key) for key in range(4))
    assert len(gone) == 94
    assert found.use(0) == 1.0
    assert found.pop(0) == 1.0
    assert len(found) == 9
    assert len(list(found.keys())) == 9


def test_what_lost_its_worth_gives_up_its_room() -> None:
    found: Recent[int, list[float]] = Recent(4, place=int, worth=lambda worth: worth[0])
    kept = [[1.0], [1.0]]
    for key, worth in enumerate(kept):
        found.put(key, worth)
    for number in range(100, 110):
        found.put(number, [0.0])
    kept[0][0] = 0.0

    assert found.put(200, [0.0]) == [0]

"""Each source has its share of what is told at once, and what others leave of theirs."""

from distillgate.engine.versions import Version
from distillgate.intel.shares import newest


def test_what_is_left_of_shares_is_for_those_who_tell_more() -> None:
    made = [
        Version(source, f"{number}", float(number))
        for source, count in (("b", 9), ("a", 2), ("c", 4))
        for number in range(count)
    ]
    kept, beyond = newest(made, 12)

    assert [one.source for one in kept] == ["a"] * 2 + ["c"] * 4 + ["b"] * 6
    assert [one.id for one in kept[6:]] == ["8", "7", "6", "5", "4", "3"]
    assert beyond == {"b": 3}
    assert newest([Version(f"{n}", "x", 0.0) for n in range(9)], 4)[1].total() == 5

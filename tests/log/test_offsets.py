"""What of each process was applied."""

from distillgate.log.log import Batch
from distillgate.log.offsets import Offsets


def test_numbers_that_never_came_are_counted_of_those_who_are_known() -> None:
    offsets = Offsets()
    assert offsets.missing(Batch(1, 90, [b""])) == 0, "it may have begun long before this process"
    offsets.note(1, 4)

    assert offsets.number(1) == 4
    assert offsets.number(2) == 0
    assert offsets.missing(Batch(1, 5, [b""])) == 0
    assert offsets.missing(Batch(1, 8, [b""])) == 3
    assert offsets.missing(Batch(1, 2, [b""])) == 0


def test_they_come_back_and_who_was_heard_of_longest_ago_is_forgotten() -> None:
    offsets = Offsets()
    for origin in range(1025):
        offsets.note(origin, 7)
    again = Offsets(offsets.dump())

    assert [again.number(origin) for origin in (0, 1, 1024)] == [0, 7, 7]
    assert again.dump() == offsets.dump()

"""Each origin's entries are learned once, and it is known how many were missed."""

from distillgate.fleet.seen import Seen
from distillgate.fleet.transport import Envelope


def _envelope(number: int, origin: int = 1) -> Envelope:
    return Envelope(origin, number, 0.0, b"")


def test_an_entry_counts_once() -> None:
    seen = Seen()
    assert seen.missed(_envelope(4)) == 0
    seen.note(_envelope(4))

    assert seen.missed(_envelope(4)) is None
    assert seen.missed(_envelope(3)) is None
    assert seen.missed(_envelope(5)) == 0


def test_numbers_that_are_missing_are_counted_for_each_origin() -> None:
    seen = Seen()
    seen.note(_envelope(4))
    seen.note(_envelope(9, origin=2))

    assert seen.missed(_envelope(7)) == 2
    assert seen.missed(_envelope(10, origin=2)) == 0


def test_it_is_written_and_read() -> None:
    seen, other = Seen(), Seen()
    seen.note(_envelope(3, origin=(1 << 63) - 1))
    seen.note(_envelope(8))
    other.load(seen.dump())

    assert [other.number((1 << 63) - 1), other.number(1), other.number(5)] == [3, 8, 0]


def test_origins_of_long_ago_are_forgotten_first() -> None:
    seen = Seen()
    for origin in range(2000):
        seen.note(_envelope(5, origin))
        seen.note(_envelope(5 + origin, origin=0))

    assert seen.number(0) == 2004
    assert seen.number(1999) == 5
    assert seen.number(1) == 0

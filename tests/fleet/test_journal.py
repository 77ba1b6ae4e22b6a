"""The journal: one order, bounded, and honest about what it no longer has."""

import msgspec

from distillgate.fleet.journal import Journal

ALL = 1 << 30


def journal(*sizes: int, kept: int = 100) -> Journal:
    filled = Journal(kept, "j")
    for size in sizes:
        filled.append(msgspec.Raw(b"x" * size), 5.0)
    return filled


def positions(filled: Journal, after: str | None, at_most: int = ALL) -> list[str]:
    return [placed.position for placed in filled.after(after, at_most)]


def test_batches_stand_in_the_order_in_which_they_came() -> None:
    filled = journal(1, 1, 1)
    assert positions(filled, None) == ["j-1", "j-2", "j-3"]
    assert positions(filled, "j-2") == ["j-3"]
    assert positions(filled, "j-3") == []


def test_an_answer_is_bounded_but_never_empty_where_there_is_something() -> None:
    filled = journal(10, 10, 10)
    assert positions(filled, None, 11) == ["j-1", "j-2"]
    assert positions(filled, None, 1) == ["j-1"]


def test_the_earliest_go_where_there_are_too_many_bytes() -> None:
    filled = journal(40, 40, 40)
    assert positions(filled, None) == ["j-2", "j-3"]
    assert positions(filled, "j-1") == ["j-2", "j-3"]
    assert filled.reaches("j-1")
    filled.append(msgspec.Raw(b"x" * 40), 5.0)
    assert not filled.reaches("j-1")
    assert positions(filled, "j-1") == ["j-3", "j-4"]


def test_the_latest_is_kept_however_large_it_is() -> None:
    assert positions(journal(40, 500), None) == ["j-2"]


def test_a_position_of_another_journal_is_before_all() -> None:
    filled = journal(1, 1)
    for foreign in ("i-2", "j-9", "j", "", "j-x"):
        assert not filled.reaches(foreign)
    assert positions(filled, "i-2") == ["j-1", "j-2"]
    assert Journal(1).append(msgspec.Raw(b""), 0.0) != Journal(1).append(msgspec.Raw(b""), 0.0)


def test_time_stands_still_where_the_clock_steps_back() -> None:
    filled = journal()
    times = [filled.append(msgspec.Raw(b""), clock).at for clock in (7.0, 3.0, 8.0)]
    assert times == [7.0, 7.0, 8.0]
    assert filled.now(2.0) == 8.0

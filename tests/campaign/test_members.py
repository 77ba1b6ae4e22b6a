import numpy as np
import pytest

from distillgate.campaign.members import Members, entry
from distillgate.fingerprint.sketch import sketch

TEXTS = ["The river rose by two metres overnight.", "lol why is my code slow??", "Translate: Hund"]


def send(members: Members, row: int, now: float, text: str = TEXTS[0]) -> None:
    found = sketch(text.encode())
    assert found is not None
    members.add(row, entry(found, now), now)


def test_sums_are_the_sums_of_sketches() -> None:
    members = Members(4)
    row = members.allot(1)
    sketches = [found for text in TEXTS if (found := sketch(text.encode()))]
    for found in sketches:
        members.add(row, entry(found, 0.0), 0.0)

    assert members.texts[row] == 3
    assert members.topic[row] == pytest.approx(sum(s.topic for s in sketches), abs=1e-6)
    assert members.style[row] == pytest.approx(sum(s.style for s in sketches), abs=1e-5)
    assert members.style_squares[row] == pytest.approx(sum(s.style**2 for s in sketches), abs=1e-4)


def test_rows_come_back() -> None:
    members = Members(3)
    assert [members.allot(mark) for mark in (11, 12, 13)] == [0, 1, 2]
    assert len(members) == 3

    members.release(1)

    assert len(members) == 2
    assert members.allot(14) == 1


def test_a_row_holds_what_its_member_sent_until_it_is_anothers() -> None:
    members = Members(3)
    row = members.allot(11)
    assert members.holds(row, 11)
    assert not members.holds(row, 12)
    assert not members.holds(None, 11)

    members.release(row)
    assert not members.holds(row, 11)

    assert members.allot(12) == row
    assert not members.holds(row, 11), "the old reference is stale"
    assert members.holds(row, 12)


def test_marks_are_64_bits_wide() -> None:
    members, mark = Members(1), 2**64 - 1
    row = members.allot(mark)

    assert members.holds(row, mark)
    assert not members.holds(row, mark - 1)


def test_when_all_rows_are_in_use_the_longest_unused_half_is_given_up() -> None:
    members = Members(10)
    rows = [members.allot(mark) for mark in range(1, 11)]
    for row in rows:
        send(members, row, now=float(row))
    for row in (0, 1):  # the first to be allotted came back the latest
        send(members, row, now=100.0)

    taken = members.allot(99)

    kept = {row for row in rows if members.holds(row, row + 1)}
    assert kept == {0, 1, 7, 8, 9}
    assert taken in {2, 3, 4, 5, 6}
    assert members.texts[taken] == 0
    assert len(members) == 6


def test_the_bound_holds_whoever_comes() -> None:
    members = Members(100)
    for mark in range(1, 5000):
        row = members.allot(mark)
        send(members, row, now=float(mark))
        assert members.holds(row, mark)
        assert row < 100
        assert len(members) <= 100

    held = [row for row in range(100) if members.marks[row]]
    assert len(held) == len(members)
    assert set(members.marks[held].tolist()) == set(range(5000 - len(held), 5000))


def test_a_row_just_allotted_is_not_given_up_for_the_next() -> None:
    members = Members(10)
    for mark in range(1, 11):
        send(members, members.allot(mark), now=float(mark))
    send(members, members.allot(100), now=20.0)  # takes the first of five rows given up
    for mark in range(101, 105):
        members.allot(mark)  # and these the others; nothing sent yet

    last = members.allot(105)

    assert members.holds(last, 105)
    assert set(range(100, 106)) <= set(members.marks.tolist())


def test_the_hand_passes_every_row_in_turn() -> None:
    members = Members(10_000)  # more than are looked at together
    for mark in range(1, 10_001):
        members.allot(mark)
    before = members.marks.copy()
    for mark in range(20_000, 30_000):
        send(members, members.allot(mark), now=float(mark))

    replaced = members.marks != before
    assert replaced[:4000].any()
    assert replaced[4096:8192].any()
    assert replaced[8192:].any()
    assert len(members) <= 10_000


def test_a_released_row_comes_back_empty() -> None:
    members = Members(1)
    row = members.allot(1)
    send(members, row, now=1000.0)
    members.release(row)
    again = members.allot(2)

    assert again == row
    for column in (members.texts, members.topic, members.style, members.style_squares):
        assert not np.any(column[row])


def test_a_row_that_was_given_up_comes_back_empty() -> None:
    members = Members(1)
    send(members, members.allot(1), now=1000.0)

    again = members.allot(2)

    assert members.holds(again, 2)
    for column in (members.texts, members.topic, members.style, members.clock):
        assert not np.any(column[again])

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.remembering import moved

from distillgate.campaign.exchangeability import Sums, intraclass
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.fingerprint.sketch import LARGEST, Sketch, sketch

Array = NDArray[np.float64]

TEXTS = ["The river rose by two metres overnight.", "lol why is my code slow??", "Translate: Hund"]


def send(members: SketchTable, row: int, now: float, text: str = TEXTS[0]) -> None:
    found = sketch(text.encode())
    assert found is not None
    members.add([row], entry(found, now), now)


def test_what_a_row_holds_are_the_sums_of_sketches() -> None:
    members = SketchTable(4)
    row = members.allot(1)
    sketches = [found for text in TEXTS if (found := sketch(text.encode()))]
    for found in sketches:
        members.add([row], entry(found, 0.0), 0.0)

    held = members.table(np.array([row]))
    assert members.texts[row] == held.texts[0] == 3
    assert held.topic[0] == pytest.approx(sum(s.topic for s in sketches), abs=3e-4)
    assert held.style[0] == pytest.approx(sum(s.style for s in sketches), abs=5e-3)
    assert held.style_squares[0] == pytest.approx(sum(s.style**2 for s in sketches), rel=2e-3)
    assert held.clock[0] == pytest.approx([3, 0, 3, 0], abs=1e-3)


def test_one_row_is_given_as_it_is_in_the_table() -> None:
    members = SketchTable(4)
    row = members.allot(1)
    for text in TEXTS:
        send(members, row, 3600.0, text)

    whole = members.table(np.array([row]))
    texts, *sums = members.one(row)

    assert texts == whole.texts[0]
    for found, known in zip(sums, (whole.topic, whole.style, whole.clock), strict=True):
        assert found == pytest.approx(known[0])


def test_a_text_is_added_to_several_rows_at_once() -> None:
    members, found = SketchTable(4), sketch(TEXTS[0].encode())
    assert found is not None
    rows = [members.allot(mark) for mark in (1, 2, 3)]
    members.add(rows[:1], entry(found, 0.0), 0.0)
    members.add(rows, entry(found, 0.0), 0.0)

    assert members.texts[rows].tolist() == [2, 1, 1]
    held = members.table(np.array(rows))
    assert held.topic[0] == pytest.approx(2 * found.topic, abs=3e-4)
    assert held.topic[2] == pytest.approx(found.topic, abs=3e-4)


def drawn(
    principals: int, texts: int, strays: float
) -> tuple[SketchTable, list[Array], list[Array]]:
    """Units whose own subject and manner stray from each other's, and what they sent exactly."""
    dice, members = np.random.default_rng(3), SketchTable(principals)
    topics, styles = [], []
    for principal in range(principals):
        row = members.allot(principal + 1)
        topic = dice.normal(0, 1, (texts, 64)) + strays * dice.normal(0, 1, 64)
        topic /= np.linalg.norm(topic, axis=1, keepdims=True)
        style = LARGEST * (0.3 + 0.03 * dice.normal(0, 1, (texts, 16)))
        style += LARGEST * 0.03 * strays * dice.normal(0, 1, 16)
        for each, manner in zip(topic, style, strict=True):
            members.add([row], entry(Sketch(each.astype("f"), manner.astype("f")), 0.0), 0.0)
        topics.append(topic)
        styles.append(style)
    return members, topics, styles


@pytest.mark.parametrize(("principals", "texts"), [(60, 4), (40, 30), (12, 900)])
@pytest.mark.parametrize("strays", [0.0, 0.3])
def test_rounding_hardly_moves_the_correlation(principals: int, texts: int, strays: float) -> None:
    members, topics, styles = drawn(principals, texts, strays)
    held = members.table(np.arange(principals))
    count = np.full(principals, float(texts))
    exact_style = Sums(
        count,
        np.array([s.sum(axis=0) for s in styles]),
        sum(np.square(s).sum(axis=0) for s in styles),
    )
    exact_topic = Sums(
        count, np.array([t.sum(axis=0) for t in topics]), np.full(64, texts * principals / 64)
    )

    for found, exact, pooled in (
        (held.topic_sums(), exact_topic, True),
        (held.style_sums(), exact_style, False),
    ):
        one, other = intraclass(found, 1.0, pooled=pooled), intraclass(exact, 1.0, pooled=pooled)
        assert one is not None
        assert other is not None
        assert one.rho == pytest.approx(other.rho, abs=4e-4)


def test_a_row_of_very_many_texts_stands_for_the_latest() -> None:
    members = SketchTable(1)
    row = members.allot(1)
    before, after = (sketch(text.encode()) for text in TEXTS[:2])
    assert before is not None
    assert after is not None
    for _ in range(3000):
        members.add([row], entry(before, 0.0), 0.0)
    for _ in range(20_000):
        members.add([row], entry(after, 0.0), 0.0)

    held = members.table(np.array([row]))
    assert members.texts[row] == 23_000
    assert held.texts[0] < 3000
    assert held.topic[0] / held.texts[0] == pytest.approx(after.topic, abs=0.05)


def test_rows_come_back() -> None:
    members = SketchTable(3)
    assert [members.allot(mark) for mark in (11, 12, 13)] == [0, 1, 2]
    assert len(members) == 3

    members.release(1)

    assert len(members) == 2
    assert members.allot(14) == 1


def test_a_row_holds_what_its_member_sent_until_it_is_anothers() -> None:
    members = SketchTable(3)
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
    members, mark = SketchTable(1), 2**64 - 1
    row = members.allot(mark)

    assert members.holds(row, mark)
    assert not members.holds(row, mark - 1)


def test_when_all_rows_are_in_use_the_longest_unused_half_is_given_up() -> None:
    members = SketchTable(10)
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
    members = SketchTable(100)
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
    members = SketchTable(10)
    for mark in range(1, 11):
        send(members, members.allot(mark), now=float(mark))
    send(members, members.allot(100), now=20.0)  # takes the first of five rows given up
    for mark in range(101, 105):
        members.allot(mark)  # and these the others; nothing sent yet

    last = members.allot(105)

    assert members.holds(last, 105)
    assert set(range(100, 106)) <= set(members.marks.tolist())


def test_the_hand_passes_every_row_in_turn() -> None:
    members = SketchTable(10_000)  # more than are looked at together
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
    members = SketchTable(1)
    row = members.allot(1)
    send(members, row, now=1000.0)
    members.release(row)
    again = members.allot(2)

    assert again == row
    assert members.texts[row] == 0
    assert not any(np.any(column) for column in members.table(np.array([row])))


def test_a_row_that_was_given_up_comes_back_empty() -> None:
    members = SketchTable(1)
    send(members, members.allot(1), now=1000.0)

    again = members.allot(2)

    assert members.holds(again, 2)
    assert members.texts[again] == 0
    assert not any(np.any(column) for column in members.table(np.array([again])))


def test_rows_come_back_in_their_places_and_single_texts_go_first() -> None:
    members = SketchTable(8)
    rows = [members.allot(mark) for mark in range(1, 9)]
    written = sketch(b"a few words about the weather in the hills today")
    assert written is not None
    for row in rows:
        for _ in range(1 if row % 2 else 2):
            members.add([row], entry(written, 100.0 + row), 100.0 + row)
    members.release(rows[3])
    again = SketchTable(8)
    moved(members, again)

    assert len(again) == len(members) == 7
    assert (again.marks == members.marks).all()
    assert (again.table(np.arange(8)).topic == members.table(np.arange(8)).topic).all()
    assert again.allot(9) == rows[3]
    again.allot(10)
    assert [row for row in rows if again.texts[row] == 2] == [0, 2, 4, 6]

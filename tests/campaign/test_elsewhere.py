import math
import struct
import tracemalloc
from array import array
from itertools import count

import numpy as np
import pytest
from msgspec.structs import replace
from tests.campaign.test_summary import group_of, told_of
from tests.remembering import moved

from distillgate.account.distinct import Distinct
from distillgate.account.windows import DAY
from distillgate.campaign.elsewhere import Elsewhere
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.life import Life
from distillgate.campaign.openness import Shared
from distillgate.campaign.repeats import Repeats
from distillgate.campaign.sketch_row import ROW
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.summary import Summary
from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.campaign.value import Value
from distillgate.records import decoder, encode

NETWORK = Key(Kind.NETWORK, 5)
ONE = bytes(Distinct.of(8).add(1))
_numbers = count(1)


def summary(cell: str = "a", number: int | None = None, key: Key = NETWORK, at: float = 0.0,
            segments: tuple[int, ...] = (), principals: int = 3) -> Summary:  # fmt: skip
    members = SketchTable(100)
    told = told_of(group_of(members, principals, key=key), members)
    return Summary(at, cell, number or next(_numbers), replace(told, segments=segments))


@pytest.fixture
def index() -> TemplateIndex:
    return TemplateIndex(TemplateSettings())


@pytest.fixture
def elsewhere(index: TemplateIndex) -> Elsewhere:
    return Elsewhere(index, days=45.0)


def test_the_latest_of_each_cell_counts(elsewhere: Elsewhere) -> None:
    first, other = summary("a", 1), summary("b", 1, principals=5)
    later = summary("a", 2, principals=4)

    assert [elsewhere.hear(one, 0.0) for one in (later, first, other, later)] == [5, None, 5, None]

    assert elsewhere.exchanges(5) == 3 * (4 + 5)
    assert elsewhere.newest("a", 5) == 2
    assert 5 in elsewhere
    assert 6 not in elsewhere


@pytest.mark.parametrize(
    "changes",
    [
        {"key": -5},
        {"exchanges": -1},
        {"exchanges": (1 << 63) - 1},
        {"unread": {1: 1 << 60}},
        {"output_tokens": float("nan")},
        {"prompt_tokens": float("inf")},
        {"first_seen": float("-inf")},
        {"life": Life(came=float("nan"))},
        {"shared": Shared(ONE, struct.pack("<IIIIfHBx", 0, 0, 0, 0, math.nan, 0, 0))},
        {"shared": Shared(ONE, b"")},
        {"repeats": Repeats(ONE, [])},
        {"value": Value(b"no sample")},
    ],
)
def test_what_is_no_count_is_not_kept(elsewhere: Elsewhere, changes: dict[str, object]) -> None:
    told = summary()
    group = replace(told.told.group, **changes)

    assert elsewhere.hear(replace(told, told=replace(told.told, group=group)), 0.0) is None
    assert elsewhere.hear(told, 0.0) == 5


@pytest.mark.parametrize("of", ["rows", "own"])
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("answered", math.nan),
        ("answered", math.inf),
        ("answered", -1.0),
        ("deviations", math.nan),
        ("deviations", math.inf),
        ("texts", 0xFFFFFFFF),
    ],
)
def test_rows_of_what_is_no_number_are_not_kept(
    elsewhere: Elsewhere, of: str, column: str, value: float
) -> None:
    told = summary()
    rows = np.frombuffer(told.told.rows, ROW).copy()
    rows[column][1] = value

    poisoned = replace(told.told, **{of: rows.tobytes()})
    assert elsewhere.hear(replace(told, told=poisoned), 0.0) is None
    other = replace(poisoned, layout="another form's")
    assert elsewhere.hear(replace(told, told=other), 0.0) == 5, "they are not read"


def test_a_template_is_the_one_here_that_is_alike(
    elsewhere: Elsewhere, index: TemplateIndex
) -> None:
    here = index.restore(9, [9, 10, 11, 12])

    alike = elsewhere.hear(summary(key=Key(Kind.TURN, 10), segments=(10, 11, 12, 99)), 0.0)
    strange = elsewhere.hear(summary(key=Key(Kind.TURN, 20), segments=(20, 21, 12)), 0.0)

    assert (alike, strange) == (here.key, 20)
    assert set(index.segments(20)) == {20, 21, 12}


def test_what_is_old_goes(elsewhere: Elsewhere) -> None:
    elsewhere.hear(summary("a", at=0.0), 0.0)

    elsewhere.hear(summary("b", at=46 * DAY), 46 * DAY)

    assert len(elsewhere) == 1
    assert elsewhere.exchanges(5) == 9


@pytest.mark.parametrize("kind", [Kind.LINKS, Kind.HAND])
def test_what_is_a_cells_own_is_not_believed(elsewhere: Elsewhere, kind: Kind) -> None:
    assert elsewhere.hear(summary(key=Key(kind, 5)), 0.0) is None


def test_rows_that_are_cut_off_are_not_taken(elsewhere: Elsewhere) -> None:
    cut = summary()
    cut = replace(cut, told=replace(cut.told, rows=cut.told.rows[:-1]))

    assert elsewhere.hear(cut, 0.0) is None


def test_no_more_cells_than_a_bound(elsewhere: Elsewhere) -> None:
    for number in range(70):
        elsewhere.hear(summary(f"cell {number}"), 0.0)

    assert len(elsewhere.of(5)) == 64


def test_what_is_kept_takes_no_more_than_its_bound(index: TemplateIndex) -> None:
    """Texts that many sent are most of a summary, and an object a sender where it is read."""
    most = 1 << 20
    texts = Repeats(
        array("Q", [192, *range(1 << 62, (1 << 62) + 192)]).tobytes(),
        [tuple(range(1 << 61, (1 << 61) + 24))] * 192,
        senders=24 * 192,
    )
    told = summary()
    read = decoder(Summary)
    group = replace(told.told.group, repeats=texts)
    letter = encode(replace(told, told=replace(told.told, group=group)))
    elsewhere = Elsewhere(index, days=45.0, most_bytes=most)

    tracemalloc.start()
    for cell in range(40):
        assert elsewhere.hear(replace(read(letter), cell=f"cell {cell}"), 0.0) == 5
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert taken < most
    assert len(elsewhere) * len(letter) > 0.9 * most, "and it is made use of"
    assert elsewhere.of(5)[0].group.repeats.principals == texts.principals


def test_it_is_as_it_was_when_it_was_written_and_read(
    elsewhere: Elsewhere, index: TemplateIndex
) -> None:
    elsewhere.hear(summary("a"), 0.0)
    elsewhere.hear(summary("b", key=Key(Kind.TURN, 7), segments=(7, 8)), 0.0)

    again = Elsewhere(index, days=45.0)
    moved(elsewhere, again)

    assert list(again.dump()) == list(elsewhere.dump())
    assert (again.exchanges(5), again.exchanges(7)) == (9, 9)

"""What a principal's texts are compared by."""

import numpy as np
import pytest

from distillgate.campaign.comparable import Comparable
from distillgate.campaign.core import centre
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch


@pytest.fixture
def members() -> SketchTable:
    return SketchTable(8)


def row_of(members: SketchTable, mark: int, texts: int) -> int:
    row, dice = members.allot(mark), np.random.default_rng(mark)
    for _ in range(texts):
        topic = dice.normal(0, 1, TOPIC)
        style = (0.5 + 0.05 * dice.normal(0, 1, STYLE)).astype(np.float32)
        sketch = Sketch((topic / np.linalg.norm(topic)).astype(np.float32), style)
        members.add([row], entry(sketch, 0.0), 0.0)
    return row


def test_texts_with_a_key_and_all_texts_are_told_apart(members: SketchTable) -> None:
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    group.rows[1] = row_of(members, group.mark(1), 2)
    who = Comparable(1, members, own=row_of(members, 1, 5))

    assert who.texts(who.row(group)) == 2
    assert who.texts(who.own) == 5
    assert Comparable(2, members).row(group) is None
    assert Comparable(2, members).texts(None) == 0


def test_without_texts_nothing_is_said(members: SketchTable) -> None:
    row, empty = row_of(members, 1, 5), row_of(members, 2, 0)
    core = centre(members.table(np.array([row])), 0.5, ExamineSettings().spreads)
    who = Comparable(1, members)

    assert who.log_odds(core, None) is None
    assert who.log_odds(core, empty) is None
    assert who.log_odds(core, row) is not None

"""What belongs to a group that its draws convict."""

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from distillgate.campaign.convicted import drawn_core, is_mixed
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.hand import HeldOut
from distillgate.campaign.keyed import Convicted
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch

BLOCKS = ExamineSettings().spreads


def shared(kind: Kind, texts: list[int]) -> tuple[Group, SketchTable, NDArray[np.intp]]:
    """Make a group of principals with so many texts each; return their own rows, too."""
    dice = np.random.default_rng(1)
    members, group = SketchTable(400), Group.new(Key(kind, 7), 0.0, sample=8, due=48)
    own = []
    for principal, count in enumerate(texts, 1):
        own.append(members.allot(principal))
        row = members.allot(group.mark(principal)) if kind.textual else own[-1]
        group.rows[principal] = row
        for _ in range(count):
            topic = dice.normal(0, 1, TOPIC)
            style = (0.5 + 0.05 * dice.normal(0, 1, STYLE)).astype(np.float32)
            sketch = Sketch((topic / np.linalg.norm(topic)).astype(np.float32), style)
            members.add(sorted({row, own[-1]}), entry(sketch, 0.0), 0.0)
    return group, members, np.array(own)


def convicted(known: NDArray[np.intp], share: float = 0.98, nats: float = 60.0) -> Convicted:
    return Convicted(HeldOut(nats, len(known), share=share), known, known)


@pytest.mark.parametrize(("texts", "known", "share", "mixed"), [
    ([10] * 60, 60, 0.98, False),
    ([10] * 60, 60, 0.8, True),
    ([10] * 60, 40, 0.98, True),  # of the others it is not known what they drew
    ([10] * 60 + [1] * 40, 60, 0.98, False),  # some that ask once are no price
    ([3] * 60 + [1] * 120, 60, 0.98, True),  # a tool's users
])  # fmt: skip
def test_strangers_may_be_among_those_that_drew_too_little(
    texts: list[int], known: int, share: float, mixed: bool
) -> None:
    group, members, own = shared(Kind.SYSTEM, texts)
    rows = np.array([*group.rows.values()])

    group.exchanges = sum(texts)
    assert is_mixed(group, convicted(own[:known], share), rows, 1.0, members) == mixed

    group.follows = group.exchanges // 5
    assert is_mixed(group, convicted(own[:known], share), rows, 1.0, members), "they talk back"


def test_who_met_did_so_whether_they_talk_back_or_not() -> None:
    group, members, own = shared(Kind.LINKS, [10] * 60)
    rows = np.array([*group.rows.values()])
    group.exchanges, group.follows = 600, 200

    assert not is_mixed(group, convicted(own), rows, 1.0, members)
    assert is_mixed(group, convicted(own, 0.8), rows, 1.0, members)


def test_what_others_told_of_is_nobody_elses_until_that_shows() -> None:
    group, members, own = shared(Kind.SYSTEM, [3] * 60 + [1] * 120)
    rows, group.exchanges = np.array([*group.rows.values()]), 300
    told = convicted(own[:60])._replace(said=HeldOut(30.0, 60, asked=2.5, share=0.98))

    assert not is_mixed(group, told, rows, 1.0, members)
    assert is_mixed(group, told._replace(said=replace(told.said, share=0.5)), rows, 1.0, members)


def test_where_a_sample_was_judged_it_stands_for_all() -> None:
    group, members, own = shared(Kind.SYSTEM, [10] * 60)
    rows, group.exchanges = np.array([*group.rows.values()]), 600

    assert is_mixed(group, convicted(own[::2]), rows, 1.0, members)
    assert not is_mixed(group, convicted(own[::2]), rows, 2.0, members)


def test_what_a_hand_drew_lies_where_its_texts_do_whatever_they_share() -> None:
    group, members, own = shared(Kind.SYSTEM, [10] * 20)

    found = drawn_core(group, convicted(own), members, BLOCKS)

    assert found is not None
    assert found.share == 0.5
    assert found.topic_within > 0.5


def test_where_nothing_convicts_or_nothing_is_left_there_is_none() -> None:
    group, members, own = shared(Kind.SYSTEM, [10] * 20)
    of_clients, clients, rows = shared(Kind.CLIENT, [10] * 20)

    assert drawn_core(group, None, members, BLOCKS) is None
    assert drawn_core(group, convicted(own, nats=1.0), members, BLOCKS) is None
    assert drawn_core(of_clients, convicted(rows), clients, BLOCKS) is None
    for row in own.tolist():
        members.release(row)
    assert drawn_core(group, convicted(own), members, BLOCKS) is None

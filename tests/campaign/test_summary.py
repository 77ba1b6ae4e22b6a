import numpy as np
from tests.campaign.test_examine import SETTINGS

from distillgate.campaign.group import Group
from distillgate.campaign.jobs import complete
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.membership_index import MembershipIndex
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.campaign.summary import MERGEABLE, ROWS, Told, counts_of, sample, tell
from distillgate.campaign.template import TemplateIndex, TemplateSettings
from distillgate.fingerprint.sketch import STYLE, TOPIC, Sketch

KEY = Key(Kind.TURN, 7)


def group_of(members: SketchTable, principals: int, texts: int = 3, key: Key = KEY) -> Group:
    """Return a group whose principals sent some texts each."""
    group = Group.new(key, 0.0, sample=192, due=SETTINGS.first_exchanges)
    dice = np.random.default_rng(1)
    for principal in dice.integers(1, 2**63, principals).tolist():
        row = group.rows[principal] = members.allot(group.mark(principal))
        for _ in range(texts):
            topic, style = dice.normal(0, 1, TOPIC), dice.uniform(0, 1, STYLE)
            one = Sketch(topic.astype(np.float32), style.astype(np.float32))
            members.add([row], entry(one, 0.0), 0.0)
            group.exchanges += 1
    return group


def told_of(group: Group, members: SketchTable) -> Told:
    return complete(tell(group, TemplateIndex(TemplateSettings()), members, MembershipIndex(9)))


def test_of_many_principals_those_with_the_smallest_hashes_are_told() -> None:
    members = SketchTable(1000)
    group = group_of(members, 300)

    told = told_of(group, members)

    table = SketchTable(ROWS)
    rows = table.unpack(told.rows)
    smallest = sorted(group.rows)[:ROWS]
    assert sorted((table.marks[rows] ^ np.uint64(KEY.value)).tolist()) == smallest
    assert table.texts[rows].tolist() == [3] * ROWS
    assert (told.totals.principals, told.totals.texts) == (300, 900.0)
    assert (told.group.exchanges, told.group.rows, told.group.evidence) == (900, {}, None)


def test_who_sent_one_text_cannot_be_compared_and_is_counted() -> None:
    members = SketchTable(100)

    told = told_of(group_of(members, 10, texts=1), members)

    assert (told.totals.principals, told.rows) == (10, b"")


def test_telling_changes_nothing_not_even_of_who_lost_a_row() -> None:
    members = SketchTable(100)
    group = group_of(members, 10)
    members.release(next(iter(group.rows.values())))

    drawn = complete(sample(group, members, lambda _: np.empty(0, np.intp), 100))

    assert len(group.rows) == 10
    assert drawn.totals.principals == 9


def test_of_payloads_some_principals_are_told() -> None:
    group = group_of(SketchTable(100), 0)
    group.unread = dict.fromkeys(range(500), 1)

    assert counts_of(group, 3).unread == {0: 1, 1: 1, 2: 1}
    assert len(group.unread) == 500


def test_a_chain_of_meetings_and_a_source_of_texts_are_a_cells_own() -> None:
    assert set(Kind) - MERGEABLE == {Kind.LINKS, Kind.HAND}

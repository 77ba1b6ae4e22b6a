import numpy as np
from tests.campaign.test_elsewhere import summary
from tests.campaign.test_examine import ALONE, SETTINGS
from tests.campaign.test_summary import KEY, group_of

from distillgate.campaign.elsewhere import Elsewhere
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import complete
from distillgate.campaign.keys import Kind
from distillgate.campaign.merged import Merged, counted, merged
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings


def elsewhere(*cells: str, principals: int = 4) -> Elsewhere:
    index = TemplateIndex(TemplateSettings())
    index.restore(KEY.value, [7])
    told = Elsewhere(index, days=45.0)
    for cell in cells:
        told.hear(summary(cell, key=KEY, segments=(7,), principals=principals), 0.0)
    return told


def merge(group: Group, members: SketchTable, told: Elsewhere) -> Merged:
    return complete(merged(group, told, members, ALONE, SETTINGS, 1.0))


def test_a_group_that_nobody_told_of_is_as_it_is() -> None:
    members = SketchTable(100)
    group = group_of(members, 6)

    assert merge(group, members, elsewhere()) == (group, ALONE, members)
    assert counted(group, elsewhere(), 1.0) is group


def test_principals_that_moved_between_cells_are_one() -> None:
    members = SketchTable(100)
    group = group_of(members, 6)  # four of them are also in each of the others

    both = merge(group, members, elsewhere("a", "b"))

    assert set(both.group.rows) == set(group.rows)
    held = [both.group.row(principal, both.members) for principal in group.rows]
    assert None not in held
    totals = both.around.totals
    assert totals is not None
    assert (totals.principals, totals.texts) == (6 + 4 + 4, 3.0 * 14)
    assert both.group.exchanges == 3 * 14


def test_the_group_itself_is_left_as_it_was() -> None:
    members = SketchTable(100)
    group = group_of(members, 6)
    group.unread = {1: 2}
    before = (group.exchanges, dict(group.rows), members.marks.copy())

    both = merge(group, members, elsewhere("a"))

    both.group.unread[1] = 9
    assert (group.exchanges, group.rows) == before[:2]
    assert np.array_equal(members.marks, before[2])
    assert group.unread == {1: 2}
    assert group.kind is Kind.TURN

from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.members import Members
from distillgate.campaign.memberships import Memberships
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings


def made() -> tuple[GroupTable, Members, Group]:
    members = Members(16)
    table = GroupTable(4, members, TemplateIndex(TemplateSettings(sightings=64)))
    group = Group(Key(Kind.CLIENT, 7), 0.0, sample=8, due=9)
    table.put(group)
    return table, members, group


def test_units_come_back_with_their_rows() -> None:
    table, members, group = made()
    kept = Memberships(table, members)
    row = members.allot(5)
    table.join(group, 5, row)
    told = dict(kept.dump(kept.kept()))
    group.rows.clear()
    kept.load((pair, row) for pair, row in told.items() if row is not None)

    assert told == {(7, 5): row}
    assert group.rows == {5: row}


def test_a_unit_whose_row_is_anothers_is_left_out_and_cleared_away() -> None:
    table, members, group = made()
    kept = Memberships(table, members)
    members.allot(6)
    kept.changed.take()
    kept.load([((7, 5), 0), ((8, 6), 0), ((7, 6), 99)])

    assert group.rows == {}
    assert kept.changed.take() == {(7, 5), (8, 6), (7, 6)}


def test_joining_moving_and_leaving_are_noted() -> None:
    table, members, group = made()
    kept = Memberships(table, members)
    kept.changed.take()
    table.join(group, 5, members.allot(5))
    assert kept.changed.take() == {(7, 5)}
    table.join(group, 5, group.rows[5])
    assert kept.changed.take() == set()
    table.join(group, 5, members.allot(5))
    assert kept.changed.take() == {(7, 5)}
    table.drop(group, 5)
    table.drop(group, 5)
    assert kept.changed.take() == {(7, 5)}
    assert list(kept.dump([(7, 5)])) == [((7, 5), None)]


def test_what_a_forgotten_group_lets_go_is_noted() -> None:
    table, members, group = made()
    kept = Memberships(table, members)
    table.join(group, 5, members.allot(5))
    kept.changed.take()
    table.forget(group)
    table.let_go()

    assert kept.changed.take() == {(7, 5)}

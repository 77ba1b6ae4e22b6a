from distillgate.campaign.members import Members
from distillgate.campaign.units import Units


def test_a_unit_is_in_the_groups_it_joined_the_latest_last() -> None:
    units = Units(10)
    for key in (5, 6, 7, 5):
        units.join(1, key)

    assert units.groups(1) == (6, 7, 5)
    assert units.groups(2) == ()
    assert len(units) == 1


def test_the_latest_seven_groups_are_remembered() -> None:
    units = Units(10)
    for key in range(1, 9):
        units.join(1, key)

    assert units.groups(1) == (2, 3, 4, 5, 6, 7, 8)


def test_a_group_that_is_gone_makes_room_for_its_heir() -> None:
    units = Units(10)
    for key in range(1, 7):
        units.join(1, key)
    units.join(1, 99, gone=2)

    assert units.groups(1) == (1, 3, 4, 5, 6, 99)


def test_with_its_last_group_a_unit_gives_its_own_row_back() -> None:
    units, members = Units(10), Members(4)
    units.join(1, 5)
    row = units.own_row(1, members)
    units.join(1, 6)
    assert units.own_row(1, members) == row

    units.leave(1, 5, members)
    assert members.holds(row, 1)
    units.leave(1, 6, members)

    assert not members.holds(row, 1)
    assert len(units) == 0


def test_a_row_that_is_anothers_is_neither_used_nor_given_back() -> None:
    units, members = Units(10), Members(4)
    units.join(1, 5)
    row = units.own_row(1, members)
    members.release(row)
    assert members.allot(99) == row

    assert units.own_row(1, members) != row
    units.leave(1, 5, members)

    assert members.holds(row, 99)
    assert len(members) == 1


def test_the_longest_unused_unit_is_forgotten_beyond_the_bound() -> None:
    units = Units(2)
    for unit in (1, 2, 1, 3):
        units.join(unit, 5 + unit)
        units.join(unit, 5)

    assert [unit for unit in (1, 2, 3) if units.groups(unit)] == [1, 3]

from distillgate.campaign.membership_index import MembershipIndex
from distillgate.campaign.sketch_table import SketchTable


def test_a_unit_is_in_the_groups_it_joined_the_latest_last() -> None:
    principals = MembershipIndex(10)
    for key in (5, 6, 7, 5):
        principals.join(1, key)

    assert principals.groups(1) == (6, 7, 5)
    assert principals.groups(2) == ()
    assert len(principals) == 1


def test_the_latest_seven_groups_are_remembered() -> None:
    principals = MembershipIndex(10)
    for key in range(1, 9):
        principals.join(1, key)

    assert principals.groups(1) == (2, 3, 4, 5, 6, 7, 8)


def test_a_group_that_is_gone_makes_room_for_its_heir() -> None:
    principals = MembershipIndex(10)
    for key in range(1, 7):
        principals.join(1, key)
    principals.join(1, 99, gone=2)

    assert principals.groups(1) == (1, 3, 4, 5, 6, 99)


def test_with_its_last_group_a_unit_gives_its_own_row_back() -> None:
    principals, members = MembershipIndex(10), SketchTable(4)
    principals.join(1, 5)
    row = principals.own_row(1, members)
    principals.join(1, 6)
    assert principals.own_row(1, members) == row

    principals.leave(1, 5, members)
    assert members.holds(row, 1)
    principals.leave(1, 6, members)

    assert not members.holds(row, 1)
    assert len(principals) == 0


def test_a_row_that_is_anothers_is_neither_used_nor_given_back() -> None:
    principals, members = MembershipIndex(10), SketchTable(4)
    principals.join(1, 5)
    row = principals.own_row(1, members)
    members.release(row)
    assert members.allot(99) == row

    assert principals.own_row(1, members) != row
    principals.leave(1, 5, members)

    assert members.holds(row, 99)
    assert len(members) == 1


def test_the_longest_unused_unit_is_forgotten_beyond_the_bound() -> None:
    principals = MembershipIndex(2)
    for principal in (1, 2, 1, 3):
        principals.join(principal, 5 + principal)
        principals.join(principal, 5)

    assert [principal for principal in (1, 2, 3) if principals.groups(principal)] == [1, 3]


def test_rows_are_looked_up_of_those_that_still_have_one() -> None:
    principals, members = MembershipIndex(10), SketchTable(4)
    rows = [principals.own_row(principal, members) for principal in (1, 2)]
    members.release(rows[0])

    assert principals.own_rows(members)([1, 2, 3]).tolist() == rows[1:]

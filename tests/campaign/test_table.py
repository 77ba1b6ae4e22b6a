import pytest

from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.sketch_table import SketchTable
from distillgate.campaign.table import GroupTable
from distillgate.campaign.template import TemplateIndex, TemplateSettings

KINDS = pytest.mark.parametrize("kind", [Kind.TURN, Kind.LINKS])


class Filled:
    """A table of groups with the members' rows."""

    def __init__(self, limit: int = 10, rows: int = 4000) -> None:
        self.members = SketchTable(rows)
        index = TemplateIndex(TemplateSettings(sightings=64))
        self.table = GroupTable(limit, self.members, index)

    def put(self, key: int, principals: range = range(0), kind: Kind = Kind.TURN) -> Group:
        group = Group.new(Key(kind, key), 0.0, sample=8, due=48)
        self.table.put(group)
        for principal in principals:
            self.table.join(group, principal, self.members.allot(group.mark(principal)))
        return group

    def settle(self) -> int:
        """Let go of all that is left; give in how many pieces."""
        pieces = 0
        while self.table.leaving:
            self.table.let_go()
            pieces += 1
        return pieces


def test_groups_are_found_by_key() -> None:
    filled = Filled()
    one, other = filled.put(1), filled.put(2)

    assert filled.table.get(1) is one
    assert filled.table.get(3) is None
    assert list(filled.table.known((2, 3, 1))) == [other, one]
    assert list(filled.table) == [one, other]


def test_of_those_longest_quiet_the_least_linked_is_forgotten_for_want_of_room() -> None:
    filled = Filled(limit=3)
    groups = [filled.put(key) for key in (1, 2, 3)]
    groups[0].link = 5.0
    filled.put(4)

    assert [group.key for group in filled.table] == [1, 3, 4]


def test_use_counts() -> None:
    filled = Filled()
    one, _ = filled.put(1), filled.put(2)
    filled.table.use(one, 50.0)

    filled.table.forget_quiet(10.0)
    filled.table.forget_quiet(10.0)

    assert list(filled.table) == [one]
    assert one.last_seen == 50.0


@KINDS
def test_a_group_is_gone_at_once_and_its_units_by_and_by(kind: Kind) -> None:
    filled = Filled()
    group = filled.put(1, range(1, 1001), kind)
    filled.table.forget(group)

    assert filled.table.get(1) is None
    filled.table.let_go()
    assert 0 < len(group.rows) < 1000
    assert filled.settle() > 1
    assert group.rows == {}
    assert len(filled.table.principals) == 0


def test_text_rows_of_a_group_that_is_gone_come_back() -> None:
    filled = Filled()
    filled.table.forget(filled.put(1, range(1, 11)))
    filled.settle()

    assert len(filled.members) == 0


@KINDS
def test_the_units_of_an_heir_are_its_own_and_those_it_is_left(kind: Kind) -> None:
    filled = Filled()
    gone, heir = filled.put(1, range(1, 601), kind), filled.put(2, range(600, 700), kind)
    filled.table.forget(gone, heir)
    filled.settle()

    assert set(heir.rows) == set(range(1, 700))
    assert all(filled.table.principals.groups(principal) == (2,) for principal in range(1, 700))
    assert list(filled.table) == [heir]


def test_what_came_back_meanwhile_stays() -> None:
    filled = Filled()
    gone = filled.put(1, range(1, 1001))
    filled.table.forget(gone)
    back = filled.put(1, range(1, 11))
    filled.settle()

    assert all(back.row(principal, filled.members) is not None for principal in range(1, 11))
    assert all(filled.table.principals.groups(principal) == (1,) for principal in range(1, 11))
    assert len(filled.table.principals) == 10
    assert len(filled.members) == 10


def test_a_row_that_is_anothers_is_left_alone() -> None:
    filled = Filled()
    group = filled.put(1, range(1, 3))
    filled.members.release(group.rows[2])
    row = filled.members.allot(99)
    filled.table.forget(group)
    filled.settle()

    assert filled.members.holds(row, 99)
    assert len(filled.members) == 1


def test_what_is_forgotten_twice_is_let_go_once() -> None:
    filled = Filled()
    group = filled.put(1, range(1, 3))
    filled.table.forget(group)
    filled.table.forget(group)

    assert filled.settle() == 1


def test_who_is_in_many_groups_stays_in_one_that_something_speaks_for() -> None:
    filled = Filled()
    linked = filled.put(1, range(2), Kind.LINKS)
    linked.link = 4.0
    for key in range(2, 10):
        filled.put(key, range(2), Kind.NETWORK)

    assert filled.table.principals.groups(0) == (1, 4, 5, 6, 7, 8, 9)


def test_who_was_in_many_groups_since_is_noted_anew_where_something_speaks_for_one() -> None:
    filled = Filled(limit=20)
    groups = [filled.put(key, range(1), Kind.NETWORK) for key in range(1, 10)]
    assert filled.table.principals.groups(0) == (3, 4, 5, 6, 7, 8, 9)

    for group in groups[:2]:
        filled.table.join(group, 0, group.rows[0])
    assert filled.table.principals.groups(0) == (3, 4, 5, 6, 7, 8, 9)

    groups[0].link = 4.0
    for group in groups[:2]:
        filled.table.join(group, 0, group.rows[0])
    assert filled.table.principals.groups(0) == (4, 5, 6, 7, 8, 9, 1)


def test_a_group_that_is_gone_is_the_first_that_a_principal_is_in_no_more() -> None:
    filled = Filled()
    groups = [filled.put(key, range(1), Kind.NETWORK) for key in range(1, 8)]
    filled.table.forget(groups[4])
    filled.put(8, range(1), Kind.NETWORK)

    assert filled.table.principals.groups(0) == (1, 2, 3, 4, 6, 7, 8)

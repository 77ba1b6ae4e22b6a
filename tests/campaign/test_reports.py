"""Reports hold until they end or are withdrawn, and count for groups that are made from them."""

from collections.abc import Callable, Container
from random import Random

from msgspec.structs import replace
from tests.campaign.test_group import seen

from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.openness import Openness, Shared
from distillgate.campaign.reports import MOST, Report, Reports
from distillgate.wire.exchange import Outcome

ONE = Report("indicator--1", "a lab", "k-1", (b"0" * 16,), 100.0)


def told(matched: int, exchanges: int, first: int = 0) -> Group:
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    group.exchanges, group.reported[ONE.id] = exchanges, (first, matched)
    return group


def test_a_report_holds_until_its_end_and_the_one_that_ends_first_makes_room() -> None:
    reports = Reports()
    reports.add(ONE, 0.0)
    assert [found.id for found in reports] == [ONE.id]
    assert reports.of(told(48, 48), 99.0) is not None
    assert reports.of(told(48, 48), 100.0) is None

    reports.add(replace(ONE, until=50.0), 60.0)
    assert list(reports) == [ONE], "it was over before it came"
    for number in range(MOST):
        reports.add(replace(ONE, id=f"indicator--x{number}", until=200.0), 0.0)
    assert MOST - 200 < len(reports) <= MOST
    assert ONE.id not in {found.id for found in reports}


def test_it_counts_for_a_group_of_which_half_is_made_from_it_since_it_was_first_met() -> None:
    reports = Reports()
    reports.add(ONE, 0.0)

    assert reports.of(told(24, 48), 0.0) is not None
    assert reports.of(told(23, 48), 0.0) is None
    assert reports.of(told(24, 100, first=52), 0.0) is not None
    assert reports.of(told(47, 100, first=53), 0.0) is None, "of the first few all may be"
    other = told(48, 48)
    other.reported = {"indicator--nobodys": (0, 48)}
    assert reports.of(other, 0.0) is None


def test_many_reports_that_each_match_some_exchanges_count_for_none() -> None:
    reports, group, dice = Reports(), told(0, 0), Random(1)
    names, one = [f"indicator--{number}" for number in range(12)], seen(Outcome(), "one")
    group.reported = {}
    for name in names:
        reports.add(replace(ONE, id=name), 0.0)
    for _ in range(1000):
        group.count(replace(one, reported=tuple(dice.sample(names, 3))))
        assert reports.of(group, 0.0) is None


def test_a_group_forgets_what_is_over_so_that_others_have_its_place() -> None:
    reports, group = Reports(), told(10, 10)
    reports.add(ONE, 0.0)
    group.reported["indicator--nobodys"] = 0, 10
    reports.forget_ended(group, 99.0)
    assert set(group.reported) == {ONE.id}
    reports.forget_ended(group, 100.0)
    assert not group.reported


def test_it_counts_for_no_group_whose_accounts_show_that_they_belong_together() -> None:
    class Open(Shared):
        def read(self, among: Container[int] | None = None) -> Openness:
            return Openness(card=0.5)

    reports, group = Reports(), told(48, 48)
    reports.add(ONE, 0.0)
    group.shared = Open(group.shared._principals)

    assert reports.of(group, 0.0) is None


def test_what_was_withdrawn_does_not_come_back_and_its_groups_are_due() -> None:
    reports, group, other = Reports(), told(10, 10), told(10, 10)
    other.reported = {}
    group.due = other.due = 1000
    reports.add(ONE, 0.0)

    found = reports.withdraw([(ONE.id, 80.0), ("another", 80.0)], 1.0, [group, other])
    assert found == [(group, frozenset({ONE.id}))]
    assert (group.reported, group.due, other.due) == ({}, 10, 1000)
    reports.add(ONE, 2.0)
    assert len(reports) == 0
    reports.add(ONE, 81.0)
    assert len(reports) == 1


def test_they_are_read_as_they_were_written() -> None:
    reports, read = Reports(), Reports()
    for number in range(70):
        reports.add(replace(ONE, id=f"indicator--{number}"), 0.0)
    reports.withdraw([("indicator--3", 90.0)], 0.0, ())
    load: Callable[[bytes], None] = read.load
    for piece in reports.dump():
        load(piece)

    assert list(read) == list(reports)
    read.add(replace(ONE, id="indicator--3"), 0.0)
    assert list(read) == list(reports), "what was withdrawn is known, too"


def test_what_one_source_tells_takes_no_others_place() -> None:
    reports = Reports()
    reports.add(ONE, 0.0)
    flood = (replace(ONE, id=f"indicator--x{n}", source="a foe", until=200.0) for n in range(MOST))
    for report in flood:
        reports.add(report, 0.0)
    assert reports.get(ONE.id) == ONE
    assert ONE.id in reports.having(ONE.lines[0])
    assert len(reports.having(ONE.lines[0])) == 5, "one line, however many tell of it"

    reports.add(replace(ONE, source="a foe", lines=(b"1" * 16,)), 0.0)
    assert reports.get(ONE.id) == ONE, "a name is its first sender's"


def test_a_line_is_looked_up_in_the_reports_that_end_last() -> None:
    reports, line = Reports(), ONE.lines[0]
    for until in (30.0, 90.0, 50.0, 70.0, 60.0):
        reports.add(replace(ONE, id=f"indicator--{until:.0f}", until=until), 0.0)
    assert set(reports.having(line)) == {f"indicator--{n}" for n in (90, 50, 70, 60)}
    reports.withdraw([("indicator--90", 100.0)], 0.0, ())
    assert set(reports.having(line)) == {f"indicator--{n}" for n in (50, 70, 60)}
    assert not reports.having(b"2" * 16)
    reports.add(replace(ONE, id="indicator--later", until=200.0), 150.0)
    assert reports.having(line) == ("indicator--later",)


def test_withdrawals_of_what_nobody_told_push_out_none() -> None:
    reports = Reports()
    reports.add(ONE, 0.0)
    reports.withdraw([(ONE.id, 90.0)], 1.0, ())
    reports.withdraw([(f"indicator--x{number}", 95.0) for number in range(2 * MOST)], 1.0, ())
    reports.add(ONE, 2.0)
    assert reports.get(ONE.id) is None

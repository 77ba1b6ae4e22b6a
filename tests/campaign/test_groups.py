import math
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace
from tests.observing import READER, observe
from tests.remembering import moved

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.groups import Groups
from distillgate.campaign.jobs import complete, run_slice
from distillgate.campaign.keys import Kind
from distillgate.campaign.settings import CampaignSettings
from distillgate.dialects.chat import CHAT
from distillgate.fingerprint.fingerprint import Pieces
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import from_document

RULES = "Grade the essay below from one to ten.\nGive two reasons for the grade."
ANSWER = Outcome(status=200, prompt_tokens=50, completion_tokens=100)


def given(document: dict[str, Any]) -> CampaignSettings:
    """Read settings, and the constants beside them, of which a test may give others."""
    others = ExamineSettings.model_validate(document.pop("examine", {}))
    units = document.pop("min_units", CampaignSettings.min_units)
    quiet = document.pop("quiet_days", CampaignSettings.quiet_days)
    crowd = document.pop("accounts_a_group", 1)

    class Given(CampaignSettings):
        min_units: ClassVar[int] = units
        quiet_days: ClassVar[float] = quiet
        accounts_a_group: ClassVar[int] = crowd
        examine: ClassVar = others

    return Given.model_validate(document)


class Traffic:
    """A `Groups` with the accounts that send to it."""

    def __init__(self, max_accounts: int = 200_000, **settings: Any) -> None:
        self.groups = Groups(given(settings), READER.hash, max_accounts)
        self.accounts: dict[int, Account] = {}
        self.sent = 0

    def read(self, text: str, system: str = "") -> tuple[Exchange, Pieces]:
        messages = [{"role": "system", "content": system}] if system else []
        messages.append({"role": "user", "content": text})
        request = from_document(CHAT, {"model": "m", "messages": messages})
        pieces = READER.cut(request, 1, (), settled=False)
        return Exchange("a", request, client=Client(ip="192.0.2.1")), pieces

    def send(
        self,
        principal: int,
        text: str,
        system: str = "",
        now: float = 0.0,
        outcome: Outcome = ANSWER,
    ) -> None:
        exchange, pieces = self.read(text, system)
        account = self.accounts.setdefault(principal, Account.new(str(principal), principal, now))
        account.exchanges += 1
        fixed = self.groups.fixed(pieces, principal, now)
        account.skeleton = account.skeleton.learn(pieces.turn.hashes)
        fixed |= account.skeleton.of(pieces.turn.hashes)
        seen = observe(exchange, outcome, fixed=frozenset(fixed), tokens=50)
        self.groups.observe(account, seen, now)
        self.sent += 1

    def slot(self) -> str:
        """Something nobody sent before."""
        letters = "".join("abcdefghij"[int(digit)] for digit in f"{self.sent:05}")
        return f"essay {letters}ish on {letters[::-1]}y things"

    def share(
        self, principals: int, rounds: int = 1, system: str = RULES, now: float = 0.0
    ) -> None:
        """Let principals share a system prompt."""
        for _ in range(rounds):
            for principal in range(1, principals + 1):
                self.send(principal, self.slot(), system, now)

    def hand_on(self, one: int, other: int) -> None:
        """Let a principal send what another was answered."""
        about = self.slot()
        answer = (
            f"The first thing that can be said of the {about} is that it is long. "
            f"The second thing that can be said of the {about} is that it ends."
        )
        self.send(one, about, outcome=replace(ANSWER, text=answer))
        self.send(other, f"{self.slot()}\n{answer}")

    def settle(self, now: float = 0.0) -> list[Group]:
        """Do all work off the path; give the groups that were examined."""
        found = []
        while self.groups.waiting:
            found.append(self.groups.examine_next(now))
        return [group for group in found if group is not None]

    def of(self, kind: Kind) -> list[Group]:
        return [group for group in self.groups if group.kind is kind]


def test_a_prompt_that_enough_units_share_is_a_group() -> None:
    traffic = Traffic(min_units=4)
    traffic.share(4, rounds=3)
    assert not Traffic(min_units=4).of(Kind.SYSTEM)

    (group,) = traffic.of(Kind.SYSTEM)

    assert set(group.rows) == {1, 2, 3, 4}
    assert traffic.groups.get(group.key) is group
    assert traffic.groups.named(group.id) is group


@pytest.mark.parametrize("principals", [1, 2, 3])
def test_a_prompt_that_fewer_units_share_is_none(principals: int) -> None:
    traffic = Traffic(min_units=4)
    traffic.share(principals, rounds=20)

    assert not traffic.of(Kind.SYSTEM)
    assert not traffic.of(Kind.TURN)


def test_a_template_in_the_turn_is_a_group_too() -> None:
    traffic = Traffic(min_units=4)
    for _ in range(3):
        for principal in range(1, 7):
            traffic.send(principal, f"{RULES}\n{traffic.slot()}")

    (group,) = traffic.of(Kind.TURN)
    assert len(group.rows) == 6


def test_an_exchange_finds_its_group_and_finding_learns_nothing() -> None:
    traffic = Traffic(min_units=4)
    traffic.share(6, rounds=3)
    (group,) = traffic.of(Kind.SYSTEM)
    before = (len(traffic.groups), group.exchanges, len(group.rows))

    _, stranger = traffic.read("something new", RULES)
    _, other = traffic.read("something new", "You are the clerk of a small museum.")

    for _ in range(5):
        assert group in list(traffic.groups.find(stranger, 999))
        assert group not in list(traffic.groups.find(other, 999))
        assert group in list(traffic.groups.find(other, 1)), "its principal was seen in it"
    assert (len(traffic.groups), group.exchanges, len(group.rows)) == before


def test_the_template_is_no_varying_text() -> None:
    traffic = Traffic(min_units=4)
    for _ in range(20):
        for principal in range(1, 7):
            traffic.send(principal, RULES)
    (group,) = traffic.of(Kind.TURN)

    assert group.exchanges > 90
    assert group.repeats.distinct() <= 1


def test_varying_texts_are_counted_once_each() -> None:
    traffic = Traffic(min_units=2)
    traffic.share(10, rounds=10)
    (group,) = traffic.of(Kind.SYSTEM)

    assert group.repeats.distinct() == pytest.approx(group.exchanges, abs=2)
    assert complete(group.repeats.read()).repeated == 0


def test_due_groups_are_examined_one_at_a_time_and_again_when_they_have_grown() -> None:
    traffic = Traffic(examine={"first_exchanges": 40})
    examined: list[tuple[int, int]] = []
    for _ in range(30):
        traffic.share(15)
        for group in traffic.settle():
            if group.kind is Kind.SYSTEM:
                assert group.evidence is not None
                examined.append((group.exchanges, group.evidence.principals))

    counts = [exchanges for exchanges, _ in examined]
    assert counts == sorted(set(counts))
    assert counts[0] >= 40
    assert 5 < len(counts) < 20
    assert examined[-1][1] == 15


def test_groups_without_traffic_are_forgotten_and_their_rows_come_back() -> None:
    traffic = Traffic(quiet_days=10.0)
    traffic.share(20, rounds=3, now=0.0)
    assert len(traffic.groups) > 0
    rows = len(traffic.groups.members)
    assert rows > 0

    for _ in range(20):
        traffic.groups.examine_next(9 * DAY)
    assert len(traffic.groups) > 0
    for _ in range(20):
        traffic.groups.examine_next(11 * DAY)

    assert len(traffic.groups) == 0
    assert len(traffic.groups.members) == 0
    _, pieces = traffic.read("something new", RULES)
    assert list(traffic.groups.find(pieces, 1)) == []


def test_a_forgotten_group_can_come_back() -> None:
    traffic = Traffic(quiet_days=10.0)
    traffic.share(20, rounds=3, now=0.0)
    for _ in range(20):
        traffic.groups.examine_next(11 * DAY)
    traffic.share(20, rounds=3, now=12 * DAY)

    (group,) = traffic.of(Kind.SYSTEM)
    assert len(group.rows) == 20
    assert group.first_seen == 12 * DAY


def test_groups_and_members_are_bounded() -> None:
    traffic = Traffic(max_accounts=50, accounts_a_group=10, min_units=2)
    for i in range(40):
        letters = "".join("abcdefghij"[int(digit)] for digit in str(i))
        prompt = f"You are {letters} the {letters}th clerk.\nThe {letters} museum is yours."
        traffic.share(8, rounds=2, system=prompt)

    assert len(traffic.groups) == 5
    assert len(traffic.groups.members) <= 100
    assert all(len(group.rows) <= 8 for group in traffic.of(Kind.SYSTEM))


def test_a_full_table_of_members_does_not_keep_a_group_from_being_examined() -> None:
    traffic = Traffic(max_accounts=5, examine={"first_exchanges": 48})
    traffic.share(30, rounds=8)

    assert any(group.kind is Kind.SYSTEM for group in traffic.settle())


def test_accounts_that_came_and_went_do_not_use_up_the_members() -> None:
    traffic = Traffic(max_accounts=150, quiet_days=10.0)
    for principal in range(1000, 1400):
        for _ in range(3):
            traffic.send(principal, traffic.slot(), now=0.0)
    for day in range(60):  # one customer stays, and with it the group of those who ask like it
        traffic.send(1000, traffic.slot(), now=day * DAY)
        traffic.groups.examine_next(day * DAY)
    traffic.share(60, rounds=4, now=60 * DAY)

    (group,) = traffic.of(Kind.SYSTEM)
    assert len(group.rows) == 60
    assert all(
        group.row(principal, traffic.groups.members) is not None for principal in range(1, 61)
    )


def test_who_lost_its_row_gets_another_when_it_comes_back() -> None:
    traffic = Traffic(max_accounts=20)
    traffic.share(10, rounds=3)
    (group,) = traffic.of(Kind.SYSTEM)
    for principal in range(1000, 1060):
        for _ in range(3):
            traffic.send(principal, traffic.slot(), now=DAY)
    members = traffic.groups.members
    assert [
        principal for principal in range(1, 11) if group.row(principal, members) is not None
    ] == []
    run_slice(
        group.prune(members), math.inf
    )  # as an examination does; its principals were not told

    traffic.share(10, rounds=1, now=2 * DAY)

    rows = [group.row(principal, members) for principal in range(1, 11)]
    assert None not in rows
    assert len(set(rows)) == 10
    assert [members.texts[row] for row in rows if row is not None] == [1.0] * 10
    for principal in range(1, 11):
        codes = [found.code for found in traffic.groups.of_principal(principal)]
        assert len(set(codes)) == len(codes), "it is not in the same group twice"


def lose(traffic: Traffic, group: Group, principal: int, mark: int) -> int:
    """Give a principal's row to another."""
    row = group.rows[principal]
    traffic.groups.members.release(row)
    assert traffic.groups.members.allot(mark) == row
    return row


@pytest.mark.parametrize("kind", [Kind.SYSTEM, Kind.SHAPE])
def test_what_a_unit_sends_is_not_added_to_a_row_that_is_anothers(kind: Kind) -> None:
    traffic = Traffic()
    traffic.share(10, rounds=4)
    (group,) = traffic.of(kind)
    row = lose(traffic, group, principal=3, mark=999)

    traffic.share(10)

    members = traffic.groups.members
    assert members.holds(row, 999)
    assert members.texts[row] == 0
    assert group.row(3, members) not in (None, row)


@pytest.mark.parametrize("kind", [Kind.SYSTEM, Kind.SHAPE])
def test_who_was_forgotten_by_a_group_is_in_it_once_when_it_comes_back(kind: Kind) -> None:
    traffic = Traffic()
    traffic.share(10, rounds=4)
    (group,) = traffic.of(kind)
    lose(traffic, group, principal=3, mark=999)
    run_slice(group.prune(traffic.groups.members), math.inf)
    assert 3 not in group.rows

    traffic.share(10)

    assert 3 in group.rows
    codes = [found.code for found in traffic.groups.of_principal(3)]
    assert codes.count(group.code) == 1


@pytest.mark.parametrize("kind", [Kind.SYSTEM, Kind.SHAPE])
def test_a_forgotten_group_takes_no_row_with_it_that_is_anothers(kind: Kind) -> None:
    traffic = Traffic(quiet_days=10.0)
    traffic.share(10, rounds=4)
    (group,) = traffic.of(kind)
    row = lose(traffic, group, principal=3, mark=999)

    for _ in range(20):
        traffic.groups.examine_next(11 * DAY)

    assert len(traffic.groups) == 0
    assert traffic.groups.members.holds(row, 999)
    assert len(traffic.groups.members) == 1


def test_a_group_whose_members_lost_their_rows_is_examined_without_them() -> None:
    traffic = Traffic(max_accounts=30, examine={"first_exchanges": 48})
    traffic.share(16, rounds=3)
    traffic.share(8, rounds=6, now=2 * DAY)
    for principal in range(1000, 1020):
        for _ in range(3):
            traffic.send(principal, traffic.slot(), now=DAY)
    traffic.share(8, rounds=6, now=3 * DAY)
    (group,) = traffic.of(Kind.SYSTEM)
    traffic.groups.members.release(group.rows[16])

    for _ in range(20):
        traffic.groups.examine_next(3 * DAY)

    assert group.evidence is not None
    assert 16 not in group.rows
    assert set(range(1, 9)) <= set(group.rows)
    assert group.evidence.principals == len(group.rows) < 16


def test_what_is_remembered_of_units_is_bounded() -> None:
    traffic = Traffic(max_accounts=25, examine={"first_exchanges": 10})
    for principal in range(1, 1500):
        for _ in range(3):
            traffic.send(principal, traffic.slot(), RULES, now=float(principal))
        traffic.groups.examine_next(float(principal))

    found = traffic.groups
    assert len(found.members) <= 50
    remembered = [principal for principal in range(1, 1500) if found.of_principal(principal)]
    assert len(remembered) <= 50
    assert remembered[-1] == 1499


def test_components_that_become_one_are_one_group() -> None:
    traffic = Traffic(min_units=4, examine={"first_exchanges": 20})
    hands = [list(range(1, 7)), list(range(11, 17))]
    for _ in range(4):
        for principals in hands:
            for one, other in pairwise((*principals, principals[0])):
                traffic.hand_on(one, other)
    apart = traffic.of(Kind.LINKS)
    assert sorted(sorted(group.rows) for group in apart) == hands
    counted = sum(group.exchanges for group in apart)

    for _ in range(4):
        traffic.hand_on(1, 11)
    for _ in range(20):
        traffic.groups.examine_next(0.0)

    (group,) = traffic.of(Kind.LINKS)
    assert group in apart
    assert sorted(group.rows) == [*hands[0], *hands[1]]
    assert group.exchanges == counted + 8
    assert group.evidence is not None
    assert group.evidence.principals == 12
    for principal in (*hands[0], *hands[1]):
        links = [
            found for found in traffic.groups.of_principal(principal) if found.kind is Kind.LINKS
        ]
        assert links == [group]


def test_a_group_that_joins_a_component_too_small_for_one_keeps_its_history() -> None:
    traffic = Traffic(min_units=4, examine={"first_exchanges": 20})
    hands = list(range(11, 17))
    for _ in range(4):
        for one, other in pairwise((*hands, hands[0])):
            traffic.hand_on(one, other)
    for _ in range(30):  # three that met more often than they all: theirs is the root that stays
        for one, other in ((1, 2), (2, 3), (3, 1)):
            traffic.hand_on(one, other)
    (before,) = traffic.of(Kind.LINKS)
    counted = before.exchanges

    for _ in range(4):
        traffic.hand_on(1, 11)
    traffic.settle()

    (group,) = traffic.of(Kind.LINKS)
    assert group is not before
    assert group.exchanges >= counted
    assert set(hands) < set(group.rows)


def test_a_large_group_is_examined_in_pieces_and_once_at_a_time() -> None:
    traffic = Traffic()
    traffic.share(1200, rounds=3)
    (group,) = traffic.of(Kind.SYSTEM)
    traffic.settle()
    group.due = group.exchanges
    traffic.send(1, traffic.slot(), RULES)
    pieces = 0
    while traffic.groups.examine_next(0.0) is not group:
        pieces += 1
        traffic.send(1, traffic.slot(), RULES)

    assert pieces > 1
    assert group.evidence is not None
    assert group.evidence.principals == 1200


def test_units_that_lost_their_rows_are_forgotten_before_there_are_many() -> None:
    traffic = Traffic(max_accounts=30, examine={"first_exchanges": 10, "growth": 1e9})
    for principal in range(1, 2000):
        for _ in range(2):
            traffic.send(principal, traffic.slot(), RULES)
        traffic.groups.examine_next(0.0)

    assert all(len(group.rows) <= 250 for group in traffic.groups)


def test_who_is_let_out_of_linked_accounts_stays_out() -> None:
    traffic = Traffic(min_units=3)
    for shift in range(4):
        for principal in range(1, 6):
            traffic.hand_on(principal, (principal + shift) % 5 + 1)
    (group,) = traffic.of(Kind.LINKS)
    assert 1 in group.rows

    traffic.groups.let_out(1)
    for _ in range(3):
        traffic.send(1, traffic.slot())

    assert 1 not in group.rows
    assert 2 in group.rows


def test_a_group_that_cannot_be_examined_holds_no_other_up() -> None:
    traffic = Traffic(min_units=4, examine={"first_exchanges": 8})
    traffic.share(6, rounds=2)
    (broken,) = traffic.of(Kind.SYSTEM)
    broken.rows[1] = traffic.groups.members.limit  # no such row
    other = "Translate the sentence below into French.\nKeep its names as they are."
    traffic.share(6, rounds=3, system=other)

    failed, found = 0, []
    while traffic.groups.waiting:
        try:
            found.append(traffic.groups.examine_next(0.0))
        except IndexError:
            failed += 1

    assert failed == 1
    assert any(group is not None and group is not broken for group in found)


def test_who_is_let_out_leaves_groups_it_was_in_long_ago() -> None:
    traffic = Traffic(min_units=3)
    for number in range(12):
        word = "abcdefghijkl"[number] * 5
        traffic.share(4, rounds=2, system=f"Always answer in the manner of {word}, as {word} does.")
    assert sum(1 in group.rows for group in traffic.of(Kind.SYSTEM)) > 7

    traffic.groups.let_out(1)

    assert not any(1 in group.rows for group in traffic.groups)
    assert all(2 in group.rows for group in traffic.of(Kind.SYSTEM))


def copy(traffic: Traffic, **settings: Any) -> Traffic:
    """Write all groups, and read them."""
    again = Traffic(**settings)
    again.accounts = traffic.accounts
    parts = again.groups.parts()
    for name, part in traffic.groups.parts().items():
        moved(part, parts[name])
    return again


def test_groups_cannot_be_written_while_one_is_examined_and_wait_in_the_same_order_after() -> None:
    traffic = Traffic()
    traffic.share(1200, rounds=3)
    (group,) = traffic.of(Kind.SYSTEM)
    traffic.settle()
    assert traffic.groups.at_rest
    group.due = group.exchanges
    traffic.send(1, traffic.slot(), RULES)
    again = copy(traffic)
    assert traffic.groups.examine_next(0.0) is None, "more than a piece of work"
    assert not traffic.groups.at_rest

    assert [found.key for found in again.settle()] == [group.key]
    assert traffic.settle() == [group]
    assert traffic.groups.at_rest
    for name, part in traffic.groups.parts().items():
        assert [*again.groups.parts()[name].dump()] == [*part.dump()], name


def test_units_of_a_group_that_is_gone_are_let_go_after_it_was_written() -> None:
    traffic = Traffic(quiet_days=1.0)
    traffic.share(1200, rounds=3)
    traffic.settle()
    traffic.groups.examine_next(3 * DAY)
    again = copy(traffic, quiet_days=1.0)
    assert traffic.groups.waiting
    assert again.groups.waiting

    for one in (traffic, again):
        one.settle(now=3 * DAY)
        assert not one.groups.waiting
        assert len(one.groups.members) == len(traffic.groups.members)


def test_a_group_that_is_forgotten_while_it_is_examined_is_not_given() -> None:
    traffic = Traffic(quiet_days=1.0)
    traffic.share(1200, rounds=3)
    (group,) = traffic.of(Kind.SYSTEM)
    traffic.settle()
    group.due = group.exchanges
    traffic.send(1, traffic.slot(), RULES)
    assert traffic.groups.examine_next(0.0) is None

    examined = traffic.settle(now=2 * DAY)

    assert group not in examined
    assert group.evidence is not None
    assert traffic.groups.get(group.key) is None

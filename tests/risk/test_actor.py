import math
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from tests.signals.conftest import unremarkable

from distillgate.account.account import Account
from distillgate.campaign.comparable import Comparable
from distillgate.campaign.core import centre
from distillgate.campaign.evidence import Taken
from distillgate.campaign.examine import ExamineSettings, examine
from distillgate.campaign.group import Group
from distillgate.campaign.hand import OneHand
from distillgate.campaign.jobs import run_slice
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.openness import Openness
from distillgate.campaign.sketch_table import SketchTable, entry
from distillgate.campaign.split import hand_of
from distillgate.campaign.surroundings import Surroundings
from distillgate.fingerprint.sketch import LARGEST, STYLE, TOPIC, Sketch
from distillgate.risk.actor import UNKNOWN, Actor, Habits, compared, inherited, judge, membership
from distillgate.risk.fuse import RiskSettings
from distillgate.signals.signal import Family, Signal

EXAMINE = ExamineSettings()
RISK = RiskSettings()
STRAY, NEW = 999, 998
UNITS = range(100, 140)


def signal(family: Family, llr: float) -> Signal:
    return Signal("s", family, llr, "why")


def fill(
    members: SketchTable, group: Group, principal: int, texts: int, offset: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    row = group.rows[principal] = members.allot(group.mark(principal))
    for _ in range(texts):
        topic = rng.normal(offset, 1, TOPIC)
        one = Sketch(
            (topic / np.linalg.norm(topic)).astype(np.float32),
            (LARGEST * (0.5 + 0.05 * rng.normal(offset, 1, STYLE))).astype(np.float32),
        )
        members.add([row], entry(one, 0.0), 0.0)


@pytest.fixture
def linked() -> tuple[Group, SketchTable]:
    """Forty principals of one hand, examined, and a stray one that joined after."""
    members, group = SketchTable(100), Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    group.distinctive = True
    for principal in UNITS:
        fill(members, group, principal, 10, 0.0, principal - UNITS[0])
    steps = examine(group, Surroundings((), {}, 1000), members, EXAMINE, 0.0)
    group.evidence = run_slice(steps, math.inf)
    fill(members, group, STRAY, 10, 1.5, STRAY)
    return group, members


def test_linkage_makes_a_group_one_actor() -> None:
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)
    strong = [signal(Family.LINKAGE, RISK.linked + 0.1), signal(Family.HARVEST, -6.0)]
    weak = [signal(Family.LINKAGE, RISK.linked - 0.1), signal(Family.HARVEST, 4.0)]

    found = judge(group, strong, RISK)

    assert found is not None
    assert found.signals == strong
    assert group.link == pytest.approx(RISK.linked + 0.1)
    assert judge(group, weak, RISK) is None
    assert group.link == pytest.approx(RISK.linked - 0.1)
    assert judge(group, [], RISK) is None


def test_members_belong_and_a_stray_account_is_out(linked: tuple[Group, SketchTable]) -> None:
    group, members = linked

    shares = [membership(group, Comparable(principal, members), EXAMINE) for principal in UNITS]

    assert sum(share == 1.0 for share in shares) >= 38
    assert membership(group, Comparable(STRAY, members), EXAMINE) == 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.985])
def test_a_newcomer_to_a_group_of_one_piece_belongs_and_to_a_mixed_one_does_not(
    linked: tuple[Group, SketchTable], share: float
) -> None:
    group, members = linked
    assert membership(group, Comparable(12345, members), EXAMINE) > 0.9

    assert group.evidence is not None
    assert group.evidence.core is not None
    mixed = replace(group.evidence.core, share=share)
    group.evidence = replace(group.evidence, core=mixed, whole=False)

    assert membership(group, Comparable(12345, members), EXAMINE) == 0


def test_a_newcomer_that_shares_what_is_common_does_not_belong_by_that(
    linked: tuple[Group, SketchTable],
) -> None:
    group, members = linked
    group.distinctive = False

    assert membership(group, Comparable(12345, members), EXAMINE) == 0
    shares = [membership(group, Comparable(principal, members), EXAMINE) for principal in UNITS]
    assert sum(share == 1.0 for share in shares) >= 36, "its own texts speak for each"


def test_who_sent_much_else_does_not_belong_by_what_it_shares_once(
    linked: tuple[Group, SketchTable],
) -> None:
    group, members = linked
    first = [
        membership(group, Comparable(12345, members), EXAMINE, Habits(sent))
        for sent in (0, 1, 2, 200)
    ]
    assert first == sorted(first, reverse=True)
    assert first[0] > 0.9
    assert first[2] == 0

    fill(members, group, 12345, 1, 0.0, 7)
    second = [
        membership(group, Comparable(12345, members), EXAMINE, Habits(sent)) for sent in (1, 3, 200)
    ]
    assert second == sorted(second, reverse=True)
    assert second[0] > 0.9
    assert second[-1] == 0

    halves = [
        membership(group, Comparable(principal, members), EXAMINE, Habits(20))
        for principal in UNITS
    ]
    assert sum(share == 1.0 for share in halves) >= 36, "its own texts speak for each"


def test_who_talks_back_where_the_group_does_not_is_out(linked: tuple[Group, SketchTable]) -> None:
    group, members = linked
    principal = UNITS[0]

    def share(follows: float, of_group: float = 0.0) -> float:
        assert group.evidence is not None
        group.evidence = replace(group.evidence, follows=of_group)
        return membership(group, Comparable(principal, members), EXAMINE, Habits(10, follows))

    assert share(0) == share(1) == 1.0, "a text or two may look like it"
    assert share(5) == 0
    assert share(5, of_group=0.5) == 1.0, "a relay of people's chats talks back, too"


def test_a_front_end_whose_users_mostly_ask_once_is_out_in_time(
    linked: tuple[Group, SketchTable],
) -> None:
    group, members = linked
    assert group.evidence is not None
    group.evidence = replace(group.evidence, follows=0.0)

    def share(sent: float, follows: float) -> float:
        return membership(group, Comparable(UNITS[0], members), EXAMINE, Habits(sent, follows))

    assert share(80, 0) > 0
    assert share(80, 4) == share(80, 0), "some texts look like it"
    assert share(80, 16) == 0


def test_where_all_draws_convict_a_group_an_account_is_judged_by_its_own_too(
    linked: tuple[Group, SketchTable],
) -> None:
    group, members = linked
    assert group.evidence is not None
    assert group.evidence.core is not None
    for principal in (NEW, NEW + 1):
        fill(members, group, principal, 1, 0.0, principal)  # with the key: one text each
    own, others = (Group.new(Key(Kind.SHAPE, 8), 0.0, sample=8, due=48) for _ in range(2))
    fill(members, own, NEW, 12, 0.0, 1)
    fill(members, others, NEW + 1, 8, 3.0, 4)
    mixed = replace(group.evidence.core, share=0.5)
    near = Comparable(NEW, members, own.row(NEW, members))
    off = Comparable(NEW + 1, members, others.row(NEW + 1, members))

    group.evidence = replace(group.evidence, core=mixed, whole=False)
    assert [membership(group, who, EXAMINE) for who in (near, off)] == [0, 0]
    assert [compared(group, who) for who in (near, off)] == [1, 1]

    group.evidence = replace(group.evidence, drawn=mixed)
    assert [membership(group, who, EXAMINE) for who in (near, off)] == [1, 0]
    assert compared(group, near) == 12


def test_who_lost_its_row_is_a_newcomer_again(linked: tuple[Group, SketchTable]) -> None:
    group, members = linked
    members.release(group.rows[STRAY])
    newcomer = membership(group, Comparable(12345, members), EXAMINE)
    assert membership(group, Comparable(STRAY, members), EXAMINE) == newcomer > 0.9

    # The row is another's by now, who is held to what it sent itself.
    fill(members, group, STRAY + 1, 10, 1.5, 1)
    assert group.rows[STRAY] == group.rows[STRAY + 1]
    assert membership(group, Comparable(STRAY, members), EXAMINE) == newcomer
    assert membership(group, Comparable(STRAY + 1, members), EXAMINE) == 0


def test_where_nothing_was_examined_nobody_belongs() -> None:
    group = Group.new(Key(Kind.TURN, 7), 0.0, sample=8, due=48)

    assert membership(group, Comparable(1, SketchTable(1)), EXAMINE) == 0


def test_an_actors_signals_reach_its_members_only(linked: tuple[Group, SketchTable]) -> None:
    group, members = linked
    signals = [signal(Family.LINKAGE, 4.0), signal(Family.HARVEST, 2.0)]
    actor = Actor(group, signals)

    def of(principal: int) -> list[Any]:
        account = Account.new("a", principal, 0.0)
        return inherited(actor, account, Comparable(principal, members), EXAMINE)

    share = membership(group, Comparable(UNITS[0], members), EXAMINE)
    assert [s.llr for s in of(UNITS[0])] == pytest.approx([4.0 * share, 2.0 * share])
    assert of(STRAY) == []


def test_a_hands_evidence_reaches_whose_texts_lie_in_it_and_who_does_not_talk_back() -> None:
    members, group = SketchTable(100), Group.new(Key(Kind.HAND, 7), 0.0, sample=8, due=48)
    for principal in UNITS:
        fill(members, group, principal, 12, 0.0, principal - UNITS[0])
    fill(members, group, STRAY, 12, 3.0, STRAY)
    fill(members, group, NEW, 3, 0.0, NEW)
    whole = members.table(np.array([group.rows[principal] for principal in UNITS]))
    hand = hand_of(centre(whole, 0.5, EXAMINE.spreads))
    said = OneHand(hand, nats=60.0, asked=40.0, accounts=40, share=0.3, recurrence=1.0)
    group.evidence = replace(unremarkable(), one_hand=said)

    def reached(habits: Habits = UNKNOWN) -> int:
        return sum(
            membership(group, Comparable(principal, members), EXAMINE, habits) == 1
            for principal in UNITS
        )

    assert membership(group, Comparable(12345, members), EXAMINE) == 0
    assert membership(group, Comparable(STRAY, members), EXAMINE) == 0
    assert membership(group, Comparable(NEW, members), EXAMINE) == 0, "three texts are too few"
    assert reached() >= 38
    assert reached(Habits(20, 0)) == reached()
    assert reached(Habits(40, 20)) == 0, "who talks back is let go"


def test_a_declared_organisation_is_in_no_hand_of_strangers_but_in_one_of_organisations() -> None:
    members, group = SketchTable(100), Group.new(Key(Kind.HAND, 7), 0.0, sample=8, due=48)
    for principal in UNITS:
        fill(members, group, principal, 12, 0.0, principal - UNITS[0])
    whole = members.table(np.array([group.rows[principal] for principal in UNITS]))
    hand = hand_of(centre(whole, 0.5, EXAMINE.spreads))
    said = OneHand(hand, nats=60.0, asked=40.0, accounts=40, share=0.3, recurrence=1.0)

    def reached(organised: float) -> int:
        taken = Taken(openness=Openness(organised=organised))
        group.evidence = replace(unremarkable(), one_hand=said, taken=taken)
        habits = Habits(20, 0, organised=True)
        return sum(
            membership(group, Comparable(principal, members), EXAMINE, habits) == 1
            for principal in UNITS
        )

    assert reached(0.02) == 0
    assert reached(0.5) >= 38


def test_draws_of_who_asks_with_a_prompt_once_in_many_times_say_nothing(
    linked: tuple[Group, SketchTable],
) -> None:
    group, members = linked
    assert group.evidence is not None
    assert group.evidence.core is not None
    fill(members, group, NEW, 1, 0.0, NEW)
    own = Group.new(Key(Kind.SHAPE, 8), 0.0, sample=8, due=48)
    mixed = replace(group.evidence.core, share=0.5)
    group.evidence = replace(group.evidence, core=mixed, whole=False, drawn=mixed)

    def share(draws: int, habits: Habits = UNKNOWN) -> float:
        fill(members, own, NEW, draws, 0.0, 1)
        who = Comparable(NEW, members, own.row(NEW, members))
        assert (compared(group, who) == draws) == (membership(group, who, EXAMINE) > 0)
        return membership(group, who, EXAMINE, habits)

    assert share(12) == 1
    assert share(13) == 0, "a gateway, of which a person uses the prompt"
    assert share(12, Habits(organised=True)) == 0, "many people of one organisation"

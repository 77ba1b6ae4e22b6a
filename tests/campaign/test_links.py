from collections.abc import Sequence

import numpy as np
import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from distillgate.account.windows import DAY
from distillgate.campaign.links import Links, LinkSettings, Meeting, Shown, learn_meetings
from distillgate.fingerprint.conversation import Answered, Conversation

SETTINGS = LinkSettings(places=1 << 12)
KINDS = pytest.mark.parametrize("meeting", list(Meeting))


def hashes(count: int, seed: int = 1) -> list[int]:
    found: list[int] = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64).tolist()
    return found


def ring(
    links: Links, principals: Sequence[int], seed: int = 0, meeting: Meeting = Meeting.HOP
) -> None:
    """Let every principal meet the two beside it."""
    for i, value in enumerate(hashes(len(principals), seed=principals[0] + 1000 * seed)):
        links.note(meeting, (value,), principals[i], 0.0)
        links.meet(meeting, (value,), principals[(i + 1) % len(principals)], 5.0)


@KINDS
def test_units_that_meet_several_others_act_together(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    ring(links, (1, 2, 3), meeting=meeting)

    (root,) = {links.component(principal) for principal in (1, 2, 3)}
    assert root is not None
    assert links.of(root)[meeting] >= 1


@KINDS
def test_one_meeting_is_chance(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    links.note(meeting, hashes(1), 1, 0.0)
    links.meet(meeting, hashes(1), 2, 5.0)

    assert links.component(1) is None
    assert links.component(2) is None


@KINDS
def test_a_pair_that_keeps_meeting_is_two_colleagues(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(50):
        links.note(meeting, (value,), 1, 0.0)
        links.meet(meeting, (value,), 2, 5.0)

    assert links.component(1) is None
    assert links.component(2) is None


@KINDS
def test_a_router_does_not_tie_its_customers_together(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for i, value in enumerate(hashes(200)):
        links.note(meeting, (value,), 10 + i % 40, 0.0)
        links.meet(meeting, (value,), 1, 5.0)

    assert [links.component(principal) for principal in (1, *range(10, 50))] == [None] * 41


@KINDS
def test_a_unit_does_not_meet_itself(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(20):
        links.note(meeting, (value,), 1, 0.0)
        links.meet(meeting, (value,), 1, 5.0)

    assert links.component(1) is None


@KINDS
def test_what_several_units_showed_ties_nobody_together(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(20):
        for principal in (1, 2, 3):
            links.note(meeting, (value,), principal, 0.0)
        links.meet(meeting, (value,), 4, 5.0)

    assert [links.component(principal) for principal in (1, 2, 3, 4)] == [None] * 4


@pytest.mark.parametrize(
    ("meeting", "later"),
    [
        (Meeting.FAILOVER, SETTINGS.failover_seconds + 1),
        (Meeting.HOP, SETTINGS.days * DAY + 1),
        (Meeting.ANSWER, SETTINGS.days * DAY + 1),
    ],
)
def test_sightings_expire(meeting: Meeting, later: float) -> None:
    links = Links(SETTINGS)
    for i, value in enumerate(hashes(20)):
        links.note(meeting, (value,), i % 3, 0.0)
        links.meet(meeting, (value,), (i + 1) % 3, later)

    assert [links.component(principal) for principal in range(3)] == [None] * 3


def test_chains_of_meetings_are_one_component() -> None:
    links = Links(SETTINGS)
    for principal in range(1, 30):
        for value in hashes(2, seed=principal):
            links.note(Meeting.HOP, (value,), principal, 0.0)
            links.meet(Meeting.HOP, (value,), principal + 1, 5.0)

    assert links.component(1) is links.component(30) is None, "the ends met one other each"
    (root,) = {links.component(principal) for principal in range(2, 30)}
    assert root is not None
    assert links.of(root)[Meeting.HOP] >= 27


def test_one_common_sentence_is_no_answer_that_came_back() -> None:
    links = Links(SETTINGS)
    for i in range(20):
        answer = hashes(5, seed=i)
        links.note(Meeting.ANSWER, answer, 1, 0.0)
        links.meet(Meeting.ANSWER, (answer[0], *hashes(4, seed=1000 + i)), 2, 5.0)

    assert links.component(1) is None


def test_sightings_are_bounded_and_the_newest_are_kept() -> None:
    sightings = Shown(1 << 8)
    values = hashes(10_000)
    for value in values:
        sightings.note((value,), 7, 0.0)

    assert sightings.find((values[-1],), 0.0, 1.0) == {7: 1}
    known = sum(bool(sightings.find((value,), 0.0, 1.0)) for value in values)
    assert known <= 1 << 8


def test_a_program_that_turns_to_its_next_account_is_linked() -> None:
    links = Links(SETTINGS)
    for i, value in enumerate(hashes(10)):
        body = Conversation(None, value, telling=True, carried=())
        learn_meetings(links, 1 + i % 3, body, Answered(), refused=True, now=100.0 * i)
        learn_meetings(links, 1 + (i + 1) % 3, body, Answered(), refused=False, now=100.0 * i + 2)

    assert links.component(1) is not None
    assert links.component(1) == links.component(2) == links.component(3)


def test_a_seal_that_comes_back_elsewhere_is_a_replay_and_at_home_is_none() -> None:
    links = Links(SETTINGS)
    for i, (seal, own) in enumerate(zip(hashes(30), hashes(30, seed=2), strict=True)):
        for principal, to, handed in (
            (1 + i % 3, 1 + (i + 1) % 3, seal),
            (10 + i % 3, 10 + i % 3, own),
        ):
            asked = Conversation(None, i, telling=False, carried=())
            again = replace(asked, sealed=(handed,))
            learn_meetings(
                links, principal, asked, Answered(sealed=(handed,)), refused=False, now=0.0
            )
            learn_meetings(links, to, again, Answered(), refused=False, now=9.0)

    root = links.component(1)
    assert root is not None
    assert set(links.of(root)) == {Meeting.REASONING}
    assert [links.component(principal) for principal in (10, 11, 12)] == [None] * 3


def test_a_greeting_that_everybody_sends_is_no_failover() -> None:
    links = Links(SETTINGS)
    hello = Conversation(None, hashes(1)[0], telling=False, carried=())
    for i in range(200):
        learn_meetings(links, 10 + i % 40, hello, Answered(), refused=False, now=5.0 * i)
        learn_meetings(links, 1, hello, Answered(), refused=True, now=5.0 * i + 1)  # out of quota

    assert links.component(1) is None
    assert [links.component(10 + i) for i in range(40)] == [None] * 40


def test_two_join_once_each_has_met_another() -> None:
    links = Links(SETTINGS)
    for one, other in ((1, 2), (2, 3), (4, 1)):
        value = hashes(1, seed=10 * one + other)
        links.note(Meeting.HOP, value, one, 0.0)
        links.meet(Meeting.HOP, value, other, 5.0)

    assert links.component(1) == links.component(2) is not None, (
        "they met before they were known to roam"
    )
    assert links.component(3) is links.component(4) is None


def test_a_component_stays_the_same_group_as_others_join_it() -> None:
    links = Links(SETTINGS)
    ring(links, range(1, 6))
    root = links.component(1)
    for principal in range(10, 30, 2):
        ring(links, (1, principal, principal + 1), seed=principal)

    assert {links.component(principal) for principal in (*range(1, 6), *range(10, 30))} == {root}


def test_two_components_that_meet_are_one_with_the_meetings_of_both() -> None:
    links = Links(SETTINGS)
    ring(links, (1, 2, 3))
    ring(links, (11, 12, 13))
    parts = [links.component(1), links.component(11)]
    assert parts[0] != parts[1]
    before = [links.of(part)[Meeting.HOP] for part in parts if part is not None]

    ring(links, (3, 12))

    (root,) = {links.component(principal) for principal in (1, 2, 3, 11, 12, 13)}
    assert root is not None
    assert links.of(root)[Meeting.HOP] > sum(before)


def three(number: int) -> tuple[int, int, int]:
    return 100 + 3 * number, 101 + 3 * number, 102 + 3 * number


def test_beyond_the_bound_the_components_that_met_the_longest_ago_are_forgotten() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=30))
    for number in range(10):
        ring(links, three(number))
    assert all(links.component(principal) is not None for principal in range(100, 130))

    ring(links, three(50))

    assert len({links.component(principal) for principal in three(50)} - {None}) == 1
    assert [links.component(principal) for principal in range(100, 115)] == [None] * 15
    assert all(links.component(principal) is not None for principal in range(115, 130))


def test_a_component_that_still_meets_is_kept() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=30))
    for number in range(50):
        ring(links, (1, 2, 3), seed=number)
        ring(links, three(number))

    assert links.component(1) == links.component(2) is not None
    assert links.component(100) is None
    known = [
        principal
        for principal in (1, 2, 3, *range(100, 250))
        if links.component(principal) is not None
    ]
    assert len(known) <= 30


def test_forgotten_units_can_meet_again() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=6))
    for number in range(10):
        ring(links, three(number))
    assert links.component(100) is None

    ring(links, three(0), seed=77)

    assert links.component(100) == links.component(101) is not None


def test_one_component_alone_stays_within_the_bound() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=20))
    for principal in range(2, 200, 2):
        ring(links, (1, principal, principal + 1))
        linked = [u for u in range(1, principal + 2) if links.component(u) is not None]
        assert len(linked) <= 20


def test_meetings_of_strangers_are_forgotten_beyond_the_bound() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=8))
    ring(links, (1, 2))
    for principal in range(10, 50, 2):
        ring(links, (principal, principal + 1))
    for other in (1, 2):
        value = hashes(1, seed=other)
        links.note(Meeting.HOP, value, 3, 0.0)
        links.meet(Meeting.HOP, value, other, 5.0)

    assert [links.component(principal) for principal in (1, 2, 3)] == [None] * 3, (
        "1 and 2 met: forgotten"
    )


@pytest.mark.parametrize("name", ["places", "max_units"])
def test_a_table_without_room_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        LinkSettings.model_validate({name: 0})


def test_a_long_prompt_that_everybody_sends_ties_nobody_to_one_that_is_over_its_quota() -> None:
    links = Links(LinkSettings(places=1 << 12))
    common = Conversation(None, 12345678901234567, True, ())

    for i in range(200):
        learn_meetings(links, 10 + i % 40, common, Answered(), refused=False, now=5.0 * i)
        learn_meetings(links, 1, common, Answered(), refused=True, now=5.0 * i + 1)

    assert links.component(1) is None


def test_who_is_let_out_is_back_only_when_it_meets_several_anew() -> None:
    links = Links(SETTINGS)
    ring(links, (1, 2, 3, 4))
    links.let_out(1)

    assert links.component(1) is None
    assert len({links.component(principal) for principal in (2, 3, 4)}) == 1
    links.note(Meeting.HOP, hashes(1, seed=7), 2, 0.0)
    links.meet(Meeting.HOP, hashes(1, seed=7), 1, 5.0)
    assert links.component(1) is None, "one meeting is chance"

    ring(links, (1, 2, 3, 4), seed=2)
    assert links.component(1) == links.component(2) is not None


def test_nobody_is_let_out_of_nothing() -> None:
    links = Links(SETTINGS)
    links.let_out(1)
    ring(links, (1, 2, 3))

    assert links.component(1) is not None

import numpy as np
import pytest
from pydantic import ValidationError

from distillgate.account.windows import DAY
from distillgate.campaign.links import Links, LinkSettings, Meeting, Sightings, learn_meetings
from distillgate.fingerprint.conversation import Conversation

SETTINGS = LinkSettings(places=1 << 12)
KINDS = pytest.mark.parametrize("meeting", list(Meeting))


def hashes(count: int, seed: int = 1) -> list[int]:
    found: list[int] = np.random.default_rng(seed).integers(0, 2**64, count, np.uint64).tolist()
    return found


@KINDS
def test_units_that_meet_repeatedly_act_together(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(SETTINGS.meetings):
        links.note(meeting, (value,), 1, 0.0)
        links.meet(meeting, (value,), 2, 5.0)

    assert links.root(1) is not None
    assert links.root(1) == links.root(2)
    root = links.root(1)
    assert root is not None
    assert links.of(root)[meeting] >= 1


@KINDS
def test_one_meeting_is_chance(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    links.note(meeting, hashes(1), 1, 0.0)
    links.meet(meeting, hashes(1), 2, 5.0)

    assert links.root(1) is None
    assert links.root(2) is None


@KINDS
def test_a_unit_does_not_meet_itself(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(20):
        links.note(meeting, (value,), 1, 0.0)
        links.meet(meeting, (value,), 1, 5.0)

    assert links.root(1) is None


@KINDS
def test_what_several_units_showed_ties_nobody_together(meeting: Meeting) -> None:
    links = Links(SETTINGS)
    for value in hashes(20):
        for unit in (1, 2, 3):
            links.note(meeting, (value,), unit, 0.0)
        links.meet(meeting, (value,), 4, 5.0)

    assert [links.root(unit) for unit in (1, 2, 3, 4)] == [None] * 4


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
    for value in hashes(20):
        links.note(meeting, (value,), 1, 0.0)
        links.meet(meeting, (value,), 2, later)

    assert links.root(1) is None


def test_chains_of_meetings_are_one_component() -> None:
    links = Links(SETTINGS)
    for unit in range(1, 30):
        for value in hashes(SETTINGS.meetings, seed=unit):
            links.note(Meeting.HOP, (value,), unit, 0.0)
            links.meet(Meeting.HOP, (value,), unit + 1, 5.0)

    roots = {links.root(unit) for unit in range(1, 31)}
    assert len(roots) == 1
    (root,) = roots
    assert root is not None
    assert links.of(root)[Meeting.HOP] >= 29


def test_one_common_sentence_is_no_answer_that_came_back() -> None:
    links = Links(SETTINGS)
    for i in range(20):
        answer = hashes(5, seed=i)
        links.note(Meeting.ANSWER, answer, 1, 0.0)
        links.meet(Meeting.ANSWER, (answer[0], *hashes(4, seed=1000 + i)), 2, 5.0)

    assert links.root(1) is None


def test_sightings_are_bounded_and_the_newest_are_kept() -> None:
    sightings = Sightings(1 << 8)
    values = hashes(10_000)
    for value in values:
        sightings.note((value,), 7, 0.0)

    assert sightings.find((values[-1],), 0.0, 1.0) == {7: 1}
    known = sum(bool(sightings.find((value,), 0.0, 1.0)) for value in values)
    assert known <= 1 << 8


def test_a_table_that_is_no_power_of_two_is_refused() -> None:
    with pytest.raises(ValueError, match="power of two"):
        Sightings(1000)


def test_a_program_that_turns_to_its_next_account_is_linked() -> None:
    links = Links(SETTINGS)
    for i, value in enumerate(hashes(10)):
        body = Conversation(None, value, telling=True, carried=())
        learn_meetings(links, 1 + i % 2, body, (), refused=True, now=100.0 * i)
        learn_meetings(links, 2 - i % 2, body, (), refused=False, now=100.0 * i + 2)

    assert links.root(1) is not None
    assert links.root(1) == links.root(2)


def test_a_greeting_that_everybody_sends_is_no_failover() -> None:
    links = Links(SETTINGS)
    hello = Conversation(None, hashes(1)[0], telling=False, carried=())
    for i in range(200):
        learn_meetings(links, 10 + i % 40, hello, (), refused=False, now=5.0 * i)
        learn_meetings(links, 1, hello, (), refused=True, now=5.0 * i + 1)  # out of quota

    assert links.root(1) is None
    assert [links.root(10 + i) for i in range(40)] == [None] * 40


def meet(links: Links, one: int, other: int, seed: int) -> None:
    """Let two units meet as often as it takes."""
    for value in hashes(SETTINGS.meetings, seed=seed):
        links.note(Meeting.HOP, (value,), one, 0.0)
        links.meet(Meeting.HOP, (value,), other, 5.0)


def test_meetings_count_with_whomever() -> None:
    links = Links(SETTINGS)
    for value, other in zip(hashes(3), (2, 3, 4), strict=True):
        links.note(Meeting.HOP, (value,), other, 0.0)
        links.meet(Meeting.HOP, (value,), 1, 5.0)
    assert links.root(1) is None, "it met three times, but nobody it met ever met anyone else"

    for value in hashes(1, seed=2):
        links.note(Meeting.HOP, (value,), 2, 0.0)
        links.meet(Meeting.HOP, (value,), 3, 5.0)

    assert links.root(2) is not None
    assert links.root(2) == links.root(3)


def test_a_component_stays_the_same_group_as_others_join_it() -> None:
    links = Links(SETTINGS)
    for unit in range(2, 6):
        meet(links, 1, unit, seed=unit)
    root = links.root(1)
    for unit in range(10, 20):
        meet(links, 1, unit, seed=unit)

    assert {links.root(unit) for unit in (*range(1, 6), *range(10, 20))} == {root}


def test_two_components_that_meet_are_one_with_the_meetings_of_both() -> None:
    links = Links(SETTINGS)
    for one, other in ((1, 2), (2, 3), (11, 12)):
        meet(links, one, other, seed=one)
    parts = [links.root(1), links.root(11)]
    assert parts[0] is not None
    assert parts[1] is not None
    before = [links.of(part)[Meeting.HOP] for part in parts if part is not None]

    meet(links, 3, 12, seed=99)

    (root,) = {links.root(unit) for unit in (1, 2, 3, 11, 12)}
    assert root is not None
    assert links.of(root)[Meeting.HOP] > sum(before)


def test_beyond_the_bound_the_components_that_met_the_longest_ago_are_forgotten() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=20))
    for pair in range(10):
        meet(links, 100 + 2 * pair, 101 + 2 * pair, seed=pair)
    assert all(links.root(unit) is not None for unit in range(100, 120))

    meet(links, 200, 201, seed=99)

    assert links.root(200) == links.root(201) is not None
    assert [links.root(unit) for unit in range(100, 110)] == [None] * 10
    assert all(links.root(unit) is not None for unit in range(110, 120))


def test_a_component_that_still_meets_is_kept() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=20))
    for pair in range(50):
        meet(links, 1, 2, seed=1000 + pair)
        meet(links, 100 + 2 * pair, 101 + 2 * pair, seed=pair)

    assert links.root(1) == links.root(2) is not None
    assert links.root(100) is None
    known = [unit for unit in (1, 2, *range(100, 200)) if links.root(unit) is not None]
    assert len(known) <= 20


def test_forgotten_units_can_meet_again() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=4))
    for pair in range(10):
        meet(links, 10 + 2 * pair, 11 + 2 * pair, seed=pair)
    assert links.root(10) is None

    meet(links, 10, 11, seed=77)

    assert links.root(10) == links.root(11) is not None


def test_one_component_alone_stays_within_the_bound() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=20))
    for unit in range(2, 200):
        meet(links, 1, unit, seed=unit)
        linked = [u for u in range(1, unit + 1) if links.root(u) is not None]
        assert len(linked) <= 20


def test_single_meetings_of_strangers_are_forgotten_beyond_the_bound() -> None:
    links = Links(LinkSettings(places=1 << 12, max_units=8))
    links.note(Meeting.HOP, hashes(1), 1, 0.0)
    links.meet(Meeting.HOP, hashes(1), 2, 5.0)
    for unit, value in enumerate(hashes(20, seed=2), start=10):
        links.note(Meeting.HOP, (value,), 2 * unit, 0.0)
        links.meet(Meeting.HOP, (value,), 2 * unit + 1, 5.0)
    links.note(Meeting.HOP, hashes(1, seed=3), 1, 0.0)
    links.meet(Meeting.HOP, hashes(1, seed=3), 2, 5.0)

    assert links.root(1) is None, "the first meeting was forgotten"


@pytest.mark.parametrize("name", ["places", "max_units"])
def test_a_table_without_room_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        LinkSettings.model_validate({name: 0})


def test_a_long_prompt_that_everybody_sends_ties_nobody_to_one_that_is_over_its_quota() -> None:
    links = Links(LinkSettings(places=1 << 12))
    common = Conversation(None, 12345678901234567, True, ())

    for i in range(200):
        learn_meetings(links, 10 + i % 40, common, (), refused=False, now=5.0 * i)
        learn_meetings(links, 1, common, (), refused=True, now=5.0 * i + 1)

    assert links.root(1) is None

"""What accounts that were searched say of a hand that is known."""

import numpy as np
from tests.campaign.test_split import halves

from distillgate.campaign.core import centre
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.group import Group
from distillgate.campaign.hand import OneHand
from distillgate.campaign.jobs import complete
from distillgate.campaign.keys import Key, Kind
from distillgate.campaign.searched import Searched, clearest
from distillgate.campaign.split import hand_of

DEALT, PEOPLE = 80, 120


def searched() -> Searched:
    count = DEALT + PEOPLE
    return Searched(np.arange(count, dtype=np.uint64), np.arange(count), halves(DEALT, PEOPLE, 1))


def hand_with(principals: range) -> Group:
    group = Group.new(Key(Kind.HAND, 7), 0.0, sample=8, due=48)
    group.rows = {principal: principal for principal in principals}
    return group


def lying(among: Searched, first: int, last: int) -> OneHand:
    """A hand of the texts of these accounts."""
    blocks = ExamineSettings().spreads
    core = centre(among.whole.take(np.arange(first, last)), 0.5, blocks)
    return OneHand(hand_of(core), 60.0, 40.0, last - first, 0.3, 1.0)


def test_of_a_hand_found_twice_the_one_counts_from_which_its_accounts_stray_less() -> None:
    among = searched()
    clear, blurred = lying(among, 0, DEALT), lying(among, 0, DEALT + PEOPLE)

    one = complete(clearest([blurred, clear], hand_with(range(DEALT)), among))
    other = complete(clearest([blurred], hand_with(range(DEALT)), among))

    assert one.hand is clear.hand
    assert one.reached > other.reached
    assert one.texts == 10
    assert one.nats == 60.0, "what it was held for stays"


def test_accounts_that_differ_end_what_a_hand_was_held_for() -> None:
    among = searched()
    said = lying(among, 0, DEALT)

    found = complete(clearest([said], hand_with(range(DEALT, DEALT + PEOPLE)), among))

    assert found.nats <= 0


def test_of_a_dozen_accounts_nothing_new_is_said() -> None:
    among = searched()
    said = lying(among, 0, DEALT)

    assert complete(clearest([said], hand_with(range(11)), among)) is said


def test_of_a_large_hand_some_are_weighed_from_all_over_it() -> None:
    count = 500
    among = Searched(np.arange(count, dtype=np.uint64), np.arange(count), halves(count, 0, 2))
    first, second = among.halves_of(hand_with(range(count)))

    assert len(first.texts) == len(second.texts)
    assert 160 < len(first.texts) <= 192

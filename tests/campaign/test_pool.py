"""Accounts that nothing ties: what a pool of them finds."""

import pytest
from tests.dealing import HARVEST, PEOPLE, Service, mixed, restarted

MOST_AT_ONCE = 8 * 1024
"""Units gone over between two pauses: a millisecond is about a thousand."""


@pytest.fixture
def served() -> Service:
    return mixed()


def test_the_accounts_that_one_hand_feeds_are_found_among_people(served: Service) -> None:
    (group,) = served.search()

    said = group.evidence
    assert said is not None
    assert said.one_hand is not None
    assert said.one_hand.nats > said.one_hand.asked >= 40
    assert len(set(group.rows) & set(HARVEST)) > 90
    assert not set(group.rows) & set(PEOPLE)
    assert said.distinct == pytest.approx(1000, rel=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_among_people_alone_nobody_is_found(seed: int) -> None:
    service = Service(seed)
    for _ in range(3):
        service.deal(PEOPLE, 4)

        assert service.search() == []


@pytest.mark.parametrize("seed", range(3))
def test_people_who_are_rather_alike_are_not_one_hand(seed: int) -> None:
    service = Service(seed)
    service.deal(PEOPLE, 10, of=lambda: service.person(0.6))

    assert service.search() == []


def test_two_hands_are_two(served: Service) -> None:
    other = served.person(2.0)
    served.deal(range(2001, 2081), 10, of=lambda: other)

    found = served.search()

    assert sorted(len(set(group.rows) & set(HARVEST)) > 90 for group in found) == [False, True]
    assert sorted(len(set(group.rows) & set(range(2001, 2081))) > 70 for group in found) == [
        False,
        True,
    ]


def test_a_search_is_due_in_proportion_to_whom_it_compares(served: Service) -> None:
    assert served.pool.is_due
    served.search()
    assert not served.pool.is_due
    for _ in range(201):
        served.draw(1, served.person())

    assert served.pool.is_due


def test_a_search_pauses_often(served: Service) -> None:
    assert max(served.pool.examine(served.now)) <= MOST_AT_ONCE


def test_a_restart_changes_nothing_of_what_is_found(served: Service) -> None:
    again = restarted(served)

    (one,), (other,) = served.search(), again.search()

    assert one.key == other.key
    assert one.rows == other.rows
    assert one.evidence is not None
    assert other.evidence is not None
    assert one.evidence.one_hand is not None
    assert other.evidence.one_hand is not None
    assert one.evidence.one_hand.nats == other.evidence.one_hand.nats

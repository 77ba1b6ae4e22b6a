"""Hands that a pool found: who is in them, and what is kept of them."""

import numpy as np
import pytest
from tests.dealing import HARVEST, PEOPLE, Service, mixed, nobody, restarted

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.jobs import complete
from distillgate.campaign.split import search
from distillgate.fingerprint.sketch import TOPIC


@pytest.fixture
def served() -> Service:
    return mixed()


def test_a_dozen_accounts_are_a_team() -> None:
    service = Service()
    service.deal(PEOPLE, 10)
    service.deal(range(1001, 1026), 40, of=nobody)

    assert service.search() == []


def test_a_hand_that_dealt_little_is_not_linked_yet() -> None:
    service = Service()
    service.deal(PEOPLE, 10)
    service.deal(range(1001, 1061), 5, of=nobody)
    assert service.search() == []

    service.deal(range(1001, 1061), 5, of=nobody)
    assert len(service.search()) == 1


def test_three_hundred_that_forward_others_are_nearly_alike_and_no_hand() -> None:
    service = Service()
    service.deal(PEOPLE, 9)
    service.deal(range(1001, 1301), 9, of=lambda: service.person(0.2))
    found = complete(search(service.members.halves(np.arange(600)), ExamineSettings().search))

    likeliest = max(found, key=lambda one: one.evidence)
    assert likeliest.evidence > 60, "enough for a hand"
    assert likeliest.alike < 0.5
    assert service.search() == []


def test_accounts_that_run_one_public_set_are_not_one_hand() -> None:
    service = Service()
    service.deal(PEOPLE, 10)
    items = 3 * service.dice.normal(0, 1, (150, TOPIC))
    for _ in range(10):
        for principal in HARVEST:
            service.draw(principal, nobody(), items[service.dice.integers(150)])

    assert service.search() == []


def test_who_comes_later_joins_and_a_person_does_not(served: Service) -> None:
    (group,) = served.search()
    served.deal([5001], 12, of=nobody)
    served.deal([5002], 12)

    assert served.of(5001) == [group]
    assert served.of(5002) == []
    assert 5001 in group.rows


def test_a_hand_stays_the_same_group_and_keeps_its_evidence_as_it_grows(served: Service) -> None:
    (group,) = served.search()
    served.deal(HARVEST, 3, of=nobody)
    served.deal(range(1101, 1151), 8, of=nobody)

    assert served.search() == [group]
    assert served.hands == [group]
    assert len(group.rows) > 135


def test_what_was_reached_stays_while_nothing_outweighs_it(served: Service) -> None:
    (group,) = served.search()
    evidence = group.evidence
    for _ in range(3):
        served.deal(range(10_001, 11_101), 4)
        assert served.search() == [], "its accounts drew too long ago to be compared"

    assert group.evidence is evidence
    assert served.hands == [group]


def test_a_hand_shows_what_its_accounts_drew_since(served: Service) -> None:
    (group,) = served.search()
    assert group.evidence is not None
    before = group.evidence
    served.deal(HARVEST, 4, of=nobody)

    assert served.search() == [group]
    assert group.evidence.texts > before.texts
    assert group.evidence.one_hand is not None
    assert before.one_hand is not None
    assert group.evidence.one_hand.texts > before.one_hand.texts


@pytest.mark.parametrize(("goes_on", "follows"), [(False, 0.0), (True, 1 / 3)])
def test_only_who_goes_on_from_an_answer_talks_back(
    served: Service, goes_on: bool, follows: float
) -> None:
    for principal in HARVEST:
        for _ in range(5):
            served.of(principal, goes_on=goes_on)
    (group,) = served.search()

    assert group.evidence is not None
    assert group.evidence.follows == pytest.approx(follows)


def test_a_hand_whose_accounts_come_to_differ_is_let_go(served: Service) -> None:
    (group,) = served.search()
    served.deal(HARVEST, 60)

    assert served.search() == [group]
    assert group.evidence is not None
    assert group.evidence.one_hand is not None
    assert group.evidence.one_hand.nats <= 0

    served.search()
    assert served.hands == []


def test_a_hand_whose_items_come_back_after_all_is_a_public_sets(served: Service) -> None:
    (group,) = served.search()
    assert group.evidence is not None
    assert group.evidence.one_hand is not None
    assert not group.evidence.one_hand.of_a_set

    items = 3 * served.dice.normal(0, 1, (150, TOPIC))
    for _ in range(20):
        for principal in HARVEST:
            served.draw(principal, nobody(), items[served.dice.integers(150)])
    served.search()

    assert group.evidence.one_hand is not None
    assert group.evidence.one_hand.of_a_set


def test_front_ends_fall_short_of_a_dealers_accounts_the_more_they_sent() -> None:
    def reached(spread: float) -> list[float]:
        service, shares = Service(), []
        service.deal(PEOPLE, 10)
        own = {principal: service.person(spread) for principal in HARVEST}
        for _ in range(3):
            for principal in [*HARVEST] * 10:
                service.draw(principal, own[principal])
            service.search()
            (hand,) = [group.evidence for group in service.hands]
            assert hand is not None
            assert hand.one_hand is not None
            shares.append(hand.one_hand.reached)
            assert hand.one_hand.texts == pytest.approx(10.0 * len(shares), rel=0.1)
        return shares

    dealt, front_ends = reached(0.0), reached(0.1)

    assert min(dealt) > 0.95
    assert front_ends == sorted(front_ends, reverse=True)
    assert front_ends[-1] < 0.75


def test_a_restart_keeps_the_hands_that_were_found(served: Service) -> None:
    (group,) = served.search()

    again = restarted(served)

    assert [found.key for found in again.of(HARVEST[0])] == [group.key]


def test_an_account_whose_row_was_given_up_is_the_hands_again_when_it_is_found_again(
    served: Service,
) -> None:
    (group,) = served.search()
    served.members.release(served.rows.pop(1001))
    served.members.allot(77_777)  # the row is another's by now
    served.deal(HARVEST, 8, of=nobody)
    served.search()

    assert group.row(1001, served.members) == served.rows[1001]


def test_an_account_that_drew_once_since_its_row_was_emptied_says_nothing_yet(
    served: Service,
) -> None:
    (group,) = served.search()
    served.members.release(served.rows.pop(1050))
    served.draw(1050, nobody())
    served.deal([one for one in HARVEST if one != 1050], 2, of=nobody)
    served.search()

    assert group.evidence is not None
    assert group.evidence.one_hand is not None
    assert group.evidence.one_hand.nats > 0

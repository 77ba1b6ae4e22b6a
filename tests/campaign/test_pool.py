"""Accounts that nothing ties: what a pool of them finds."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.dealing import HARVEST, PEOPLE, Service, mixed, restarted
from tests.observing import observe

from distillgate.account.account import Account
from distillgate.account.conduct import Conduct, Word
from distillgate.campaign.openers import texts_of
from distillgate.campaign.pool import counts
from distillgate.dialects.chat import CHAT
from distillgate.wire.request import from_document

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


@pytest.mark.parametrize(
    ("before", "share"), [(0, 1.0), (999, 1.0), (1000, 0.5), (2000, 0.25), (50_000, 1 / 64)]
)
def test_the_more_an_account_sent_today_the_fewer_of_its_draws_count(
    before: int, share: float
) -> None:
    dice = random.Random(1)

    counted = sum(counts(dice.getrandbits(64), before) for _ in range(20_000))

    assert counted / 20_000 == pytest.approx(share, rel=0.1)


@given(st.integers(0, 2**64 - 1), st.integers(0, 10**6), st.integers(0, 10**6))
def test_what_counts_of_an_account_that_sent_much_counts_of_one_that_sent_less(
    coin: int, one: int, other: int
) -> None:
    assert counts(coin, min(one, other)) >= counts(coin, max(one, other))


def test_draws_that_do_not_count_bring_no_search_and_delay_none(served: Service) -> None:
    served.search()
    for number in range(3000):
        ask(served, requests=1000 + number, coin=2)
    again = restarted(served)

    for service in (served, again):
        for _ in range(199):
            ask(service, requests=999, coin=2)
        assert not service.pool.is_due
        ask(service, requests=999, coin=2)
        assert service.pool.is_due


def ask(service: Service, *, requests: int, coin: int) -> None:
    """Draw a text with this hash through an account that sent so many requests today."""
    account = Account.new("a", 1, 0.0)
    account.conduct = Conduct(0.0, 30)
    account.conduct.words[Word.TODAY] = requests
    turn = {"role": "user", "content": "Why is the sky blue?"}
    seen = observe(from_document(CHAT, {"model": "m", "messages": [turn]}))
    seen = replace(seen, own=replace(seen.own, hash=coin))
    texts = texts_of(seen, service.now)
    list(service.pool.learn(seen, account, service.rows[1], service.now, drawn=texts))


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

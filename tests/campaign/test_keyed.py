"""What the draws of principals that share a key say of one hand."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from tests.dealing import Service, nobody

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.hand import SURE, HeldOut
from distillgate.campaign.jobs import complete
from distillgate.campaign.keyed import judge
from distillgate.campaign.repeats import Multiplicity

ONCE = Multiplicity(distinct=1e4, repeated=0.0, mean=1.0, items=1e6)
SHARE = range(1, 81)
"""Principals that share a key."""


def judged(
    service: Service,
    principals: Iterable[int] = SHARE,
    items: Multiplicity = ONCE,
    *,
    peopled: bool = False,
) -> HeldOut | None:
    rows = np.array([service.rows[principal] for principal in principals], np.intp)
    texts = float(service.members.texts[rows].sum())
    blocks = ExamineSettings().spreads
    found = complete(judge(service.members, rows, items, texts, blocks, peopled=peopled))
    return found.said if found is not None else None


@pytest.fixture
def dealt() -> Service:
    service = Service()
    service.deal(SHARE, 8, of=nobody)
    return service


def test_accounts_of_one_dealer_convict_themselves_without_being_searched(dealt: Service) -> None:
    found = judged(dealt)

    assert found is not None
    assert found.principals == len(SHARE)
    assert found.nats > SURE


def test_where_accounts_talk_back_those_are_asked_that_sent_enough_to_differ(
    dealt: Service,
) -> None:
    dealt.deal(range(81, 121), 5, of=nobody)  # a persona's users: nobody has come again
    everybody = range(1, 121)

    found, of_people = judged(dealt, everybody), judged(dealt, everybody, peopled=True)

    assert found is not None
    assert of_people is not None
    assert (found.principals, of_people.principals) == (120, 80)
    assert judged(dealt, range(81, 121), peopled=True) is None


@pytest.mark.parametrize("apart", [1.0, 0.4])
def test_users_of_one_tool_do_not_however_near_each_other_they_lie(apart: float) -> None:
    service = Service()
    service.deal(SHARE, 8, of=lambda: service.person(apart))

    found = judged(service)

    assert found is not None
    assert found.nats < 0


def test_a_tenth_of_honest_accounts_among_them_hides_none() -> None:
    service = Service()
    service.deal(range(1, 73), 8, of=nobody)
    service.deal(range(73, 81), 8)

    found = judged(service)

    assert found is not None
    assert found.nats > SURE


def test_strangers_who_have_the_same_key_are_told_from_the_hands_accounts() -> None:
    service = Service()
    service.deal(range(1, 61), 12, of=nobody)
    service.deal(range(61, 91), 12)
    rows = np.array([service.rows[principal] for principal in range(1, 91)], np.intp)

    found = complete(judge(service.members, rows, ONCE, 1080.0, ExamineSettings().spreads))

    assert found is not None
    assert found.said.share == pytest.approx(2 / 3, abs=0.08)
    hands = {service.rows[principal] for principal in range(1, 61)}
    assert len(hands & set(found.rows.tolist())) > 55
    assert len(set(found.rows.tolist()) - hands) < 3


@pytest.mark.parametrize(("items", "said"), [
    (Multiplicity(1e4, 0.04, mean=1.04, items=1e5), True),  # holds some items twice
    (Multiplicity(1e4, 0.10, mean=1.10, items=3e3), False),  # a public set's users
    (Multiplicity(1e4, 0.21, mean=1.64, items=2e4), False),  # some come back often
    (Multiplicity(1e4, 0.58, mean=2.00, items=2e4), False),  # of a large one
    (Multiplicity(1e4, 1.00, mean=2.00, items=1e4, dealt=30.0), True),  # was dealt twice
])  # fmt: skip
def test_accounts_that_draw_from_a_public_set_say_nothing(
    dealt: Service, items: Multiplicity, said: bool
) -> None:
    assert (judged(dealt, items=items) is not None) == said


@pytest.mark.parametrize("few", [
    lambda service: service.deal(SHARE, 3, of=nobody),
    lambda service: service.deal(range(1, 12), 40, of=nobody),
])  # fmt: skip
def test_few_draws_or_few_accounts_say_nothing(few: Callable[[Service], None]) -> None:
    service = Service()
    few(service)

    assert judged(service, service.rows) is None

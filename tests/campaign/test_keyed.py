"""What the draws of principals that share a key say of one hand."""

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from tests.dealing import Service, nobody

from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.hand import HeldOut
from distillgate.campaign.jobs import complete
from distillgate.campaign.keyed import SURE, judge
from distillgate.campaign.repeats import Multiplicity

ONCE = Multiplicity(distinct=1e4, repeated=0.0, mean=1.0, evenness=1.0)
SHARE = range(1, 81)
"""Principals that share a key."""


def judged(
    service: Service, principals: Iterable[int] = SHARE, items: Multiplicity = ONCE
) -> HeldOut | None:
    rows = np.array([service.rows[principal] for principal in principals], np.intp)
    texts = float(service.members.texts[rows].sum())
    blocks = ExamineSettings().spreads
    return complete(judge(service.members, rows, items, texts, blocks))


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


@pytest.mark.parametrize(("repeated", "mean", "evenness", "said"), [
    (0.04, 1.04, 1.0, True),  # a list that holds an item twice now and then
    (0.10, 1.10, 1.0, False),  # draws from a few thousand
    (0.58, 2.00, 1.0, False),  # draws from a few hundred
    (1.00, 2.00, 0.2, True),  # a list that was dealt twice
])  # fmt: skip
def test_accounts_that_draw_from_a_public_set_say_nothing(
    dealt: Service, repeated: float, mean: float, evenness: float, said: bool
) -> None:
    items = Multiplicity(1e4, repeated, mean, evenness)

    assert (judged(dealt, items=items) is not None) == said


@pytest.mark.parametrize("few", [
    lambda service: service.deal(SHARE, 3, of=nobody),
    lambda service: service.deal(range(1, 12), 40, of=nobody),
])  # fmt: skip
def test_few_draws_or_few_accounts_say_nothing(few: Callable[[Service], None]) -> None:
    service = Service()
    few(service)

    assert judged(service, service.rows) is None

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.signals.conftest import used

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.account.texts import Count, Texts
from distillgate.fingerprint.intents import Intent
from distillgate.signals.rates import Rate, weigh, weigh_asked, weigh_trait

RATE = Rate()


@given(st.floats(0, 5000), st.floats(0, 1))
def test_a_weight_is_small_and_never_speaks_for_an_account(of: float, share: float) -> None:
    llr = weigh(share * of, of, RATE)

    assert llr is None or 0 < llr <= RATE.ceiling


def test_few_texts_say_nothing() -> None:
    assert weigh(19, 19, RATE) is None
    assert weigh(20, 20, RATE) is not None


def test_an_honest_rate_says_nothing() -> None:
    assert weigh(5, 100, RATE) is None
    assert weigh(0, 100, RATE) is None


def test_more_of_the_same_adds_nearly_nothing() -> None:
    free = RATE._replace(ceiling=100.0)

    some, more = weigh(60, 100, free), weigh(600, 1000, free)

    assert some is not None
    assert more is not None
    assert abs(more - some) < 0.5, "independent texts would have made it ten times as much"


@pytest.mark.parametrize("of", [50, 500])
def test_honest_accounts_that_differ_are_rarely_weighed_against(of: int) -> None:
    free = RATE._replace(ceiling=100.0)
    dice, alarms, accounts = random.Random(1), 0, 4000
    size = 1 / free.honest_spread - 1
    for _ in range(accounts):
        rate = dice.betavariate(free.honest * size, (1 - free.honest) * size)
        hits = sum(dice.random() < rate for _ in range(of))
        llr = weigh(hits, of, free)
        alarms += llr is not None and llr >= 3.0

    # Under the null a likelihood ratio of e^3 or more has a chance of e^-3 at most (Markov).
    assert alarms / accounts <= 0.0498


def test_a_constant_request_counts_as_one_text() -> None:
    account = Account.new("a", 1, 0.0)
    account.texts = texts = Texts(0.0)
    for _ in range(40):
        texts.add(Count.TEXTS)
    texts.constant = Intent.GRADING
    assert weigh_asked(account, Count.GRADING, Intent.GRADING, RATE) is None

    for _ in range(30):
        texts.add(Count.GRADING)
    found = weigh_asked(account, Count.GRADING, Intent.GRADING, RATE)
    assert found is not None
    assert found[1] == pytest.approx(31 / 41)


def test_a_trait_is_weighed_once_it_was_shown() -> None:
    assert weigh_trait(used(Trait.HEAVY, 0, 40), Trait.HEAVY, RATE, 0.0) is None
    found = weigh_trait(used(Trait.HEAVY, 40, 40), Trait.HEAVY, RATE, 0.0)
    assert found is not None
    assert found[0] > 0
    assert found[1].share == 1.0


def test_looking_after_every_request_makes_no_more_alarms() -> None:
    # Ville's inequality: the bound holds for the highest weight an account ever had.
    free = RATE._replace(ceiling=100.0, least=3.0)
    dice, alarms, accounts = random.Random(1), 0, 2000
    size = 1 / free.honest_spread - 1
    for _ in range(accounts):
        rate = dice.betavariate(free.honest * size, (1 - free.honest) * size)
        hits, highest = 0, 0.0
        for of in range(1, 41):
            hits += dice.random() < rate
            highest = max(highest, weigh(hits, of, free) or 0.0)
        alarms += highest >= 2.0
    assert alarms / accounts <= 0.1353

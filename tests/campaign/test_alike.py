import math

import numpy as np
import pytest
from numpy.typing import NDArray

from distillgate.account.account import Account, AccountSettings
from distillgate.campaign.alike import AlikeSettings, Part, Ways, search
from distillgate.campaign.core import Table
from distillgate.campaign.evidence import log_odds
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.keys import Kind
from distillgate.campaign.steps import advance
from distillgate.fingerprint.sketch import STYLE, TOPIC

SETTINGS, EXAMINE = AlikeSettings(), ExamineSettings()
WAYS = Ways(hash)


def account(exchanges: int, follows: int = 0, instructed: int = 0) -> Account:
    made = Account.new("a", 1, 0.0, AccountSettings())
    made.exchanges, made.follows, made.instructed = exchanges, follows, instructed
    return made


def test_who_goes_on_to_the_next_item_has_a_way_of_use() -> None:
    bare, guided, both = (WAYS.of(account(20, 0, told), SETTINGS) for told in (0, 20, 10))

    assert bare is not None
    assert guided is not None
    assert both is not None
    assert bare.kind is Kind.USE
    assert len({bare.value, guided.value, both.value}) == 3
    assert set(WAYS.others(bare)) == {guided.value, both.value}


@pytest.mark.parametrize(("exchanges", "follows"), [(0, 0), (2, 0), (20, 3), (20, 20)])
def test_who_is_new_or_talks_back_has_none(exchanges: int, follows: int) -> None:
    assert WAYS.of(account(exchanges, follows), SETTINGS) is None
    assert len(list(WAYS.others(None))) == 3


def population(
    hands: int, people: int, texts: int = 14, *, sorted_by: float = 0.0, seed: int = 1
) -> tuple[Table, NDArray[np.bool_]]:
    """Units of one hand, round the clock, among people of their own subjects, manners and hours.

    `sorted_by` is how far the hand's own units lie apart in subject.
    """
    dice = np.random.default_rng(seed)
    rows = []
    for unit in range(hands + people):
        dealt = unit < hands
        count = texts if dealt else max(4, round(texts * dice.lognormal(-0.5, 0.9)))
        topics = dice.normal(0, 1, (count, TOPIC))
        topics += (sorted_by if dealt else 0.5) * dice.normal(0, 1, TOPIC)
        topics /= np.linalg.norm(topics, axis=1, keepdims=True)
        styles = dice.normal(0, 1, (count, STYLE)) + (0 if dealt else 1.0) * dice.normal(
            0, 1, STYLE
        )
        hours = dice.uniform(0, 2 * np.pi, (2, 1)) + dice.normal(0, 0.8, (2, count))
        if dealt:
            hours = dice.uniform(0, 2 * np.pi, (2, count))
        clock = np.vstack((np.cos(hours[0]), np.sin(hours[0]), np.cos(hours[1]), np.sin(hours[1])))
        squares = (styles**2).sum(axis=0)
        rows.append((count, topics.sum(axis=0), styles.sum(axis=0), squares, clock.sum(axis=1)))
    table = Table(*(np.array(column, np.float64) for column in zip(*rows, strict=True)))
    order = dice.permutation(hands + people)
    return table.take(order), order < hands  # type: ignore[arg-type]  # any index


def looked(table: Table) -> Part | None:
    return advance(search(table, SETTINGS, EXAMINE.search), math.inf)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("hands", "people"), [(60, 60), (60, 400), (200, 20)])
def test_a_harvest_is_found_among_people_that_nothing_ties_it_to(
    hands: int, people: int, seed: int
) -> None:
    table, dealt = population(hands, people, seed=seed)

    part = looked(table)

    assert part is not None
    assert not part.sorted_
    certain = part.odds > EXAMINE.certain
    assert certain[dealt].mean() > 0.8
    assert not certain[~dealt].any()


def test_a_list_sorted_before_it_was_dealt_is_found_as_one() -> None:
    table, dealt = population(150, 150, sorted_by=0.25)

    part = looked(table)

    assert part is not None
    assert part.sorted_
    certain = part.odds > EXAMINE.certain
    assert certain[dealt].mean() > 0.8
    assert not certain[~dealt].any()


def test_the_more_lie_near_a_core_the_more_is_asked_of_a_member() -> None:
    least, most = SETTINGS.known_texts
    asked = [SETTINGS.asked_texts(near) for near in (0, 1, 3, 1000)]

    assert asked == [least, least + 1, least + 2, most]


@pytest.mark.parametrize(("sorted_", "near"), [(False, 4), (True, 0)])
def test_a_few_that_lie_near_a_large_core_are_its_own(sorted_: bool, near: int) -> None:
    evidence = np.concatenate((np.full(100, 5.0), np.full(6, -4.0), np.full(50, -40.0)))

    assert SETTINGS.others_near(evidence, sorted_=sorted_) == near


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_people_alone_have_no_crowd(seed: int) -> None:
    table, _ = population(0, 300, seed=seed)

    part = looked(table)

    assert part is None or part.near.mean() < EXAMINE.core_share


def test_who_sends_far_more_or_at_other_hours_is_less_of_a_member() -> None:
    table, _ = population(100, 50)
    part = looked(table)
    assert part is not None
    core = part.core
    texts, topic, style = np.full(1, 14.0), core.topic[None], core.style[None]
    even, always_at_noon = np.zeros(4), np.array([1.0, 0, 1.0, 0])

    def odds(times: float, hours: NDArray[np.float64]) -> float:
        sums = (times * texts * column for column in (np.ones(1), topic, style, hours))
        return float(log_odds(core, *sums)[0])

    assert odds(1, even) > EXAMINE.certain
    assert odds(1, always_at_noon) < odds(1, even) - 3
    assert odds(1, even) - odds(0.1, even) > 3

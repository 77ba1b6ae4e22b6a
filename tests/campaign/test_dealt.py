from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator, default_rng

from distillgate.campaign.dealt import DEALT, SENDERS, dealt
from distillgate.campaign.jobs import complete

Items = Sequence[tuple[int, Sequence[int]]]


def hashed(dice: Generator, senders: Sequence[Sequence[int]]) -> Items:
    """Items of random hashes, of those that somebody sent."""
    return [(int(dice.integers(2**63)), some) for some in senders if len(some)]


def said(items: Items) -> float:
    return complete(dealt(items))


def list_of(copies: int, accounts: int, seed: int, *, done: float = 1.0, once: int = 0) -> Items:
    """A list of which each item is dealt so often, and `once` items that somebody sent once."""
    dice = default_rng(seed)
    counts = [int(dice.binomial(copies, done)) for _ in range(96)] + [1] * once
    return hashed(dice, [dice.choice(accounts, count, replace=False).tolist() for count in counts])


def crowd(seed: int, *, accounts: int, shares: Sequence[float], sets: int = 1) -> Items:
    """Accounts that each send an item with some probability; each of `sets` has a crowd's part."""
    dice = default_rng(seed)
    senders = [
        [account for account in range(number % sets, accounts, sets) if dice.random() < share]
        for number, share in enumerate(shares)
    ]
    return hashed(dice, senders)


@pytest.mark.parametrize(("copies", "accounts", "done", "once"), [
    (8, 300, 1.0, 0),
    (8, 300, 0.9, 80),  # two texts in three are something else, or not sent by now
    (4, 60, 0.8, 0),
    (2, 300, 1.0, 20),
])  # fmt: skip
def test_items_that_come_back_so_often_and_no_more_were_dealt(
    copies: int, accounts: int, done: float, once: int
) -> None:
    found = [said(list_of(copies, accounts, seed, done=done, once=once)) for seed in range(5)]

    assert min(found) > DEALT


@pytest.mark.parametrize(("accounts", "shares", "sets"), [
    (25, [0.25] * 180, 1),  # a tool's users over one set
    (12, [0.97] * 60, 1),  # monitors that each send the whole pool
    (200, [0.01, 0.02, 0.05, 0.2] * 45, 1),  # some of it is popular
    (60, [0.9] * 90, 6),  # six classes of ten, each with its own exercises
    (90, [0.5, 0.9] * 60, 3),
    (70, [0.145] * 190, 1),  # each user of a tool sends a seventh of one set
    (120, [0.06] * 190, 1),
    (300, [0.04] * 190, 1),
])  # fmt: skip
def test_what_people_draw_by_themselves_was_not(
    accounts: int, shares: Sequence[float], sets: int
) -> None:
    drawn = [crowd(seed, accounts=accounts, shares=shares, sets=sets) for seed in range(10)]

    assert max(map(said, drawn)) < 3


def readers(seed: int, *, items: int, accounts: int, how: str) -> Items:
    """Customers of one set, of which each runs all, its first part, a stretch of it or a shard."""
    dice = default_rng(seed)
    senders: list[list[int]] = [[] for _ in range(items)]
    for account in range(accounts):
        begins, part = int(dice.integers(items)), int(dice.integers(1, items + 1))
        runs = {
            "all": range(items),
            "the first part": range(part),
            "a stretch": range(begins, begins + items // 5),
            "a shard": range(account // 3, items, accounts // 3),
        }[how]
        for item in runs:
            senders[item % items].append(account)
    return hashed(dice, senders)


@pytest.mark.parametrize("how", ["all", "the first part", "a stretch", "a shard"])
@pytest.mark.parametrize(("items", "accounts"), [(190, 12), (1000, 12), (1000, 30), (600, 60)])
def test_customers_that_each_run_much_of_a_set_deal_nothing(
    items: int, accounts: int, how: str
) -> None:
    runs = [readers(seed, items=items, accounts=accounts, how=how) for seed in range(4)]

    assert max(map(said, runs)) <= 0


def some_of_the_first(seed: int, *, accounts: int, mean: int) -> Items:
    """Customers of one set who each send so many of its first items, some a few and some many."""
    dice = default_rng(seed)
    parts = dice.exponential(mean, accounts).astype(int) + 1
    return hashed(dice, [np.flatnonzero(parts > item).tolist() for item in range(parts.max())])


@pytest.mark.parametrize(("accounts", "private"), [(100, 0), (30, 400)])
def test_customers_that_each_stop_somewhere_deal_nothing(accounts: int, private: int) -> None:
    dice, found = default_rng(1), []
    for seed in range(6):
        own = hashed(dice, [[1000 + int(dice.integers(300))] for _ in range(private)])
        found.append(said([*some_of_the_first(seed, accounts=accounts, mean=100), *own]))

    assert max(found) <= 0


def test_a_crowd_of_whose_items_not_all_senders_are_known_deals_nothing() -> None:
    found = []
    for seed in range(4):
        dice = default_rng(seed)
        loads = 0.2 * np.exp(dice.normal(0, 1, 200))
        crowds = (np.flatnonzero(dice.random(200) < loads) for _ in range(1000))
        known = [dice.permutation(some)[:SENDERS].tolist() for some in crowds]
        found.append(said(hashed(dice, known)))

    assert max(found) <= 0


@pytest.mark.parametrize("burned", [1, 2])
def test_one_who_asks_for_the_whole_list_hides_none_of_it(burned: int) -> None:
    dealt_list = list_of(2, 300, 1)
    read = [(value, [*some, *range(1000, 1000 + burned)]) for value, some in dealt_list]

    assert said(read) > 0.9 * said(dealt_list) > DEALT


def test_no_list_is_dealt_by_some_who_each_run_a_set_among_private_texts() -> None:
    sets = (
        readers(1, items=300, accounts=12, how="all"),
        readers(2, items=700, accounts=6, how="all"),
    )
    apart = [(value, [100 + one for one in some]) for value, some in sets[1]]

    assert said([*sets[0], *apart]) <= 0


@pytest.mark.parametrize(("copies", "items"), [(2, 3000), (4, 1500), (8, 750)])
def test_a_list_in_any_order_is_told_before_half_of_it_is_sent(copies: int, items: int) -> None:
    dice = default_rng(items)
    jobs = dice.permutation(np.repeat(np.arange(items), copies))
    senders: list[set[int]] = [set() for _ in range(items)]
    for job in jobs[: int(0.42 * len(jobs))].tolist():
        senders[job].add(int(dice.integers(300)))
    sampled = sorted(hashed(dice, [sorted(some) for some in senders]))

    assert said(sampled[:1024]) > DEALT > said(sampled[:96])


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=6, unique=True), max_size=20))
def test_of_whatever_it_says_a_number(senders: list[list[int]]) -> None:
    assert np.isfinite(said(hashed(default_rng(1), senders)))

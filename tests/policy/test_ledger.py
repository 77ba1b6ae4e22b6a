from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import DAY
from distillgate.policy.charge import FLOOR, POOL, Debit
from distillgate.policy.group_budget import Pools
from distillgate.policy.ledger import Ledger, Reservation, book, charge
from distillgate.policy.parties import Parties
from distillgate.policy.plans import Cost, PlanSettings, limits
from distillgate.wire.exchange import Outcome

DONE = Outcome(status=200, completion_tokens=100, prompt_tokens=10, finish_reason="completed")
HUNDRED = Bucket(100.0, DAY)


def account(name: str) -> Account:
    return Account.new(name, 1, 0.0)


class Whose(NamedTuple):
    """An end user, who pays for it, and the pools it draws on."""

    user: Account
    team: Account
    parties: Parties


def whose() -> Whose:
    user, team = account("a"), account("team")
    return Whose(user, team, Parties(user, team, Pools().use(["g-1", "g-2"])))


def debits(**amounts: float) -> tuple[Debit, ...]:
    return tuple(Debit(name, HUNDRED, amount) for name, amount in amounts.items())


def room(ledger: Ledger, name: str, parties: Parties) -> bool:
    return ledger.wait(Debit(name, HUNDRED, 100.0), parties, 0.0) == 0.0


def test_a_debit_is_booked_where_it_is_handed_out_and_nowhere_else() -> None:
    user, team, parties = whose()
    entry = charge(parties, 0.0, debits(tokens=5.0, floor=7.0, pool=9.0))
    ledger = Ledger()

    ledger.hand(entry)
    assert [room(ledger, name, parties) for name in ("tokens", FLOOR, POOL)] == [False] * 3
    itself = Parties(user, user)
    assert room(ledger, "tokens", itself), "who pays was charged"
    ledger.hand(entry, -1)
    assert [room(ledger, name, parties) for name in ("tokens", FLOOR, POOL)] == [True] * 3

    book(entry, parties, 0.0)
    used = [one.buckets or Buckets() for one in (team, user)]
    used += [pool.buckets for pool in parties.pools]
    assert [one.used("tokens", HUNDRED, 0.0) for one in used] == [5.0, 0.0, 0.0, 0.0]
    assert [one.used(FLOOR, HUNDRED, 0.0) for one in used] == [0.0, 7.0, 0.0, 0.0]
    assert [one.used(POOL, HUNDRED, 0.0) for one in used] == [0.0, 0.0, 9.0, 9.0]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_what_came_back_in_any_order_leaves_nothing(order: tuple[int, ...]) -> None:
    one, ledger = account("a"), Ledger()
    parties = Parties(one, one)
    charges = [charge(parties, 1.0, debits(tokens=amount)) for amount in (0.1, 0.7, -0.2)]
    for entry in charges:
        ledger.hand(entry)
    assert ledger.wait(Debit("tokens", HUNDRED, 99.5), parties, 0.0) > 0

    for place in order:
        ledger.hand(charges[place], -1)
    assert room(ledger, "tokens", parties)


def test_what_is_in_flight_is_counted_for_who_is_scored_and_for_who_pays() -> None:
    user, team, parties = whose()
    ledger = Ledger()

    held = [ledger.hold(parties, Cost(0.0, 0.0, 0), (), 0.0) for _ in range(2)]
    assert (ledger.in_flight(user), ledger.in_flight(team)) == (2, 2)
    for one in held:
        ledger.release(one)
    assert (ledger.in_flight(user), ledger.in_flight(team)) == (0, 0)


def test_accounts_with_a_turn_to_come_are_not_looked_through_again_and_again() -> None:
    ledger, first, asks = Ledger(), account("0"), account("asks")
    for number in range(10_001):
        ledger.presence(account(str(number))).turn = 10.0

    ledger.presence(asks, 5.0)
    ledger.presence(asks, 20.0)
    assert ledger.presence(first).turn == 10.0, "it was looked for a moment ago"
    for number in range(10_001, 20_002):
        ledger.presence(account(str(number))).turn = 10.0
    ledger.presence(asks, 20.0)
    assert ledger.presence(first).turn == 0.0, "its turn was over"


def held(at: float = 0.0, **plan: Any) -> Reservation:
    settings, cost = PlanSettings(**plan), Cost(10.0, 1000.0, 1)
    one = account("a")
    one.buckets = Buckets()
    taken = tuple(limits(settings, cost))
    for debit in taken:
        one.buckets.take(debit.name, debit.bucket, debit.amount, at)
    return Reservation(Parties(one, one), cost, at, taken)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({}, -900.0),
        ({"completion_tokens": 4000}, 3000.0),
        ({"completion_tokens": None, "answer_chars": 800}, -800.0),
        ({"completion_tokens": None, "finish_reason": "failed"}, -1000.0),
        ({"completion_tokens": None, "finish_reason": "cancelled"}, 0.0),
        ({"completion_tokens": None, "missed": True}, 0.0),
        ({"completion_tokens": None, "missed": True, "answer_chars": 8000}, 1000.0),
    ],
)
def test_what_was_held_becomes_what_it_came_to(
    changed: dict[str, Any], amount: float, late: bool
) -> None:
    changes = held(output_tokens_per_day=5000.0).settle(replace(DONE, **changed), 60.0, late=late)

    assert sum(debit.amount for debit in changes) == amount


def test_an_exchange_that_held_nothing_settles_nothing() -> None:
    assert held().settle(DONE, 1.0) == ()


def test_what_came_back_to_a_rate_meanwhile_is_not_given_back_again() -> None:
    one = held(tokens_per_minute=1200.0)

    given = [
        sum(debit.amount for debit in one.settle(DONE, now, late=True))
        for now in (0.0, 30.0, 60.0, 900)
    ]

    assert given == [-900.0, -300.0, 0.0, 0.0]
    assert sum(debit.amount for debit in one.settle(DONE, 30.0)) == -900.0, "of a plain exchange"


@pytest.mark.parametrize("late", [False, True])
def test_what_was_held_in_one_period_is_not_given_back_in_the_next(late: bool) -> None:
    at = DAY - 60.0
    one = held(at=at, output_tokens_per_day=5000.0)
    buckets = one.parties.payer.buckets
    assert buckets is not None
    day = Bucket(5000.0, DAY, quota=True)

    assert one.settle(DONE, DAY, late=late) == (Debit("output day", day, -900.0),)
    buckets.take("output day", day, 4000.0, 2 * DAY - 60.0)
    assert one.settle(DONE, 2 * DAY - 59.0, late=late) == ()


@pytest.mark.parametrize("before", [None, -2 * DAY])
def test_what_is_not_booked_yet_is_given_back(before: float | None) -> None:
    booked = held(output_tokens_per_day=5000.0)
    payer = account("a")
    if before is not None:
        payer.buckets = Buckets()
        payer.buckets.take("output day", booked.debits[0].bucket, 5000.0, before)
    pending = replace(booked, parties=Parties(payer, payer))

    assert [debit.amount for debit in pending.settle(DONE, 1.0)] == [-900.0]
    assert pending.settle(DONE, DAY) == ()

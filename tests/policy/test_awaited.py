from dataclasses import replace
from typing import Any

import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import DAY, MINUTE
from distillgate.dialects.responses import RESPONSES
from distillgate.policy import awaited
from distillgate.policy.admission import Reservation
from distillgate.policy.awaited import Awaited, Held, goes_on, has_ended, owed_late
from distillgate.policy.charge import Debit
from distillgate.policy.parties import Parties
from distillgate.policy.plans import Cost, PlanSettings, limits
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import from_document

DONE = Outcome(status=200, completion_tokens=100, prompt_tokens=10, finish_reason="completed")


def held(at: float = 0.0, **plan: Any) -> Held:
    settings, cost = PlanSettings(**plan), Cost(10.0, 1000.0, 1)
    account = Account.new("a", 1, 0.0, AccountSettings())
    takes = tuple(limits(settings, cost))
    account.buckets = Buckets()
    for take in takes:
        account.buckets.take(take.name, take.bucket, take.amount, at)
    reservation = Reservation(Parties(account, account), cost, settings, takes=takes)
    return Held(at, RESPONSES, reservation, None)


def asked(**fields: Any) -> Exchange:
    return Exchange("a", from_document(RESPONSES, fields))


@pytest.mark.parametrize(
    ("fields", "name", "goes"),
    [
        ({"background": True}, "r", True),
        ({"background": True, "stream": True}, "r", True),
        ({"stream": True}, "r", False),
        ({}, "r", True),
        ({"background": True}, None, False),
    ],
)
def test_only_an_answer_that_is_made_without_a_listener_goes_on(
    fields: dict[str, Any], name: str | None, goes: bool
) -> None:
    assert goes_on(asked(**fields), Outcome(status=200, awaited=name)) is goes


@pytest.mark.parametrize(
    ("changed", "ended"),
    [
        ({}, True),
        ({"finish_reason": "failed", "completion_tokens": None}, True),
        ({"awaited": "r", "finish_reason": "in_progress"}, False),
        ({"status": 404}, False),
        ({"finish_reason": None}, False),
    ],
)
def test_an_answer_has_ended_when_it_says_how(changed: dict[str, Any], ended: bool) -> None:
    assert has_ended(replace(DONE, **changed)) is ended


@pytest.mark.parametrize(
    ("changed", "amount"),
    [
        ({}, -900.0),
        ({"completion_tokens": 4000}, 3000.0),
        ({"completion_tokens": None, "answer_chars": 800}, -800.0),
        ({"completion_tokens": None, "finish_reason": "failed"}, -1000.0),
        ({"completion_tokens": None, "finish_reason": "cancelled"}, 0.0),
        ({"completion_tokens": None, "missed": True}, 0.0),
    ],
)
def test_what_was_held_becomes_what_it_came_to(changed: dict[str, Any], amount: float) -> None:
    takes = owed_late(held(output_tokens_per_day=5000.0), replace(DONE, **changed), 60.0)

    assert sum(take.amount for take in takes) == amount


def test_what_came_back_to_a_rate_meanwhile_is_not_given_back_again() -> None:
    one = held(tokens_per_minute=1200.0)

    given = [
        sum(take.amount for take in owed_late(one, DONE, now)) for now in (0.0, 30.0, 60.0, 900.0)
    ]

    assert given == [-900.0, -300.0, 0.0, 0.0]


def test_what_was_held_in_one_period_is_not_given_back_in_the_next() -> None:
    one = held(at=DAY - 60.0, output_tokens_per_day=5000.0)
    assert one.reservation is not None
    buckets = one.reservation.parties.payer.buckets
    assert buckets is not None
    day = Bucket(5000.0, DAY, quota=True)

    assert owed_late(one, DONE, DAY) == (Debit("output day", day, -900.0),)
    buckets.take("output day", day, 4000.0, 2 * DAY - 60.0)
    assert owed_late(one, DONE, 2 * DAY - 59.0) == ()


def test_an_answer_is_awaited_for_a_bounded_time() -> None:
    waiting = Awaited()
    waiting.put("r", held(at=MINUTE))

    assert waiting.get("r", MINUTE + awaited.AWAITED_SECONDS - 1) is not None
    assert waiting.get("r", MINUTE + awaited.AWAITED_SECONDS) is None
    assert len(waiting) == 0


def test_so_many_are_awaited_and_no_more() -> None:
    waiting, one = Awaited(), held()
    for number in range(awaited.AWAITED_LIMIT + 10):
        waiting.put(f"r-{number}", one)

    assert len(waiting) == awaited.AWAITED_LIMIT
    assert waiting.get("r-9", 1.0) is None
    assert waiting.get("r-10", 1.0) is not None

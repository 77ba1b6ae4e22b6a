import gc
from typing import Any

import pytest
from tests.observing import observe

from distillgate.account.account import (
    Account,
    Packed,
    learn,
    quiet,
)
from distillgate.account.conduct import Conduct
from distillgate.account.skeleton import Skeleton
from distillgate.account.texts import Texts
from distillgate.dialects.chat import CHAT
from distillgate.wire.exchange import Attributes, Exchange, Outcome
from distillgate.wire.request import from_document


def new() -> Account:
    return Account.new("a", 7, 0.0)


def send(
    account: Account,
    now: float = 1.0,
    retry: bool = False,
    outcome: Outcome = Outcome(status=200, completion_tokens=70),  # noqa: B008  (frozen)
    **fields: Any,
) -> None:
    document = {"model": "m", "messages": [{"role": "user", "content": "hello"}]} | fields
    request = from_document(CHAT, document)
    attributes = Attributes(created=5.0)
    exchange = Exchange("a", request, organisation="o", attributes=attributes)
    learn(account, observe(exchange, outcome, retry=retry), now)


def in_a_minute(account: Account, now: float) -> tuple[float, float, float]:
    found = account.usage.read(now)
    return found.requests.minute, found.prompt_tokens.minute, found.output_tokens.minute


def test_a_request_is_counted() -> None:
    account = new()
    send(account, 100.0)

    assert in_a_minute(account, 100.0) == (1, 10, 70)
    assert account.last_seen == 100.0
    assert account.organisation == "o"
    assert account.created == 5.0


def test_what_continues_and_what_is_instructed_is_counted() -> None:
    account = new()
    said = [{"role": role, "content": "hello"} for role in ("user", "assistant", "user")]
    send(account)
    send(account, messages=said)
    send(account, messages=[{"role": "system", "content": "Be brief."}, *said])

    assert (account.exchanges, account.follows, account.instructed) == (3, 2, 1)


def test_a_retry_is_no_new_request() -> None:
    account = new()
    send(account, 100.0, retry=True, logprobs=True)

    assert in_a_minute(account, 100.0) == (0, 0, 70)
    assert account.probing is None
    assert account.exchanges == 0
    assert account.last_seen == 100.0


def test_biased_tokens_are_counted_once_each() -> None:
    account = new()
    for i in range(30):
        send(account, logit_bias={"11": 5, "12": 5}, max_tokens=1 if i % 2 else 50)

    assert account.probing is not None
    assert round(account.probing.tokens) == 2
    assert account.probing.requests == 30
    assert account.probing.single_tokens == 15


@pytest.mark.parametrize("count", [60, 500, 5000])
def test_a_walk_over_consecutive_ids_is_counted_about_right(count: int) -> None:
    account = new()
    for start in range(0, count, 20):
        send(account, logit_bias={str(token): 1 for token in range(start, start + 20)})

    assert account.probing is not None
    assert account.probing.tokens == pytest.approx(count, rel=0.5)


def test_output_is_counted_where_it_is_known() -> None:
    account = new()
    send(account, 10.0)
    send(account, 10.0, outcome=Outcome(status=200))

    assert in_a_minute(account, 10.0) == (2, 20, 70)


def test_a_clock_that_steps_back_does_not_move_last_seen() -> None:
    account = new()
    send(account, 100.0)
    send(account, 50.0)

    assert account.last_seen == 100.0


def test_who_is_quieted_has_nothing_left_that_spoke_against_it() -> None:
    account = new()
    send(account, logit_bias={"1": 5})
    account.texts, account.conduct = Texts(0.0), Conduct(0.0, 30)
    account.held_until, account.risk = 99.0, 3.0

    quiet(account)

    assert not any((account.probing, account.texts, account.conduct))
    assert (account.held_until, account.risk) == (0.0, 0.0)
    assert account.exchanges == 1


class Holder:
    __slots__ = ("_skeleton",)

    skeleton = Packed(Skeleton)

    def __init__(self) -> None:
        self._skeleton = b""


def test_a_value_comes_back_as_it_was_and_the_collector_follows_nothing() -> None:
    holder, value = Holder(), Skeleton.none().learn((1, 2, 3))
    holder.skeleton = value

    assert holder.skeleton == value
    assert type(holder.skeleton) is Skeleton
    assert gc.is_tracked(value)
    assert not gc.is_tracked(holder._skeleton)

from typing import Any

import pytest

from distillgate.account.account import (
    Account,
    AccountSettings,
    learn_outcome,
    learn_request,
)
from distillgate.fingerprint.fingerprint import Fingerprinter, FingerprintSettings
from distillgate.wire.exchange import Attributes, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

SETTINGS = AccountSettings()
READER = Fingerprinter(FingerprintSettings(), 1)


def new() -> Account:
    return Account("a", 7, 0.0, SETTINGS)


def learn(account: Account, now: float = 1.0, retry: int = 0, **fields: Any) -> None:
    document = {"model": "m", "messages": [{"role": "user", "content": "hello"}]} | fields
    request = from_document(Operation.CHAT, document)
    attributes = Attributes(created=5.0)
    exchange = Exchange("a", request, organisation="o", retry=retry, attributes=attributes)
    learn_request(account, exchange, READER.read(request), 10, now, SETTINGS)


def test_a_request_is_counted() -> None:
    account = new()
    learn(account, 100.0)

    assert account.requests.read(100.0, SETTINGS.half_life).minute == 1
    assert account.prompt.read(100.0, SETTINGS.half_life).minute == 10
    assert account.last_seen == 100.0
    assert account.organisation == "o"
    assert account.created == 5.0


def test_an_sdks_own_retry_is_no_new_request() -> None:
    account = new()
    learn(account, 100.0, retry=1, logprobs=True)

    assert account.requests.read(100.0, SETTINGS.half_life).minute == 0
    assert account.probes == 0
    assert account.last_seen == 100.0


def test_biased_tokens_are_counted_once_each() -> None:
    account = new()
    for i in range(30):
        learn(account, logit_bias={"11": 5, "12": 5}, max_tokens=1 if i % 2 else 50)

    assert account.biased is not None
    assert account.biased.estimate() == 2
    assert account.probes == 30
    assert account.single_tokens == 15


@pytest.mark.parametrize("count", [60, 500, 5000])
def test_a_walk_over_consecutive_ids_is_counted_about_right(count: int) -> None:
    account = new()
    for start in range(0, count, 20):
        learn(account, logit_bias={str(token): 1 for token in range(start, start + 20)})

    assert account.biased is not None
    assert account.biased.estimate() == pytest.approx(count, rel=0.5)


def test_output_is_counted_where_it_is_known() -> None:
    account = new()
    learn_outcome(account, Outcome(status=200, completion_tokens=70), 10.0, SETTINGS)
    learn_outcome(account, Outcome(status=200), 10.0, SETTINGS)

    assert account.output.read(10.0, SETTINGS.half_life).minute == 70


def test_a_clock_that_steps_back_does_not_move_last_seen() -> None:
    account = new()
    learn(account, 100.0)
    learn(account, 50.0)

    assert account.last_seen == 100.0

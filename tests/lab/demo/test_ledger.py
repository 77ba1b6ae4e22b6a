import pytest

from distillgate_lab.demo.call import Account
from distillgate_lab.demo.ledger import HEADER, Fate, Ledger, fate

HONEST = Account("anna", "chat users")
WORKER = Account("work-0", "campaign", honest=False)
OTHER = Account("work-1", "campaign", honest=False)


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (200, None, Fate.FULL),
        (200, "degrade; max_tokens, degrade", Fate.CUT),
        (429, None, Fate.AWAY),
        (403, "refuse", Fate.AWAY),
        (500, None, Fate.FAILED),
        (404, None, Fate.FAILED),
    ],
)
def test_an_answer_tells_what_happened(status: int, said: str | None, expected: Fate) -> None:
    assert fate(status, {} if said is None else {HEADER: said}) is expected


def test_a_failure_is_no_restriction() -> None:
    assert [got for got in Fate if got.restricted] == [Fate.CUT, Fate.AWAY]


def test_an_account_is_restricted_once_however_often_it_is_held_back() -> None:
    ledger = Ledger([HONEST, WORKER, OTHER])

    assert [ledger.enter(WORKER, got) for got in Fate] == [False, True, False, False]
    assert ledger.restricted == ["work-0"]
    total = ledger.total(honest=False)
    assert (total.accounts, total.restricted, total.requests, total.full) == (2, 1, 4, 1)
    assert ledger.total(honest=True).requests == 0


def test_the_alarm_counts_what_went_before_the_first_restriction() -> None:
    ledger = Ledger([HONEST, WORKER, OTHER])
    ledger.enter(HONEST, Fate.AWAY)
    assert ledger.alarm is None
    ledger.enter(WORKER, Fate.FULL)
    ledger.enter(OTHER, Fate.FULL)
    ledger.enter(OTHER, Fate.CUT)
    ledger.enter(WORKER, Fate.AWAY)

    assert ledger.alarm == 2

import io

from rich.console import Console

from distillgate_lab.demo.call import Account
from distillgate_lab.demo.ledger import Fate, Ledger
from distillgate_lab.demo.play import Added, Epilogue
from distillgate_lab.demo.report import complaints, show

HONEST = Account("anna", "chat users")
WORKERS = [Account(f"work-{number}", "campaign", honest=False) for number in range(20)]
ADDED = Added(through=0.0031, direct=0.0019)


def _ledger(caught: int) -> Ledger:
    ledger = Ledger([HONEST, *WORKERS])
    ledger.enter(HONEST, Fate.FULL)
    for worker in WORKERS:
        ledger.enter(worker, Fate.FULL)
    for worker in WORKERS[:caught]:
        ledger.enter(worker, Fate.AWAY)
    return ledger


def test_a_good_play_has_nothing_to_complain_of() -> None:
    assert complaints(_ledger(20)) == []
    assert complaints(_ledger(19)) == []  # exactly 95 %


def test_a_missed_campaign_is_a_complaint() -> None:
    assert complaints(_ledger(18)) == ["the campaign was missed: 18 of 20 accounts caught"]


def test_one_honest_account_held_back_once_is_a_complaint() -> None:
    ledger = _ledger(20)
    ledger.enter(HONEST, Fate.CUT)

    assert complaints(ledger) == ["honest accounts were harmed: 1 of 1"]


def test_a_request_that_failed_otherwise_is_a_complaint() -> None:
    ledger = _ledger(20)
    ledger.enter(HONEST, Fate.FAILED)

    assert complaints(ledger) == ["requests failed for another reason: 1"]


def test_the_table_says_who_was_touched_caught_leaked_and_how_long_it_took() -> None:
    out = io.StringIO()
    part = {"llr": 4.25, "family": "linkage", "text": "one [hand] deals\x1b[2J"}
    why = {
        "account": "work-0",
        "risk": 4.25,
        "contributions": [part],
        "honest_explanation": "a company",
    }
    show(Console(file=out, width=100), _ledger(20), Epilogue(ADDED, why), 12.0)
    text = " ".join(out.getvalue().split())

    assert "honest accounts touched 0 of 1" in text
    assert "campaign accounts caught 20 of 20 after 20 exchanges" in text
    assert "exchanges leaked 20 of 40 50% answered whole" in text
    assert "time added 1.2 ms p50; 3.1 with, 1.9 without" in text
    assert "+4.25 linkage: one [hand] deals\\x1b[2J" in text


def test_a_play_in_which_nobody_was_caught_gives_no_reasons() -> None:
    out = io.StringIO()
    show(Console(file=out, width=100), _ledger(0), Epilogue(ADDED, None), 12.0)

    assert "Why" not in out.getvalue()
    assert "never" in out.getvalue()

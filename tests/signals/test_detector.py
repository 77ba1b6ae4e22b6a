from tests.signals.conftest import used

from distillgate.account.account import Account
from distillgate.account.conduct import Trait
from distillgate.signals.detector import Finding, Reads, detector
from distillgate.signals.signal import Doubt, Family

DOUBT = Doubt("people who do so in good faith", "less of it")


@detector(Family.CONDUCT, "whether it is busy", DOUBT, reads=Reads.CONDUCT, indicator=4)
def busy(account: Account, now: float) -> Finding | None:
    return Finding(now, "it is busy") if now else None


@detector(Family.CONDUCT, "whether it was busy", DOUBT)
def was_busy(account: Account, now: float) -> Finding | None:
    return Finding(0.5, "it was busy", now - 1.0, now)


def test_it_is_called_by_its_functions_name_and_keeps_what_it_was_registered_with() -> None:
    assert (busy.name, busy.family, busy.reads, busy.indicator) == (
        "busy",
        Family.CONDUCT,
        Reads.CONDUCT,
        4,
    )


def test_no_finding_is_no_signal() -> None:
    assert busy(used(Trait.HEAVY, 1, 1), 0.0) is None


def test_a_finding_becomes_a_signal_as_old_as_the_account_unless_it_is_dated() -> None:
    account = used(Trait.HEAVY, 1, 1)
    account.first_seen = 3.0

    undated, dated = busy(account, 0.5), was_busy(account, 9.0)

    assert undated is not None
    assert dated is not None
    assert (undated.since, undated.until) == (3.0, account.last_seen)
    assert (dated.since, dated.until) == (8.0, 9.0)
    assert (undated.name, undated.llr, undated.text) == ("busy", 0.5, "it is busy")
    assert undated.doubt is DOUBT

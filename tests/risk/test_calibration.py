"""What a class's null takes from evidence, and how that is told."""

import pytest
from pydantic import ValidationError

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.risk.calibration import Calibration, Null, class_of, margin, shifted
from distillgate.risk.fuse import RiskSettings, fuse
from distillgate.signals.signal import Family, Signal


def account(exchanges: int, plan: str | None = "pro") -> Account:
    found = Account.new("a", 1, 0.0)
    found.exchanges, found.plan = exchanges, plan
    return found


@pytest.mark.parametrize(
    ("a_day", "band"),
    [(1, "rare"), (5, "light"), (49, "light"), (50, "steady"), (800, "heavy"), (9000, "bulk")],
)
def test_a_class_is_a_plan_and_how_much_is_sent(a_day: int, band: str) -> None:
    assert class_of(account(a_day * 10), 10 * DAY) == f"pro/{band}"


def test_a_first_day_is_no_rate_yet_and_no_plan_is_the_default() -> None:
    assert class_of(account(40, plan=None), 60.0) == "default/light"


def test_only_what_speaks_against_an_account_is_shifted() -> None:
    signals = [
        Signal("pace", Family.CONDUCT, 3.0, "why"),
        Signal("pace", Family.CONDUCT, -2.0, "why"),
        Signal("other", Family.HARVEST, 1.0, "why"),
    ]
    assert [s.llr for s in shifted(signals, {"pace": 1.0})] == [2.0, -2.0, 1.0]
    assert shifted(signals, {"pace": 5.0})[0].llr == 0.0


def test_a_margin_is_a_contribution_like_any_other() -> None:
    chance = margin(Null(margin=1.5), "pro/heavy")
    risk = fuse([Signal("links", Family.LINKAGE, 4.0, "why"), *chance], RiskSettings())

    assert risk.total == pytest.approx(2.5)
    assert sum(s.llr for s in risk.signals) == pytest.approx(risk.total)
    assert "pro/heavy" in chance[0].text
    assert margin(Null(), "pro/heavy") == []


def test_a_margin_never_speaks_against_anybody() -> None:
    with pytest.raises(ValidationError):
        Null(margin=-1.0)


def test_an_unknown_class_has_everybodys_null() -> None:
    calibration = Calibration(everyone=Null(margin=1.0), classes={"pro/rare": Null(margin=2.0)})

    assert calibration.of("pro/rare").margin == 2.0
    assert calibration.of("free/bulk").margin == 1.0

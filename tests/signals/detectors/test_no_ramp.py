import pytest

from distillgate.account.account import Account
from distillgate.account.conduct import Conduct, Word
from distillgate.account.windows import DAY
from distillgate.signals.detectors.no_ramp import no_ramp
from distillgate.signals.signal import Signal


def asked(
    first: int, busiest: int, *, opened: float | None = -60.0, age: float = 0.0
) -> Signal | None:
    account = Account.new("a", 1, 0.0)
    account.created = opened
    account.conduct = Conduct(0.0, 30)
    words = account.conduct.words
    words[Word.FIRST_HOUR], words[Word.BUSIEST_HOUR] = first, busiest
    return no_ramp(account, age * DAY)


def test_a_first_hour_as_busy_as_any_is_weighed_and_fades() -> None:
    now, later = asked(200, 250), asked(200, 250, age=7.0)

    assert now is not None
    assert later is not None
    assert later.llr == pytest.approx(now.llr / 2)
    assert "200 requests in the account's first hour" in now.text


@pytest.mark.parametrize(
    "account",
    [
        {"first": 20, "busiest": 20},
        {"first": 100, "busiest": 1000},
        {"first": 200, "busiest": 200, "opened": None},
        {"first": 200, "busiest": 200, "opened": -30 * DAY},
    ],
    ids=["slow", "ramped", "not known", "old"],
)
def test_a_slow_a_ramped_and_an_old_account_say_nothing(account: dict[str, float]) -> None:
    assert asked(**account) is None  # type: ignore[arg-type]  # one row of the table

from tests.signals.conftest import used

from distillgate.account.conduct import Trait, Word
from distillgate.signals.detectors.pivot import pivot
from distillgate.signals.signal import Signal


def asked(moved: int, of: int, before: int = 100) -> Signal | None:
    account = used(Trait.MOVED, moved, of)
    assert account.conduct is not None
    account.conduct.words[Word.BEFORE] = before
    return pivot(account, 0.0)


def test_a_move_on_the_first_day_is_weighed() -> None:
    found = asked(36, 40)

    assert found is not None
    assert 0.0 < found.llr <= 0.5
    assert "90% of 40 requests" in found.text


def test_a_try_a_newcomer_and_little_say_nothing() -> None:
    assert asked(3, 40) is None
    assert asked(40, 40, before=0) is None
    assert asked(10, 10) is None

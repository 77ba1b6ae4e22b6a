from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.round_the_clock import RoundTheClockSettings, round_the_clock

SETTINGS = RoundTheClockSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = round_the_clock(used(Trait.SLEEPLESS, 5, 6), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "5 of 6 busy days" in found.text


def test_somebody_who_rests_says_nothing() -> None:
    assert round_the_clock(used(Trait.SLEEPLESS, 0, 9), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert round_the_clock(used(Trait.SLEEPLESS, few, few), SETTINGS, 0.0) is None

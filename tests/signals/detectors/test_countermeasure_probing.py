from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.countermeasure_probing import (
    CountermeasureProbingSettings,
    countermeasure_probing,
)

SETTINGS = CountermeasureProbingSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = countermeasure_probing(used(Trait.CANARY, 5, 16), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "5 of 16 watched requests" in found.text


def test_a_drift_monitor_that_repeats_everything_says_nothing() -> None:
    assert countermeasure_probing(used(Trait.CANARY, 20, 20), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert countermeasure_probing(used(Trait.CANARY, few, few), SETTINGS, 0.0) is None

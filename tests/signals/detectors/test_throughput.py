from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.throughput import ThroughputSettings, throughput

SETTINGS = ThroughputSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = throughput(used(Trait.HEAVY, 4, 5), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "4 of 5 days" in found.text


def test_a_plan_that_fits_says_nothing() -> None:
    assert throughput(used(Trait.HEAVY, 0, 9), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert throughput(used(Trait.HEAVY, few, few), SETTINGS, 0.0) is None

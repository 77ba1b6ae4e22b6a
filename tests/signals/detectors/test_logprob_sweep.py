from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.logprob_sweep import LogprobSweepSettings, logprob_sweep

SETTINGS = LogprobSweepSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = logprob_sweep(used(Trait.SINGLE, 100, 100), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "100 of 100 requests" in found.text


def test_a_word_now_and_then_says_nothing() -> None:
    assert logprob_sweep(used(Trait.SINGLE, 1, 100), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert logprob_sweep(used(Trait.SINGLE, few, few), SETTINGS, 0.0) is None

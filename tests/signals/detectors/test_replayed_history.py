from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.replayed_history import ReplayedHistorySettings, replayed_history

SETTINGS = ReplayedHistorySettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = replayed_history(used(Trait.FOREIGN, 30, 30), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "30 of 30 conversations" in found.text


def test_conversations_that_begin_here_says_nothing() -> None:
    assert replayed_history(used(Trait.FOREIGN, 4, 30), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert replayed_history(used(Trait.FOREIGN, few, few), SETTINGS, 0.0) is None

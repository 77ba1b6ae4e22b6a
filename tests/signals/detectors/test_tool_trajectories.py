from tests.signals.conftest import used

from distillgate.account.conduct import Trait
from distillgate.signals.detectors.tool_trajectories import (
    ToolTrajectoriesSettings,
    tool_trajectories,
)

SETTINGS = ToolTrajectoriesSettings()


def test_it_weighs_a_share_up_to_its_ceiling_and_says_it() -> None:
    found = tool_trajectories(used(Trait.TOOLS, 40, 50), SETTINGS, 0.0)

    assert found is not None
    assert 0.0 < found.llr <= SETTINGS.ceiling < 1.0
    assert "40 of 50 requests with tools" in found.text


def test_an_applications_own_sets_says_nothing() -> None:
    assert tool_trajectories(used(Trait.TOOLS, 3, 200), SETTINGS, 0.0) is None


def test_little_says_nothing() -> None:
    few = int(SETTINGS.least) - 1
    assert tool_trajectories(used(Trait.TOOLS, few, few), SETTINGS, 0.0) is None

import pytest
from tests.signals.conftest import Make

from distillgate.signals.detectors.work_list import WorkListSettings, budget, work_list
from distillgate.signals.signal import Family

SETTINGS = WorkListSettings()


def test_past_its_budget_a_linked_group_is_harvesting(evidence: Make) -> None:
    found = work_list(evidence(distinct=4 * SETTINGS.distinct), SETTINGS)

    assert found.family is Family.HARVEST
    assert found.llr == pytest.approx(2.0)


def test_within_it_the_weight_speaks_for_the_customer(evidence: Make) -> None:
    llrs = [
        work_list(evidence(distinct=share * SETTINGS.distinct), SETTINGS).llr
        for share in (0.0, 0.3, 0.9, 1.0, 2.0, 1e6)
    ]

    assert llrs == sorted(llrs)
    assert llrs[0] == SETTINGS.below
    assert llrs[2] < 0
    assert llrs[3] == pytest.approx(0)
    assert llrs[-1] == SETTINGS.above


def test_classification_and_conversation_may_go_further(evidence: Make) -> None:
    plain = budget(evidence(expansion=3.0), SETTINGS)

    assert budget(evidence(expansion=0.01), SETTINGS) > plain
    assert budget(evidence(expansion=3.0, follows=0.9), SETTINGS) > plain
    assert budget(evidence(expansion=None), SETTINGS) == plain

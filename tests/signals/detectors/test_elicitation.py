from tests.signals.conftest import Make

from distillgate.signals.detectors.elicitation import ElicitationSettings, elicitation
from distillgate.signals.signal import Family

SETTINGS = ElicitationSettings()


def test_a_group_that_always_asks_for_the_reasoning_is_noted_weakly(evidence: Make) -> None:
    found = elicitation(evidence(elicits=1.0), SETTINGS)

    assert found is not None
    assert found.family is Family.CONTENT
    assert 0 < found.llr <= 1


def test_a_teacher_who_asks_now_and_then_is_not(evidence: Make) -> None:
    assert elicitation(evidence(elicits=0.3), SETTINGS) is None

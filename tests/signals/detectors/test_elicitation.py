from tests.signals.conftest import Make, case

from distillgate.signals.detectors.elicitation import elicitation
from distillgate.signals.signal import Family


def test_a_group_that_always_asks_for_the_reasoning_is_noted_weakly(evidence: Make) -> None:
    (found,) = elicitation(case(evidence(elicits=1.0)))

    assert found.family is Family.CONTENT
    assert 0 < found.llr <= 1


def test_a_teacher_who_asks_now_and_then_is_not(evidence: Make) -> None:
    assert elicitation(case(evidence(elicits=0.3))) == []

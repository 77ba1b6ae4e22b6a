from tests.signals.conftest import Make, case

from distillgate.signals.detectors.repeats import repeats
from distillgate.signals.signal import Family


def test_a_list_dealt_again_and_again_speaks_for_one_dealer(evidence: Make) -> None:
    (found,) = repeats(case(evidence(repeats=1.0, multiplicity=4.0, dealt=30.0, coverage=0.02)))

    assert found.family is Family.LINKAGE
    assert found.llr > 0


def test_a_class_on_one_set_of_questions_speaks_for_people(evidence: Make) -> None:
    (found,) = repeats(case(evidence(repeats=1.0, multiplicity=20.0, coverage=0.5)))

    assert found.llr < -4


def test_repeats_as_by_chance_speak_for_people(evidence: Make) -> None:
    (found,) = repeats(case(evidence(repeats=0.6, multiplicity=2.0, coverage=0.01)))

    assert found.llr < 0


def test_a_list_dealt_once_says_nothing(evidence: Make) -> None:
    assert repeats(case(evidence(repeats=0.01, multiplicity=1.01))) == []


def test_a_few_decoys_buy_no_veto(evidence: Make) -> None:
    decoys = {"repeats": 0.1, "multiplicity": 1.2, "coverage": 0.01}
    few, many = (repeats(case(evidence(**decoys, items=items)))[0].llr for items in (1e3, 1e4))

    assert few < -3, "so few texts may be draws from a small set"
    assert many > -1


def test_the_smaller_the_set_that_items_come_from_the_more_they_are_peoples(evidence: Make) -> None:
    drawn = {"repeats": 0.5, "coverage": 0.02, "multiplicity": 1.5}
    weights = [
        repeats(case(evidence(**drawn, items=items)))[0].llr for items in (5000.0, 1500.0, 100.0)
    ]

    assert weights == sorted(weights, reverse=True)
    assert weights[-1] < -10

from tests.signals.conftest import Make, case

from distillgate.campaign.keys import Kind
from distillgate.campaign.links import Meeting
from distillgate.signals.detectors.links import links
from distillgate.signals.signal import Family


def weight(make: Make, principals: int, texts: float = 1000.0, **meetings: int) -> float:
    met = {Meeting[name]: count for name, count in meetings.items()}
    made = make(principals=principals, texts=texts, meetings=met)
    (found,) = links(case(made, Kind.LINKS))
    return found.llr


def test_accounts_that_go_on_with_each_others_work_are_linked(evidence: Make) -> None:
    met = {Meeting.HOP: 60, Meeting.ANSWER: 40}
    (found,) = links(case(evidence(principals=60, texts=200.0, meetings=met), Kind.LINKS))

    assert found.family is Family.LINKAGE
    assert found.llr > 2
    assert str(Meeting.HOP) in found.text


def test_a_conversation_shared_now_and_then_is_not(evidence: Make) -> None:
    assert weight(evidence, principals=8, HOP=6) < 0


def test_people_who_hand_answers_on_are_an_office_and_a_cleaner_of_traces_is_not(
    evidence: Make,
) -> None:
    assert weight(evidence, principals=60, texts=1000.0, ANSWER=100) < 2
    assert weight(evidence, principals=60, texts=1000.0, ANSWER=500) > 2
    assert weight(evidence, principals=60, texts=1000.0, HOP=100) > 2, "people do not hop"


def test_a_team_says_less_than_a_crowd(evidence: Make) -> None:
    weights = [weight(evidence, principals=n, HOP=2 * n) for n in (4, 8, 16, 32, 64, 1000, 10_000)]

    assert weights == sorted(weights)
    assert weights[-1] == weights[-2]
    assert weights[1] < 2 < weights[3]


def test_a_household_is_left_alone(evidence: Make) -> None:
    assert links(case(evidence(principals=3, meetings={Meeting.HOP: 500}), Kind.LINKS)) == []
    assert links(case(evidence(principals=60, meetings={}), Kind.LINKS)) == []


def test_however_often_they_meet_the_weight_is_bounded(evidence: Make) -> None:
    assert weight(evidence, principals=4, HOP=10**9) <= 8

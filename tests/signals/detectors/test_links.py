from tests.signals.conftest import Make

from distillgate.campaign.links import Meeting
from distillgate.signals.detectors.links import LinksSettings, links
from distillgate.signals.signal import Family

SETTINGS = LinksSettings()


def test_accounts_that_go_on_with_each_others_work_are_linked(evidence: Make) -> None:
    found = links(evidence(units=60, meetings={Meeting.HOP: 500, Meeting.ANSWER: 40}), SETTINGS)

    assert found is not None
    assert found.family is Family.LINKAGE
    assert found.llr > 2
    assert str(Meeting.HOP) in found.text


def test_a_conversation_shared_now_and_then_is_not(evidence: Make) -> None:
    found = links(evidence(units=60, meetings={Meeting.HOP: 20}), SETTINGS)

    assert found is not None
    assert found.llr < 0


def test_a_household_is_left_alone(evidence: Make) -> None:
    assert links(evidence(units=3, meetings={Meeting.HOP: 500}), SETTINGS) is None
    assert links(evidence(units=60, meetings={}), SETTINGS) is None


def test_however_often_they_meet_the_weight_is_bounded(evidence: Make) -> None:
    found = links(evidence(units=4, meetings={Meeting.HOP: 10**9}), SETTINGS)

    assert found is not None
    assert found.llr <= SETTINGS.prior + SETTINGS.ceiling

from msgspec.structs import replace
from tests.signals.conftest import Make, case

from distillgate.account.windows import DAY
from distillgate.campaign.evidence import Return
from distillgate.signals.detectors.returned import returned
from distillgate.signals.signal import Family

ALIKE = Return(likeness=5.0, texts=30.0, link=5.0, seen_at=0.0, name="autumn")


def test_a_pool_that_goes_on_with_a_restricted_groups_work_starts_with_its_evidence(
    evidence: Make,
) -> None:
    (found,) = returned(case(evidence(returned=ALIKE, examined_at=DAY)))

    assert found.family is Family.LINKAGE
    assert found.llr > 2
    assert "autumn" in found.text
    assert "1.0 days" in found.text


def test_it_is_never_held_to_more_than_the_first_was(evidence: Make) -> None:
    (found,) = returned(case(evidence(returned=replace(ALIKE, likeness=50.0, link=3.0))))

    assert found.llr == 3.0


def test_what_is_remembered_fades(evidence: Make) -> None:
    later = evidence(returned=ALIKE, examined_at=60 * DAY)
    (found,) = returned(case(later))

    assert found.llr == 2.5


def test_people_who_share_the_prompt_but_not_the_work_are_left_alone(evidence: Make) -> None:
    assert returned(case(evidence(returned=replace(ALIKE, likeness=-3.0)))) == []
    assert returned(case(evidence(returned=replace(ALIKE, likeness=0.5)))) == []
    assert returned(case(evidence(returned=None))) == []

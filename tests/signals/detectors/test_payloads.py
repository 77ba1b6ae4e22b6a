import pytest
from tests.signals.conftest import Make, case

from distillgate.campaign.dispersion import Loads
from distillgate.campaign.keys import Kind
from distillgate.priors import shipped
from distillgate.signals.detectors.payloads import payloads
from distillgate.signals.group_detector import Basis, basis
from distillgate.signals.signal import Family

PRIOR, LINKED = shipped()["weights"]["shared_key"]["text"], 2.0
DEALT = Loads(dispersion=1.0, error=0.18, mean=20.0)
PEOPLES = Loads(dispersion=6.0, error=0.18, mean=20.0)
HARVEST = {"principals": 60, "unread": 1.0, "repeats": 0.0, "senders": DEALT}


def test_payloads_dealt_evenly_over_one_template_are_one_operators(evidence: Make) -> None:
    (found,) = payloads(case(evidence(**HARVEST)))

    assert found.family is Family.LINKAGE
    assert PRIOR + found.llr > LINKED


def test_users_of_one_tool_are_not_linked_by_it(evidence: Make) -> None:
    (found,) = payloads(case(evidence(**HARVEST | {"senders": PEOPLES})))

    assert PRIOR + found.llr < 0


@pytest.mark.parametrize(
    "honest",
    [
        {"principals": 1},
        {"unread": 0.7},
        {"repeats": 0.05},
        {"senders": None},
    ],
    ids=["one customer", "words of their own", "pictures that people share", "texts"],
)
def test_less_than_the_whole_shape_cannot_be_compared(
    evidence: Make, honest: dict[str, float]
) -> None:
    assert basis(Kind.SYSTEM, evidence(**HARVEST)) is Basis.PAYLOADS
    assert basis(Kind.SYSTEM, evidence(**HARVEST | honest)) is None

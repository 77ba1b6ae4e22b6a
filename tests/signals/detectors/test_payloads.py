import pytest
from tests.signals.conftest import Make

from distillgate.campaign.dispersion import Loads
from distillgate.signals.detectors.even_loads import EvenLoadsSettings
from distillgate.signals.detectors.payloads import payloads
from distillgate.signals.detectors.shared_key import SharedKeySettings
from distillgate.signals.signal import Family

LOADS = EvenLoadsSettings()
PRIOR, LINKED = SharedKeySettings().text, 2.0
DEALT = Loads(dispersion=1.0, error=0.18, mean=20.0)
PEOPLES = Loads(dispersion=6.0, error=0.18, mean=20.0)
HARVEST = {"principals": 60, "unread": 1.0, "repeats": 0.0, "senders": DEALT}


def test_payloads_dealt_evenly_over_one_template_are_one_operators(evidence: Make) -> None:
    found = payloads(evidence(**HARVEST), LOADS.weigh(DEALT))

    assert found is not None
    assert found.family is Family.LINKAGE
    assert PRIOR + found.llr > LINKED


def test_users_of_one_tool_are_not_linked_by_it(evidence: Make) -> None:
    found = payloads(evidence(**HARVEST | {"senders": PEOPLES}), LOADS.weigh(PEOPLES))

    assert found is not None
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
def test_less_than_the_whole_shape_says_nothing(evidence: Make, honest: dict[str, float]) -> None:
    assert payloads(evidence(**HARVEST | honest), LOADS.weigh(DEALT)) is None

from typing import Any

import pytest
from msgspec.structs import replace
from tests.signals.conftest import Make, case

from distillgate.campaign.evidence import Taken
from distillgate.campaign.openness import Openness
from distillgate.signals.allowance import ABOVE, BELOW, AllowanceSettings, allowance
from distillgate.signals.detectors.work_list import work_list
from distillgate.signals.signal import Family

SETTINGS = AllowanceSettings()
PLAIN = Openness(card=0.0, young=0.0)


def took(tokens: float = 0.0, size: float = 100.0, **shown: Any) -> Taken:
    return Taken(tokens, size, replace(PLAIN, **shown))


def test_past_its_budget_a_linked_group_is_harvesting(evidence: Make) -> None:
    (found,) = work_list(case(evidence(taken=took(4 * SETTINGS.value_tokens))))

    assert found.family is Family.HARVEST
    assert found.llr == pytest.approx(2.0)


def test_within_it_the_weight_speaks_for_the_customer(evidence: Make) -> None:
    llrs = [
        work_list(case(evidence(taken=took(share * SETTINGS.value_tokens))))[0].llr
        for share in (0.0, 0.3, 0.9, 1.0, 2.0, 1e6)
    ]

    assert llrs == sorted(llrs)
    assert llrs[0] == BELOW
    assert llrs[2] < 0
    assert llrs[3] == pytest.approx(0)
    assert llrs[-1] == ABOVE


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ({"card": 0.82}, "82% of its other accounts pay with the same card as one, so 4 times"),
        ({"address": 0.4}, "40% of its other accounts come from the same network as one"),
        ({"declared": 0.9}, "90% of its accounts declare one organisation, so 4 times the budget"),
    ],
)
def test_openness_is_told_in_words(shown: dict[str, float], words: str, evidence: Make) -> None:
    taken = took(50_000.0, **shown)

    assert words in work_list(case(evidence(taken=taken)))[0].text
    assert allowance(taken, SETTINGS).tokens > SETTINGS.value_tokens

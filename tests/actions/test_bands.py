from typing import Any

import pytest

from distillgate.actions.bands import Band, measures
from distillgate.dialects.chat import CHAT
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Exchange
from distillgate.wire.request import from_document

BANDS = [
    Band(plan="enterprise*", measures=[]),
    Band(risk=8.0, measures=["parameters", "reasoning"]),
    Band(plan="free", action="throttle", measures=["pace"]),
    Band(measures=["parameters"]),
]


@pytest.mark.parametrize(
    ("plan", "action", "risk", "wanted"),
    [
        ("enterprise-eu", Action.DEGRADE, 9.0, []),
        ("free", Action.DEGRADE, 9.0, ["parameters", "reasoning"]),
        ("free", Action.DEGRADE, 7.0, ["pace"]),
        ("free", Action.THROTTLE, 9.0, ["pace"]),
        ("pro", Action.DEGRADE, 7.0, ["parameters"]),
        (None, Action.DEGRADE, 8.0, ["parameters", "reasoning"]),
        (None, Action.THROTTLE, 9.0, []),
    ],
)
def test_the_first_band_that_matches_decides(
    plan: str | None, action: Action, risk: float, wanted: list[Any]
) -> None:
    asked = Exchange("a", from_document(CHAT, {}), plan=plan)

    assert list(measures(asked, Decision("a", action, risk=risk), BANDS)) == wanted

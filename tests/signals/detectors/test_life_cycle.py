from typing import Any

import pytest
from tests.signals.conftest import Make, case

from distillgate.account.windows import DAY
from distillgate.campaign.life import Counted, Life
from distillgate.signals.detectors.life_cycle import life_cycle
from distillgate.signals.signal import Family


def lived(**changes: Any) -> Life:
    """An ordinary life: a hundred accounts over ten days, months old, none of them in step."""
    hours = range(0, 240, 2)
    life = Life(
        principals=120, came=float(sum(hours)), came_squares=float(sum(h * h for h in hours))
    )
    life.dated, life.young, life.exchanges, life.pause = 120, 14, 2000, 3.0
    life.crowd = Counted(1000, 50)
    for name, value in changes.items():
        setattr(life, name, value)
    return life


def said(evidence: Make, life: Life) -> dict[str, str]:
    signals = life_cycle(case(evidence(life=life, examined_at=10 * DAY)))
    assert all(s.family is Family.CONDUCT and 0 < s.llr <= 0.5 for s in signals)
    return {signal.name: signal.text for signal in signals}


def test_an_ordinary_life_says_nothing(evidence: Make) -> None:
    assert said(evidence, lived(taken_up=Counted(300, 20))) == {}


@pytest.mark.parametrize(
    ("changes", "name", "text"),
    [
        ({"came": 240.0, "came_squares": 500.0}, "joint_start", "120 accounts came within"),
        ({"young": 100}, "young_cohort", "100 of 120"),
        ({"pause": 60.0}, "joint_pause", "about 60 exchanges"),
        ({"taken_up": Counted(300, 200)}, "joint_pivot", "67% of the exchanges"),
        ({"after": 20}, "succession", "20 of the accounts were opened after"),
    ],
)
def test_what_accounts_do_together_is_said(
    evidence: Make, changes: dict[str, Any], name: str, text: str
) -> None:
    found = said(evidence, lived(**changes))

    assert list(found) == [name]
    assert text in found[name]


def test_a_model_that_everybody_turns_to_is_no_joint_turn(evidence: Make) -> None:
    assert said(evidence, lived(taken_up=Counted(300, 200), crowd=Counted(1000, 500))) == {}


def test_a_few_accounts_show_nothing(evidence: Make) -> None:
    assert said(evidence, lived(principals=8, young=120, after=20, pause=99.0)) == {}


def test_a_group_that_just_began_has_not_come_together(evidence: Make) -> None:
    life = lived(came=240.0, came_squares=500.0, began_at=9 * DAY)

    assert said(evidence, life) == {}

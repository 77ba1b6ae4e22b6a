"""Did accounts that are linked begin, pause, turn and come back together?

Weak by design, and said only of a group that something else links: a launch brings young accounts
within a day, a release day turns everybody, and an office goes home.
"""

import math
from collections.abc import Iterator

from distillgate.account.windows import HOUR
from distillgate.campaign.life import Life
from distillgate.signals.detector import Finding
from distillgate.signals.group_detector import Case, Turn, group_detector
from distillgate.signals.signal import Doubt, Family

_WATCHED = 48.0
"""Hours after which it can be told that no more accounts come."""
_TURNED = 0.25
"""Share of a group's exchanges that is a turn; fewer are somebody trying."""
_MOST = 0.5
"""Nats that one event adds."""
_UNITS = 12
"""Principals from which a joint event is none of chance."""
_START = 0.1
"""Spread of the times at which principals came, as a share of the group's age, that is a joint
start."""
_YOUNG = 0.5
"""Share of accounts opened within the week before they came that is a young cohort; ordinary
customers are months old."""
_PAUSE = 12.0
"""Exchanges to be expected during a pause, by the crowd's, from which it is a joint one."""
_PIVOT = 3.0
"""How many times the crowd's share of exchanges go to a new model on its first day."""
_SUCCESSORS = 3
"""Accounts opened after others of the group were restricted that are a succession."""


@group_detector(
    Family.CONDUCT,
    "what linked accounts did together: begin, pause, turn to a new model, come back",
    Doubt(
        "a product's launch, a firm's working hours or a release day move honest accounts together "
        "too",
        "the accounts come, pause and change models at times of their own",
    ),
    turn=Turn.LINKED,
    signals=("joint_start", "young_cohort", "joint_pause", "joint_pivot", "succession"),
    accuses=True,
)
def life_cycle(case: Case) -> Iterator[Finding]:
    """Weigh each thing that a linked group's accounts did together."""
    life = case.evidence.life
    if life.principals < _UNITS:
        return
    for name, said in (
        ("joint_start", _start(life, case.evidence.examined_at)),
        ("young_cohort", _young(life)),
        ("joint_pause", _pause(life)),
        ("joint_pivot", _pivot(life)),
        ("succession", _succession(life)),
    ):
        if said is not None:
            yield Finding(_MOST, said, name=name)


def _start(life: Life, now: float) -> str | None:
    age = (now - life.began_at) / HOUR
    if age < _WATCHED or life.spread > _START * age:
        return None
    return f"{life.principals} accounts came within about {2 * life.spread:.0f} of {age:.0f} hours"


def _young(life: Life) -> str | None:
    if life.dated < _UNITS or life.young < _YOUNG * life.dated:
        return None
    return f"{life.young} of {life.dated} accounts were opened in the week before they came"


def _pause(life: Life) -> str | None:
    # The longest of many pauses is long by chance: by about the logarithm of how many there were.
    if life.pause < _PAUSE + math.log(max(1, life.exchanges)):
        return None
    return (
        f"all {life.principals} accounts paused together: by everybody else's traffic about "
        f"{life.pause:.0f} exchanges were to be expected, and none came"
    )


def _pivot(life: Life) -> str | None:
    group, crowd = life.taken_up, life.crowd
    if group.all < _UNITS or not crowd.all:
        return None
    share, usual = group.new / group.all, crowd.new / crowd.all
    if share < _TURNED or share < _PIVOT * usual:
        return None
    return f"{share:.0%} of the exchanges turned to a new model on its first day; all: {usual:.0%}"


def _succession(life: Life) -> str | None:
    if life.after < _SUCCESSORS:
        return None
    return f"{life.after} of the accounts were opened after the first of the group was restricted"

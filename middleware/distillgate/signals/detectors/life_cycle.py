"""Did accounts that are linked begin, pause, turn and come back together?

Weak by design, and said only of a group that something else links: a launch brings young accounts
within a day, a release day turns everybody, and an office goes home.
"""

import math
from collections.abc import Iterator

from distillgate.account.windows import HOUR
from distillgate.campaign.evidence import Evidence
from distillgate.campaign.life import Life
from distillgate.settings import Settings
from distillgate.signals.signal import Doubt, Family, Signal

_DOUBT = Doubt(
    "a product's launch, a firm's working hours or a release day move honest accounts together too",
    "the accounts come, pause and change models at times of their own",
)


_WATCHED = 48.0
"""Hours after which it can be told that no more accounts come."""
_TURNED = 0.25
"""Share of a group's exchanges that is a turn; fewer are somebody trying."""


class LifeCycleSettings(Settings):
    """How little a joint life weighs."""

    linked: float = 2.0
    """Linkage from which a group's life is looked at."""
    most: float = 0.5
    """Most nats that one of its events adds."""
    min_units: int = 12
    """Principals from which a joint event is none of chance."""
    start_share: float = 0.1
    """Spread of the times at which principals came, as a share of the group's age, that is a joint
    start."""
    young: float = 0.5
    """Share of accounts opened within the week before they came that is a young cohort; ordinary
    customers are months old."""
    pause: float = 12.0
    """Exchanges to be expected during a pause, by the crowd's, from which it is a joint one."""
    pivot: float = 3.0
    """How many times the crowd's share of exchanges go to a new model on its first day."""
    successors: int = 3
    """Accounts opened after others of the group were restricted that are a succession."""


def life_cycle(evidence: Evidence, settings: LifeCycleSettings) -> Iterator[Signal]:
    """Return a signal for each thing that a linked group's accounts did together."""
    life = evidence.life
    if life.principals < settings.min_units:
        return
    for name, said in (
        ("joint_start", _start(life, evidence.examined_at, settings)),
        ("young_cohort", _young(life, settings)),
        ("joint_pause", _pause(life, settings)),
        ("joint_pivot", _pivot(life, settings)),
        ("succession", _succession(life, settings)),
    ):
        if said is not None:
            yield Signal(name, Family.CONDUCT, settings.most, said, _DOUBT)


def _start(life: Life, now: float, settings: LifeCycleSettings) -> str | None:
    age = (now - life.began_at) / HOUR
    if age < _WATCHED or life.spread > settings.start_share * age:
        return None
    return f"{life.principals} accounts came within about {2 * life.spread:.0f} of {age:.0f} hours"


def _young(life: Life, settings: LifeCycleSettings) -> str | None:
    if life.dated < settings.min_units or life.young < settings.young * life.dated:
        return None
    return f"{life.young} of {life.dated} accounts were opened in the week before they came"


def _pause(life: Life, settings: LifeCycleSettings) -> str | None:
    # The longest of many pauses is long by chance: by about the logarithm of how many there were.
    if life.pause < settings.pause + math.log(max(1, life.exchanges)):
        return None
    return (
        f"all {life.principals} accounts paused together: by everybody else's traffic about "
        f"{life.pause:.0f} exchanges were to be expected, and none came"
    )


def _pivot(life: Life, settings: LifeCycleSettings) -> str | None:
    group, crowd = life.taken_up, life.crowd
    if group.all < settings.min_units or not crowd.all:
        return None
    share, usual = group.new / group.all, crowd.new / crowd.all
    if share < _TURNED or share < settings.pivot * usual:
        return None
    return f"{share:.0%} of the exchanges turned to a new model on its first day; all: {usual:.0%}"


def _succession(life: Life, settings: LifeCycleSettings) -> str | None:
    if life.after < settings.successors:
        return None
    return f"{life.after} of the accounts were opened after the first of the group was restricted"

import pytest

from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.risk.actor import Actor
from distillgate.risk.nearing import nearing
from distillgate.signals.allowance import weight
from distillgate.signals.signal import Family, Signal


def actor(group: Group, used: float) -> Actor:
    return Actor(
        group,
        [
            Signal("one_manner", Family.LINKAGE, 5.0, "one hand"),
            Signal("work_list", Family.HARVEST, weight(used), f"took {used}"),
        ],
    )


def group() -> Group:
    return Group.new(Key(Kind.PAYMENT, 7), 0.0, sample=8, due=48)


def test_half_of_the_budget_and_all_of_it_are_told_once_each() -> None:
    made = group()
    shares = (0.1, 0.49, 0.5, 0.7, 0.99, 1.0, 1.7, 0.4, 1.2)

    told = [nearing(actor(made, used), float(at)) for at, used in enumerate(shares)]

    assert [notice.at for notice in told if notice is not None] == [2.0, 5.0]


def test_who_is_past_it_at_first_sight_is_told_of_once() -> None:
    made = group()

    first, second = nearing(actor(made, 3.0), 1.0), nearing(actor(made, 3.1), 2.0)

    assert first is not None
    assert (first.group, first.evidence) == (made.id, "took 3.0")
    assert first.used == pytest.approx(3.0)
    assert second is None

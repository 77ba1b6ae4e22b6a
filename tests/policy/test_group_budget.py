import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.account.windows import DAY
from distillgate.policy.decision import Action
from distillgate.policy.group_budget import GroupBudgetSettings, Pools, floor, reserve
from distillgate.policy.ladder import LadderSettings

LADDER = LadderSettings()
SETTINGS = GroupBudgetSettings(output_tokens=3000.0, days=30.0, floor_per_day=1000.0)


def account(name: str, unit: int = 1) -> Account:
    return Account(name, unit, 0.0, AccountSettings())


def test_accounts_of_one_group_draw_on_one_pool_and_others_on_their_own() -> None:
    pools = Pools()

    assert pools.of(account("a", 1), (7,)) == pools.of(account("b", 2), (7,))
    assert pools.of(account("a", 1), ()) == pools.of(account("colleague", 1), ())
    assert pools.of(account("a", 1), ()) != pools.of(account("b", 2), ())
    assert len(pools.of(account("a", 1), (7, 8))) == 2


def test_the_floor_goes_before_the_pool() -> None:
    pools, who, other = Pools(), account("a", 1), account("b", 2)
    shared = pools.of(who, (7,))

    floored = reserve(who, shared, 1000.0, 1.0, 0.0, SETTINGS)
    pooled = reserve(other, shared, 3000.0, 0.0, 0.0, SETTINGS)
    assert floored is not None
    assert pooled is not None
    assert (floored.of_floor, pooled.of_floor) == (True, False)
    assert reserve(who, shared, 100.0, 1.0, 0.0, SETTINGS) is None


def test_the_pool_comes_back_evenly() -> None:
    pools, who = Pools(), account("a")
    shared = pools.of(who, (7,))
    assert reserve(who, shared, 3000.0, 0.0, 0.0, SETTINGS) is not None

    assert reserve(who, shared, 101.0, 0.0, 1 * DAY, SETTINGS) is None
    assert reserve(who, shared, 100.0, 0.0, 1 * DAY, SETTINGS) is not None


def test_what_was_not_used_goes_back() -> None:
    pools, who = Pools(), account("a")
    shared = pools.of(who, (7,))
    held = reserve(who, shared, 3000.0, 0.0, 0.0, SETTINGS)
    assert held is not None

    held.settle(None, 0.0)
    assert reserve(who, shared, 1.0, 0.0, 0.0, SETTINGS) is None
    held.settle(1000.0, 0.0)
    assert reserve(who, shared, 2000.0, 0.0, 0.0, SETTINGS) is not None


@pytest.mark.parametrize(
    ("risk", "action", "share"),
    [
        (1.0, Action.THROTTLE, 1.0),
        (2.0, Action.THROTTLE, 1.0),
        (4.0, Action.THROTTLE, 0.5),
        (6.0, Action.THROTTLE, 0.1),
        (60.0, Action.THROTTLE, 0.1),
        (6.0, Action.DEGRADE, 0.0),
    ],
)
def test_the_floor_shrinks_as_doubt_does(risk: float, action: Action, share: float) -> None:
    assert floor(risk, action, LADDER, SETTINGS) == pytest.approx(share)


def test_pools_that_are_forgotten_are_gone_from_what_is_kept() -> None:
    pools, who = Pools(), account("a")
    (first,) = pools.of(who, (1,))
    pools.changed.take()
    for group in range(2, 20_002):
        pools.of(who, (group,))

    assert pools.changed.take() == {first.key}
    assert dict(pools.dump([first.key])) == {first.key: None}

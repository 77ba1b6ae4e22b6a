import pytest
from tests.remembering import moved

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket
from distillgate.account.windows import DAY
from distillgate.policy.charge import FLOOR, POOL, Debit
from distillgate.policy.decision import Action
from distillgate.policy.group_budget import (
    GroupBudgetSettings,
    Left,
    Pool,
    Pools,
    floor,
    offers,
)
from distillgate.policy.ladder import LadderSettings
from distillgate.policy.ledger import Ledger, book, charge
from distillgate.policy.parties import Parties

LADDER = LadderSettings()
SETTINGS = GroupBudgetSettings(floor_per_day=1000.0)
REFILL = 3000.0
LEDGER = Ledger()


def account(name: str, principal: int = 1) -> Account:
    return Account.new(name, principal, 0.0)


def test_accounts_of_one_group_draw_on_one_pool_and_others_on_their_own() -> None:
    pools = Pools()

    def keys(who: Account, *groups: int) -> list[str]:
        return [pool.key for pool in pools.of(who, groups)]

    assert keys(account("a", 1), 7) == keys(account("b", 2), 7)
    assert keys(account("a", 1)) == keys(account("colleague", 1))
    assert keys(account("a", 1)) != keys(account("b", 2))
    assert len(keys(account("a", 1), 7, 8)) == 2


def reserved(
    who: Account, shared: tuple[Pool, ...], output: float, floor: float = 0.0, now: float = 0.0
) -> Debit | None:
    """Reserve, and take what was reserved."""
    parties = Parties(who, who, shared)
    for found in offers(output, Left(floor, REFILL), SETTINGS):
        if LEDGER.wait(found, parties, now) <= 0:
            book(charge(parties, now, (found,)), parties, now)
            return found
    return None


def test_the_floor_goes_before_the_pool() -> None:
    pools, who, other = Pools(), account("a", 1), account("b", 2)
    shared = pools.use(["g-7"])

    floored = reserved(who, shared, 1000.0, 1.0)
    pooled = reserved(other, shared, 3000.0)
    assert floored is not None
    assert pooled is not None
    assert (floored.name, pooled.name) == (FLOOR, POOL)
    assert reserved(who, shared, 100.0, 1.0) is None


def test_the_pool_comes_back_evenly() -> None:
    pools, who = Pools(), account("a")
    shared = pools.use(["g-7"])
    assert reserved(who, shared, 3000.0) is not None

    assert reserved(who, shared, 101.0, now=DAY / 30) is None
    assert reserved(who, shared, 100.0, now=DAY / 30) is not None


def test_who_is_given_no_more_has_its_floor_alone() -> None:
    assert list(offers(1.0, Left(0.0, 0.0), SETTINGS)) == []
    assert [one.name for one in offers(1.0, Left(0.5, 0.0), SETTINGS)] == [FLOOR]


def test_looking_a_pool_up_makes_none() -> None:
    pools, who = Pools(), account("a")

    assert [pool.restricted for pool in pools.of(who, (7,))] == [0]
    assert [*pools.dump()] == []
    (made,) = pools.use(["g-0000000000000007"])
    assert pools.of(who, (7,)) == (made,)


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


def test_pools_come_back_and_the_longest_unused_goes_first() -> None:
    pools, again, who = Pools(), Pools(), account("a")
    (first,) = pools.use(["g-0000000000000001"])
    first.restricted = 3
    first.buckets.take("pool", Bucket(9.0, 60.0), 4.0, 0.0)
    for group in range(2, 20_001):
        pools.use([f"g-{group:016x}"])
    moved(pools, again)

    assert again.of(who, (1,)) == (first,)
    again.use(["g-one-more"])
    assert [pool.restricted for pool in again.of(who, (1,))] == [0]

import pytest

from distillgate.account.bucket import Bucket
from distillgate.fingerprint.observation import Party
from distillgate.policy.charge import FLOOR, POOL, Charge, Debit, Pending

ONE, OTHER = Party("a", 1, None, 0.0), Party("team", 2, None, 0.0)
DAY = Bucket(100.0, 86_400.0)


def charge(*takes: tuple[str, float], payer: Party | None = None) -> Charge:
    made = tuple(Debit(name, DAY, amount) for name, amount in takes)
    return Charge(1.0, ONE, payer, made, pools=("g-1", "g-2"))


def test_what_is_handed_out_is_counted_by_its_owner() -> None:
    pending = Pending()
    pending.add(charge(("tokens", 5.0), (FLOOR, 7.0), (POOL, 9.0), payer=OTHER))

    assert (pending.of("team", "tokens"), pending.of("a", "tokens")) == (5.0, 0.0)
    assert (pending.of("a", FLOOR), pending.of("team", FLOOR)) == (7.0, 0.0)
    assert (pending.of("g-1", POOL), pending.of("g-2", POOL)) == (9.0, 9.0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_what_came_back_in_any_order_leaves_nothing(order: tuple[int, ...]) -> None:
    pending = Pending()
    charges = [charge(("tokens", amount)) for amount in (0.1, 0.7, -0.2)]
    for one in charges:
        pending.add(one)
    assert pending.of("a", "tokens") == pytest.approx(0.6)

    for place in order:
        pending.add(charges[place], -1)
    assert pending.of("a", "tokens") == 0.0

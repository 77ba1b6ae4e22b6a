from typing import ClassVar

import pytest

from distillgate.account.account import Account
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.risk.explanation import cheapest, explain_account, explain_group
from distillgate.risk.fuse import NO_RISK, Risk, RiskSettings, fuse
from distillgate.signals.signal import Doubt, Family, Signal


def risk() -> Risk:
    return fuse(
        [
            Signal("weak", Family.HARVEST, 0.5, "took little", Doubt("a batch", "less")),
            Signal("against", Family.LINKAGE, -1.0, "differs"),
            Signal("strong", Family.LINKAGE, 4.0, "acts as one", Doubt("a firm", "say so"), 5, 9),
        ],
        RiskSettings(),
    )


def group() -> Group:
    return Group.new(Key(Kind.SYSTEM, 7), 0.0, sample=8, due=48)


def test_an_accounts_contributions_sum_to_its_risk_the_strongest_first() -> None:
    account = Account.new("a", 1, 10.0)
    account.held_until, account.pardoned_until = 200.0, 50.0

    found = explain_account(account, risk(), group(), 100.0, line=2.0)

    assert [c.signal for c in found.contributions] == ["strong", "against", "weak"]
    assert sum(c.llr for c in found.contributions) == pytest.approx(found.risk)
    assert found.group == group().id
    assert (found.restricted_until, found.pardoned_until) == (200.0, None)
    assert (found.contributions[0].since, found.contributions[0].until) == (5, 9)
    assert (found.honest_explanation, found.cleared_by) == ("a firm", "say so")


def test_where_nothing_speaks_against_an_account_that_is_said() -> None:
    account = Account.new("a", 1, 10.0)

    found = explain_account(account, NO_RISK, None, 100.0, line=2.0)

    assert found.risk == 0
    assert found.contributions == ()
    assert found.group is None
    assert found.honest_explanation == found.cleared_by == "nothing speaks against it"


def test_a_group_that_was_not_examined_can_be_explained() -> None:
    made = group()
    made.repeats.add(1, 1)

    found = explain_group(made, NO_RISK, linked=False, allowance=None, members=(), line=2.0)

    assert (found.group, found.principals, found.distinct_texts) == (made.id, 0, 1)
    assert found.strongest == ()


def test_what_speaks_against_a_group_comes_first_in_its_words() -> None:
    found = explain_group(group(), risk(), linked=True, allowance=450.0, members=("a",), line=2.0)

    assert found.strongest == ("acts as one", "took little")
    assert found.linked


def raised(*llrs: float, family: Family = Family.LINKAGE) -> list[Signal]:
    return [Signal(str(n), family, n, "", Doubt("", f"drop {n}")) for n in llrs]


def test_the_cheapest_change_is_the_least_that_suffices() -> None:
    found = fuse([*raised(0.5, 1.0), *raised(1.5, family=Family.SURFACE)], RiskSettings())

    assert cheapest(found, 2.5) == "drop 1.0"
    assert cheapest(found, 1.6) == "drop 1.5"
    assert cheapest(found, 1.0) == "drop 1.5; and drop 1.0"
    assert cheapest(found, 5.0) == "drop 1.5"
    assert cheapest(NO_RISK, 2.0) == "nothing speaks against it"


def test_what_a_cap_held_back_comes_forward_when_something_else_goes() -> None:
    class Capped(RiskSettings):
        caps: ClassVar[dict[str, float]] = {"linkage": 4.0}

    found = fuse(raised(3.0, 5.0), Capped())

    assert found.total == 4.0
    assert cheapest(found, 3.5) == "drop 5.0"  # of 8, 3 is left; without the 3 it would stay 4
    assert cheapest(found, 2.9) == "drop 5.0; and drop 3.0"

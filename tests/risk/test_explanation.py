import pytest

from distillgate.account.account import Account, AccountSettings
from distillgate.campaign.group import Group
from distillgate.campaign.keys import Key, Kind
from distillgate.risk.explanation import explain_account, explain_group
from distillgate.risk.fuse import NO_RISK, Risk, RiskSettings, fuse
from distillgate.signals.signal import Family, Signal

SETTINGS = AccountSettings()


def risk() -> Risk:
    return fuse(
        [
            Signal("weak", Family.HARVEST, 0.5, "took little"),
            Signal("against", Family.LINKAGE, -1.0, "differs"),
            Signal("strong", Family.LINKAGE, 4.0, "acts as one"),
        ],
        RiskSettings(),
    )


def group() -> Group:
    return Group(Key(Kind.SYSTEM, 7), 0.0, sample=8, due=48)


def test_an_accounts_contributions_sum_to_its_risk_the_strongest_first() -> None:
    account = Account("a", 1, 10.0, SETTINGS)
    account.held_until, account.pardoned_until = 200.0, 50.0

    found = explain_account(account, risk(), group(), 100.0, SETTINGS)

    assert [c.signal for c in found.contributions] == ["strong", "against", "weak"]
    assert sum(c.llr for c in found.contributions) == pytest.approx(found.risk)
    assert found.group == group().id
    assert (found.restricted_until, found.pardoned_until) == (200.0, None)
    assert found.honest_explanation
    assert found.cleared_by


def test_where_nothing_speaks_against_an_account_that_is_said() -> None:
    account = Account("a", 1, 10.0, SETTINGS)

    found = explain_account(account, NO_RISK, None, 100.0, SETTINGS)

    assert found.risk == 0
    assert found.contributions == ()
    assert found.group is None
    assert found.honest_explanation == found.cleared_by == "nothing speaks against it"


def test_a_group_that_was_not_examined_can_be_explained() -> None:
    made = group()
    made.repeats.add(1, 1)

    found = explain_group(made, NO_RISK, linked=False, budget=None, members=())

    assert (found.group, found.units, found.distinct_texts) == (made.id, 0, 1)
    assert found.strongest == ()


def test_what_speaks_against_a_group_comes_first_in_its_words() -> None:
    found = explain_group(group(), risk(), linked=True, budget=450.0, members=("a",))

    assert found.strongest == ("acts as one", "took little")
    assert found.linked

"""What people ordered: whose order counts, until when, and what it leaves of the evidence."""

from typing import Any

import pytest

from distillgate.account.account import Account
from distillgate.policy.decision import Action, Ruling
from distillgate.policy.directives import Deed, Directive, Directives
from distillgate.policy.parties import Named, Parties
from distillgate.policy.policy import Exemption, PolicySettings, decide
from distillgate.risk.fuse import NO_RISK, Risk

GUILTY = Risk(12.0, {"linkage": 6.0, "harvest": 6.0}, ())


def directive(deed: Deed, subject: str = "a", **fields: Any) -> Directive:
    given = {"whole": False, "at": 0.0, "until": 100.0, "by": "anna", "reason": "why", **fields}
    return Directive(subject=subject, deed=deed, **given)


def decided(risk: Risk, held: Directive | None, **settings: Any) -> Ruling:
    account = Account.new("a", 1, 0.0)
    parties = Parties(account, account, names=(Named("a"),))
    return decide(parties, risk, 5.0, PolicySettings(**settings), directive=held)


def test_the_accounts_own_order_counts_before_its_payers_and_its_organisations() -> None:
    held = Directives()
    for whole, subject in ((True, "acme"), (False, "team"), (False, "a")):
        held.set(directive("observe", subject, whole=whole))

    def whose(*parties: Named) -> str | None:
        found = held.of(parties, 5.0)
        return None if found is None else found.subject

    assert whose(Named("a"), Named("team", "acme")) == "a"
    assert whose(Named("b"), Named("team", "acme")) == "team"
    assert whose(Named("b", "acme")) == "acme"
    assert whose(Named("c/1"), Named("c", "acme")) == "acme", "an end user's payer is the acme's"
    assert whose(Named("acme")) is None, "an organisation's name is no account's"


def test_an_order_ends_by_itself_and_is_gone_with_the_next() -> None:
    held = Directives()
    held.set(directive("exempt", until=10.0))
    assert held.of((Named("a"),), 9.9) is not None
    assert held.of((Named("a"),), 10.0) is None

    held.set(directive("exempt", "b", at=11.0))
    assert [one.subject for one in held] == ["b"]
    assert held.revoke("b", whole=False) is not None
    assert (len(held), held.revoke("b", whole=False)) == (0, None)


@pytest.mark.parametrize(
    ("risk", "held", "action", "by"),
    [
        (GUILTY, None, Action.REFUSE, "ladder"),
        (GUILTY, directive("exempt"), Action.OBSERVE, "order: why"),
        (GUILTY, directive("restrict"), Action.REFUSE, "ladder"),
        (NO_RISK, directive("exempt"), Action.ALLOW, "ladder"),
        (NO_RISK, directive("observe"), Action.OBSERVE, "order: why"),
        (NO_RISK, directive("restrict"), Action.THROTTLE, "order: why"),
        (NO_RISK, directive("restrict", action="refuse"), Action.REFUSE, "order: why"),
    ],
)
def test_an_order_bounds_what_the_evidence_asks(
    risk: Risk, held: Directive | None, action: Action, by: str
) -> None:
    decision = decided(risk, held)

    assert (decision.action, decision.decided_by) == (action, by)
    if held is not None and action.restricts and by != "ladder":
        assert decision.expires == held.until


def test_whom_the_configuration_exempts_no_order_restricts() -> None:
    contract = Exemption(account="a", reason="a contract")

    decision = decided(NO_RISK, directive("restrict"), exemptions=[contract])

    assert decision.action is Action.OBSERVE

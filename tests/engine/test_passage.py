"""Who was let in by the upstream, and who is unknown meanwhile."""

import pytest

from distillgate.account.account import Account
from distillgate.engine.passage import Strangers, let_in
from distillgate.wire.exchange import Outcome


@pytest.mark.parametrize(
    ("outcome", "known", "newcomer"),
    [
        (Outcome(200), True, True),
        (Outcome(302), True, True),
        (Outcome(429), True, False),
        (Outcome(500), True, False),
        (Outcome(401), False, False),
        (Outcome(403), False, False),
        (Outcome(404), False, False),
        (Outcome(0), True, True),
        (Outcome(0, aborted=True), True, False),
    ],
)
def test_a_made_up_key_does_not_become_an_account(
    outcome: Outcome, known: bool, newcomer: bool
) -> None:
    assert let_in(outcome, known=True) is known
    assert let_in(outcome, known=False) is newcomer


def test_a_stranger_is_kept_as_long_as_exchanges_of_it_are_under_way() -> None:
    strangers, account = Strangers(), Account.new("a", 1, 0.0)
    strangers.hold(account)
    strangers.hold(account)

    strangers.release("a")
    assert strangers.get("a") is account
    strangers.release("a")
    assert (strangers.get("a"), len(strangers)) == (None, 0)
    strangers.release("a")
    assert len(strangers) == 0

"""Who was let in by the upstream."""

import pytest

from distillgate.engine.passage import let_in
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

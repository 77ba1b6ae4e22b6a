"""Results by name: what a refusal was, and what became of what was let in."""

import pytest

from distillgate.actions.effect import RESULTS, Effect, answer_result, cause_of, refusal_result
from distillgate.policy.decision import Action, Decision


@pytest.mark.parametrize(
    ("action", "headers", "result"),
    [
        (Action.DEGRADE, [(b"retry-after", b"12"), (b"x", b"y")], ("throttled", 12.0)),
        (Action.CHALLENGE, [(b"x-should-retry", b"false")], ("challenged", None)),
        (Action.REFUSE, [], ("refused", None)),
    ],
)
def test_a_refusal_is_what_its_answer_says(
    action: Action, headers: list[tuple[bytes, bytes]], result: tuple[str, float | None]
) -> None:
    assert refusal_result(Decision("a", action), headers) == result


@pytest.mark.parametrize(
    ("status", "measures", "aborted", "result"),
    [
        (200, (), False, "answered"),
        (200, ("route",), False, "changed"),
        (200, (), True, "answered"),
        (404, (), False, "answered"),
        (0, (), True, "aborted"),
        (0, (), False, "failed"),
        (502, ("route",), False, "failed"),
    ],
)
def test_what_was_let_in_ends_as_its_status_says(
    status: int, measures: tuple[str, ...], aborted: bool, result: str
) -> None:
    assert answer_result(status, measures, aborted=aborted) == result
    assert result in RESULTS


@pytest.mark.parametrize(
    ("decision", "cause"),
    [
        (Decision("a"), ""),
        (Decision("a", Action.OBSERVE), ""),
        (Decision("a", Action.THROTTLE), "suspicion"),
        (Decision("a", Action.THROTTLE, limit="concurrent"), "budget"),
        (Decision("a", replayed="account"), "binding"),
        (Decision("a", Action.REFUSE, replayed="account"), "suspicion"),
    ],
)
def test_a_cause_is_the_plans_limit_before_the_evidence_before_a_seal(
    decision: Decision, cause: str
) -> None:
    assert cause_of(decision) == cause


def test_only_what_the_policy_did_touches_an_answer() -> None:
    touched = {result for result in RESULTS if Effect("r", result=result).touched}

    assert touched == {"throttled", "challenged", "refused"}
    assert Effect("r", result="failed", measures=("route",)).touched

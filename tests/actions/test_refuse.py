from typing import Any

import orjson
import pytest

from distillgate.actions.refuse import ChallengeSettings, refuse
from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Refusal
from distillgate.wire.request import from_document

LINK = ChallengeSettings(link="https://example.com/verify?r={reference}&a={account}")
BOTH = pytest.mark.parametrize("operation", [CHAT, MESSAGES])


def answer(
    operation: Operation = CHAT,
    action: Action = Action.THROTTLE,
    code: str = "suspected_extraction",
    **fields: Any,
) -> Refusal:
    asked = Exchange("a b", from_document(operation, {}), id="dg-1")
    return refuse(asked, Decision("a b", action, code=code, **fields), LINK, "help@example.com")


def code(found: Refusal) -> str:
    error = orjson.loads(found.body)["error"]
    said: str = error["code"] if "code" in error else error["details"]["error_code"]
    return said


@BOTH
def test_a_plans_rate_and_a_suspicion_answer_alike(operation: Operation) -> None:
    plan = answer(operation, code="rate_limit_exceeded", retry_after=30.0)
    suspicion = answer(operation, Action.DEGRADE, retry_after=30.0)

    assert plan == suspicion
    assert (plan.status, code(plan)) == (429, "rate_limit_exceeded")


@BOTH
def test_a_used_up_budget_is_called_one_and_is_not_tried_again(operation: Operation) -> None:
    found = answer(operation, code="budget", retry_after=30.0)

    assert (found.status, code(found)) == (429, "budget")
    assert (b"x-should-retry", b"false") in found.headers


@BOTH
def test_a_challenge_is_a_403_with_the_link_to_verify(operation: Operation) -> None:
    found = answer(operation, Action.CHALLENGE)

    assert (found.status, code(found)) == (403, "verification_required")
    assert b"https://example.com/verify?r=dg-1&a=a%20b" in found.body
    assert b"help@example.com" in found.body


@BOTH
def test_a_refusal_is_a_403_with_its_reason_and_reference(operation: Operation) -> None:
    found = answer(operation, Action.REFUSE, retry_after=30.0)

    assert (found.status, code(found)) == (403, "suspected_extraction")
    assert b"dg-1" in found.body
    assert b"verify" not in found.body
    assert (b"x-should-retry", b"false") in found.headers

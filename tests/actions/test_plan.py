from typing import Any

import orjson
import pytest
from tests.calls import CALLS

from distillgate.actions.bands import Band
from distillgate.actions.binding import Replay
from distillgate.actions.draft import Draft
from distillgate.actions.limits import LimitNames
from distillgate.actions.mark.measure import MarkSettings
from distillgate.actions.plan import ActionsSettings, Known, Plan, reasoning, stored
from distillgate.actions.plan import plan as plan_with
from distillgate.actions.route import RouteSettings
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.policy.decision import Action, Decision
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document, parse
from distillgate.wire.shorten import ReasoningSettings

KNOWN = Known(b"secret", LimitNames())
NAMED = (b"x-distillgate-reference", b"dg-1")
SETTINGS = ActionsSettings(contact="help@example.com")
OPERATIONS = pytest.mark.parametrize("operation", CALLS)


def plan(asked: Exchange, judged: Decision, settings: ActionsSettings) -> Plan:
    return plan_with(asked, judged, settings, KNOWN)


def exchange(operation: Operation = CHAT, **fields: Any) -> Exchange:
    return Exchange("a", from_document(operation, fields), id="dg-1")


def decision(action: Action, *, enforced: bool = True, **fields: Any) -> Decision:
    return Decision("a", action, code="suspected_extraction", enforced=enforced, **fields)


@OPERATIONS
@pytest.mark.parametrize("action", list(Action))
def test_in_shadow_nothing_changes(operation: Operation, action: Action) -> None:
    asked = exchange(operation, logprobs=True, n=9)
    judged = decision(action, enforced=False, retry_after=9.0)

    assert plan(asked, judged, SETTINGS) == Plan()


@OPERATIONS
@pytest.mark.parametrize("action", [Action.ALLOW, Action.OBSERVE])
def test_mild_actions_change_nothing(operation: Operation, action: Action) -> None:
    assert plan(exchange(operation), decision(action), SETTINGS) == Plan()


@OPERATIONS
@pytest.mark.parametrize("action", [Action.CHALLENGE, Action.REFUSE])
def test_a_refusal_is_a_403_with_reason_reference_and_contact(
    operation: Operation, action: Action
) -> None:
    refusal = plan(exchange(operation), decision(action), SETTINGS).refusal

    assert refusal is not None
    assert refusal.status == 403
    code = b"suspected_extraction" if action is Action.REFUSE else b"verification_required"
    for part in (code, b"dg-1", b"help@example.com"):
        assert part in refusal.body
    assert (b"x-should-retry", b"false") in refusal.headers


@OPERATIONS
@pytest.mark.parametrize("action", [Action.THROTTLE, Action.DEGRADE])
def test_a_wait_is_a_429_that_says_when(operation: Operation, action: Action) -> None:
    found = plan(exchange(operation), decision(action, retry_after=7.5), SETTINGS).refusal

    assert found is not None
    assert found.status == 429
    headers = dict(found.headers)
    assert headers[b"retry-after"] == b"8"
    assert headers[b"retry-after-ms"] == b"7500"
    assert headers[b"x-should-retry"] == b"true"
    assert b"dg-1" in found.body


def test_a_used_up_plan_is_told_apart_from_suspicion_and_asks_for_no_retry() -> None:
    judged = Decision("a", Action.THROTTLE, code="budget", enforced=True, retry_after=120.0)

    found = plan(exchange(), judged, SETTINGS).refusal

    assert found is not None
    assert (b"x-should-retry", b"false") in found.headers
    for part in (b'"budget"', b"used up", b"review", b"help@example.com"):
        assert part in found.body


def test_errors_speak_the_callers_dialect() -> None:
    refused = decision(Action.REFUSE)
    openai = plan(exchange(CHAT), refused, SETTINGS).refusal
    anthropic = plan(exchange(MESSAGES), refused, SETTINGS).refusal

    assert openai is not None
    assert anthropic is not None
    assert orjson.loads(openai.body)["error"]["code"] == "suspected_extraction"
    assert orjson.loads(anthropic.body)["type"] == "error"


def test_a_throttled_account_whose_turn_it_is_passes_untouched_and_no_header_tells_of_it() -> None:
    assert plan(exchange(), decision(Action.THROTTLE), SETTINGS) == Plan()


def test_a_degraded_request_is_rewritten_and_says_so() -> None:
    asked = exchange(logprobs=True, max_tokens=10)
    found = plan(asked, decision(Action.DEGRADE), SETTINGS)

    assert found.refusal is None
    assert found.body == b'{"max_tokens":10}'
    assert found.headers() == [(b"x-distillgate", b"degrade; logprobs"), NAMED]


def test_a_degraded_request_with_nothing_to_take_passes_as_it_came() -> None:
    found = plan(exchange(max_tokens=10), decision(Action.DEGRADE), SETTINGS)

    assert found.body is None
    assert found.refusal is None


def test_a_request_that_cannot_be_changed_is_refused() -> None:
    asked = Exchange("a", parse(CHAT, b'{"logprobs":true}'), id="dg-1")
    asked.request.source = b'{"logprobs":true'

    found = plan(asked, decision(Action.DEGRADE), SETTINGS)

    assert found.body is None
    assert found.refusal is not None
    assert found.refusal.status == 403
    assert b"suspected_extraction" in found.refusal.body
    assert plan(asked, decision(Action.DEGRADE, enforced=False), SETTINGS) == Plan()


def test_an_empty_header_name_sends_none() -> None:
    settings = ActionsSettings(header="")

    assert plan(exchange(), decision(Action.THROTTLE), settings).headers() == []
    assert plan(exchange(logprobs=True), decision(Action.DEGRADE), settings).headers() == []


ALL: list[Any] = ["parameters", "determinism", "reasoning", "route", "pace", "mark"]


def test_measures_add_up_and_are_all_named() -> None:
    settings = ActionsSettings(
        bands=[Band(measures=ALL)],
        route=RouteSettings(models={"m-*": "small"}),
        mark=MarkSettings(share=1.0),
    )
    fields = {"model": "m-large", "seed": 3, "stream": True, "instructions": "Be kind."}
    asked = exchange(RESPONSES, input="Why?", max_output_tokens=2000, **fields)

    found = plan(asked, decision(Action.DEGRADE, group_code="g-1"), settings)

    assert found.body is not None
    sent = orjson.loads(found.body)
    assert sent.pop("instructions").startswith("Be kind.\n\nIf your answer is prose")
    rest = {"model": "small", "stream": True, "input": "Why?", "max_output_tokens": 1024}
    assert sent == rest
    said = b"degrade; max_output_tokens, seed, model small, mark"
    assert found.headers() == [(b"x-distillgate", said), NAMED]
    assert found.headers(edited=True) == [(b"x-distillgate", said + b", reasoning"), NAMED]
    assert found.request_headers == [(b"accept-encoding", b"identity")]
    assert found.edit is not None
    assert found.pace == settings.pace
    assert plan(asked, decision(Action.DEGRADE, enforced=False), settings) == Plan()


def test_a_changed_answer_needs_no_changed_request() -> None:
    settings = ActionsSettings(bands=[Band(measures=["reasoning"])])

    found = plan(exchange(), decision(Action.DEGRADE), settings)

    assert found.body is None
    assert found.edit is not None
    assert plan(exchange(), decision(Action.DEGRADE), settings).edit is not found.edit


def test_a_throttled_exchange_that_passes_may_meet_measures_too() -> None:
    settings = ActionsSettings(bands=[Band(action="throttle", measures=["pace"])])

    found = plan(exchange(stream=True), decision(Action.THROTTLE), settings)

    assert found.headers() == [], "nothing is slowed yet"
    assert found.pace is not None


@pytest.mark.parametrize("action", [Action.ALLOW, Action.DEGRADE, Action.REFUSE])
def test_who_is_spared_a_restriction_is_not_spared_the_binding(action: Action) -> None:
    asked = exchange(logprobs=True)
    judged = decision(action, enforced=False, not_enforced="onset")
    replay = Replay("account", "refuse", frozenset({"s"}))

    found = plan_with(asked, judged, SETTINGS, KNOWN, replay).refusal
    assert found is not None
    assert orjson.loads(found.body)["error"]["code"] == "reasoning_replay"

    stripped = plan_with(asked, judged, SETTINGS, KNOWN, replay._replace(answer="strip"))
    assert stripped.refusal is None
    assert stripped.body is not None
    assert orjson.loads(stripped.body)["logprobs"] is True, "no measure beside it"


def test_a_kept_answer_is_changed_as_it_was() -> None:
    settings = ActionsSettings(bands=[Band(measures=["parameters", "reasoning"])])
    asked = exchange(RESPONSES)

    found = stored(asked, decision(Action.DEGRADE), settings)

    assert found.edit is not None
    assert found.body is None
    assert stored(asked, decision(Action.DEGRADE, enforced=False), settings) == Plan()
    assert stored(asked, decision(Action.OBSERVE), settings) == Plan()
    assert stored(asked, decision(Action.DEGRADE), SETTINGS) == Plan()


def test_of_several_bodies_the_one_that_the_measures_hold_for_is_sent() -> None:
    mild, greedy = b'{"max_tokens": 5}', b'{"max_tokens": 90000}'
    asked = Exchange("a", parse(CHAT, mild, b"no json", greedy), id="dg-1")

    assert plan(asked, decision(Action.DEGRADE), SETTINGS).body == mild
    assert plan(asked, decision(Action.ALLOW), SETTINGS) == Plan()
    asked = Exchange("a", parse(CHAT, b"no json", greedy), id="dg-1")
    assert plan(asked, decision(Action.DEGRADE), SETTINGS).body == b'{"max_tokens": 1024}'


@pytest.mark.parametrize("operation", CALLS)
def test_answers_with_text_are_changed_and_requests_are_not(operation: Operation) -> None:
    draft = Draft(from_document(operation, {}))
    reasoning(draft, ReasoningSettings())

    text = operation in (
        CHAT, COMPLETIONS, RESPONSES, MESSAGES
    )  # fmt: skip
    assert (draft.edit is not None) == text
    assert draft.done == [], "nothing is taken yet"
    assert not draft.changed

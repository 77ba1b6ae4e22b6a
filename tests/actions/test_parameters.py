from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.calls import CALLS

from distillgate.actions.dependents import settle
from distillgate.actions.draft import Draft
from distillgate.actions.limits import LimitNames
from distillgate.actions.parameters import ParametersSettings, parameters
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document, parse

SETTINGS = ParametersSettings()
LIMITS = {
    CHAT: "max_tokens",
    COMPLETIONS: "max_tokens",
    RESPONSES: "max_output_tokens",
    MESSAGES: "max_tokens",
}
OPERATIONS = pytest.mark.parametrize("operation", CALLS)
TAKEN = {"logprobs": True, "top_logprobs": 5, "logit_bias": {"5": 1}, "prompt_logprobs": 7}


def degrade(request: Request, settings: ParametersSettings) -> tuple[bytes, list[str]] | None:
    draft = Draft(request)
    parameters(draft, settings, LimitNames())
    settle(draft)
    assert draft.changed == bool(draft.done)
    return (draft.body.text(), draft.done) if draft.changed else None


def degraded(
    operation: Operation, document: dict[str, Any], settings: ParametersSettings = SETTINGS
) -> dict[str, Any] | None:
    found = degrade(from_document(operation, document), settings)
    return None if found is None else orjson.loads(found[0])


@OPERATIONS
def test_what_serves_extraction_is_taken_from_every_call(operation: Operation) -> None:
    found = degraded(operation, {"model": "m", **TAKEN, "echo": True, "best_of": 8, "n": 5})

    assert found is not None
    assert not set(found) & {*TAKEN, "echo", "best_of"}
    assert found["n"] == 1
    assert found["model"] == "m"


@pytest.mark.parametrize(("operation", "limit"), LIMITS.items())
def test_output_is_limited_under_the_calls_own_name(operation: Operation, limit: str) -> None:
    long, unsaid = degraded(operation, {limit: 90_000}), degraded(operation, {})

    assert long == unsaid == {limit: SETTINGS.max_tokens}
    assert degraded(operation, {limit: 100}) is None


def test_the_name_that_a_chat_gives_its_limit_is_kept() -> None:
    newer = {"max_completion_tokens": 5000}
    assert degraded(CHAT, newer) == {"max_completion_tokens": SETTINGS.max_tokens}
    assert degraded(CHAT, {"max_completion_tokens": 5}) is None
    both = {"max_tokens": 5000, "max_completion_tokens": 5000}
    found = degraded(CHAT, both)
    assert found == dict.fromkeys(both, SETTINGS.max_tokens)


def test_a_limit_that_is_laid_over_the_request_is_lowered_too() -> None:
    body = b'{"max_tokens":5,"extra_body":{"max_tokens":90000,"n":7}}'

    found = degrade(parse(CHAT, body), ParametersSettings(max_tokens=70))

    assert found is not None
    assert found[0] == b'{"max_tokens":5,"extra_body":{"max_tokens":70,"n":1}}'


@pytest.mark.parametrize("operation", [EMBEDDINGS, COUNT_TOKENS])
def test_calls_without_output_get_no_limit(operation: Operation) -> None:
    thinking = {"type": "enabled", "budget_tokens": 8000}
    assert degraded(operation, {"model": "m", "input": "text", "thinking": thinking}) is None


@OPERATIONS
def test_tools_and_json_and_everything_else_stay(operation: Operation) -> None:
    kept = {
        "messages": [{"role": "user", "content": "héllo\u2028 😀", "name": "logprobs"}],
        "input": ["a", {"role": "user", "content": [{"type": "text", "text": "b"}]}],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"n": 9}}}],
        "tool_choice": {"type": "auto"},
        "response_format": {"type": "json_schema", "json_schema": {"seed": 1}},
        "text": {"format": {"type": "json_object"}},
        "metadata": {"logit_bias": "mine", "max_tokens": 90_000},
        "temperature": 0.0,
        "stream": True,
        "stop": ["\n"],
        "unknown_field": {"deep": [1, 2.5, None]},
    }

    found = degraded(operation, {**kept, **TAKEN, "max_tokens": 9999})

    assert found is not None
    assert {name: found[name] for name in kept} == kept


@OPERATIONS
def test_what_was_done_is_named(operation: Operation) -> None:
    found = degrade(from_document(operation, {"logprobs": True, "n": 3}), SETTINGS)

    assert found is not None
    measured = operation.measured
    nested = [path[-1] for path in measured.fields.limits[:1]]
    limit = [LIMITS[operation]] if operation in LIMITS else [*measured.limits, *nested]
    assert found[1] == ["logprobs", "n", *limit]


def test_a_request_that_asks_for_nothing_special_is_left_as_it_came() -> None:
    assert degraded(CHAT, {"max_tokens": 50, "n": 1, "temperature": 1}) is None


def test_the_request_itself_is_not_changed() -> None:
    document = {"logprobs": True, "max_tokens": 9999, "n": 4}
    request = from_document(CHAT, dict(document))
    degrade(request, SETTINGS)

    assert request.document == document


@pytest.mark.parametrize(
    "body",
    [
        b'{"logprobs":true,"x":"\\ud800"}',
        b'{"logprobs":true,"x":NaN,"y":123456789012345678901234567890}',
        b'{"logprobs":true,"x":' + b"[" * 300 + b"]" * 300 + b"}",
        b'{"logprobs":true,"messages":"none","max_tokens":"many","n":"2"}',
    ],
)
def test_odd_bodies_do_not_escape(body: bytes) -> None:
    found = degrade(parse(CHAT, body), SETTINGS)

    assert found is not None
    assert b"logprobs" not in found[0]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@OPERATIONS
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    document=st.dictionaries(
        st.sampled_from([*TAKEN, "n", "max_tokens", "max_output_tokens", "x"]), JSON, max_size=6
    )
)
def test_any_document_can_be_degraded_and_once_is_enough(
    operation: Operation, document: dict[str, Any]
) -> None:
    found = degrade(from_document(operation, document), SETTINGS)
    if found is None:
        return

    assert degrade(parse(operation, found[0]), SETTINGS) is None


@pytest.mark.parametrize("budget", [1024, 8000, "8000"])
def test_anthropics_thinking_still_fits_its_limit(budget: Any) -> None:
    thinking = {"type": "enabled", "budget_tokens": budget}
    found = degrade(from_document(MESSAGES, {"max_tokens": 20_000, "thinking": thinking}), SETTINGS)

    assert found is not None
    document = orjson.loads(found[0])
    assert document == {"max_tokens": SETTINGS.max_tokens, "thinking": {"type": "disabled"}}
    assert found[1] == ["max_tokens", "thinking"]


def test_thinking_that_fits_stays() -> None:
    settings = ParametersSettings(max_tokens=4096)
    thinking = {"type": "enabled", "budget_tokens": 2000}
    request = from_document(MESSAGES, {"max_tokens": 20_000, "thinking": thinking})

    found = degrade(request, settings)

    assert found is not None
    assert orjson.loads(found[0]) == {"max_tokens": 4096, "thinking": thinking}


@pytest.mark.parametrize("thinking", [None, True, "enabled", {}, {"budget_tokens": []}, [9000]])
def test_odd_thinking_is_left_to_the_upstream(thinking: Any) -> None:
    assert degraded(MESSAGES, {"max_tokens": 5, "thinking": thinking}) is None


def test_what_responses_includes_is_taken_as_well() -> None:
    asked = ["message.output_text.logprobs", "reasoning.encrypted_content"]
    found = degraded(RESPONSES, {"include": asked})

    assert found is not None
    assert found["include"] == ["reasoning.encrypted_content"]


def nested(depth: int) -> Request:
    body = b'{"logprobs":true,"x":' + b"[" * depth + b"]" * depth + b"}"
    return parse(CHAT, body)


@pytest.mark.parametrize("depth", [250, 900])
def test_depth_does_not_escape(depth: int) -> None:
    found = degrade(nested(depth), SETTINGS)

    assert found is not None
    assert b"logprobs" not in found[0]


def test_what_can_be_read_can_be_written() -> None:
    found = degrade(nested(1020), SETTINGS)

    assert found is not None
    assert b"[" * 1020 + b"]" * 1020 in found[0]


STRUCTURED: list[tuple[Operation, dict[str, Any]]] = [
    (CHAT, {"response_format": {"type": "json_object"}}),
    (CHAT, {"tools": [{"type": "function", "function": {"name": "f"}}]}),
    (RESPONSES, {"text": {"format": {"type": "json_schema"}}}),
    (MESSAGES, {"tools": [{"name": "f", "input_schema": {}}]}),
    (MESSAGES, {"output_config": {"format": {"type": "json_schema"}}}),
]


@pytest.mark.parametrize(("operation", "asked"), STRUCTURED)
def test_json_and_tool_calls_have_room_to_be_complete(
    operation: Operation, asked: dict[str, Any]
) -> None:
    limit = LIMITS[operation]

    assert degraded(operation, {**asked, limit: 5000}) is None
    assert degraded(operation, {**asked, limit: 50_000}) == {**asked, limit: 8192}


EFFORTS: list[tuple[Operation, dict[str, Any], dict[str, Any]]] = [
    (CHAT, {"reasoning_effort": "high"}, {"reasoning_effort": "medium"}),
    (
        CHAT,
        {"reasoning": {"effort": "xhigh", "exclude": False}},
        {"reasoning": {"effort": "medium", "exclude": False}},
    ),
    (
        RESPONSES,
        {"reasoning": {"effort": "high", "summary": "auto"}},
        {"reasoning": {"effort": "medium", "summary": "auto"}},
    ),
    (
        MESSAGES,
        {"output_config": {"effort": "max", "x": 1}},
        {"output_config": {"effort": "medium", "x": 1}},
    ),
]


@pytest.mark.parametrize(("operation", "asked", "left"), EFFORTS)
def test_effort_is_capped_where_each_api_keeps_it(
    operation: Operation, asked: dict[str, Any], left: dict[str, Any]
) -> None:
    limit = {LIMITS[operation]: 9}

    assert degraded(operation, asked | limit) == left | limit
    assert degraded(operation, asked | limit, ParametersSettings(max_effort=None)) is None
    assert degraded(operation, left | limit) is None


@pytest.mark.parametrize("effort", ["none", "low", "medium", "novel", 7, None, ["high"]])
def test_little_and_unknown_effort_is_left(effort: Any) -> None:
    assert degraded(CHAT, {"reasoning_effort": effort, "max_tokens": 9}) is None
    assert degraded(CHAT, {"reasoning": effort, "max_tokens": 9}) is None


ASKED = {"role": "user", "content": "What is a river?"}


@pytest.mark.parametrize("operation", [CHAT, MESSAGES])
@pytest.mark.parametrize("text", ["<think>\nStep", "  <Reasoning_trace>", "Ok. <scratchpad>"])
def test_a_begun_answer_that_opens_a_reasoning_tag_is_dropped(
    operation: Operation, text: str
) -> None:
    begun: list[Any] = [text, [{"type": "text", "text": text}]]
    for content in begun:
        turns = [ASKED, {"role": "assistant", "content": content}]
        asked = {"messages": turns, "max_tokens": 9, "continue_final_message": True}

        found = degrade(from_document(operation, asked), SETTINGS)

        assert found is not None
        assert orjson.loads(found[0]) == {"messages": [ASKED], "max_tokens": 9}
        assert found[1] == ["prefill"]


@pytest.mark.parametrize("operation", [CHAT, MESSAGES])
def test_a_begun_json_answer_is_only_dropped_on_demand(operation: Operation) -> None:
    asked = {"messages": [ASKED, {"role": "assistant", "content": "{"}], "max_tokens": 9}

    assert degraded(operation, asked) is None
    anything = degraded(operation, asked, ParametersSettings(prefill="any"))
    assert anything == {"messages": [ASKED], "max_tokens": 9}


@pytest.mark.parametrize(
    "last",
    [
        ASKED,
        {"role": "assistant", "content": "<think>", "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "<think>"},
        "<think>",
    ],
)
def test_what_is_no_begun_answer_stays(last: Any) -> None:
    asked = {"messages": [ASKED, last], "max_tokens": 9}

    assert degraded(CHAT, asked, ParametersSettings(prefill="any")) is None
    kept = {"messages": [ASKED, {"role": "assistant", "content": "<think>"}], "max_tokens": 9}
    assert degraded(CHAT, kept, ParametersSettings(prefill="keep")) is None

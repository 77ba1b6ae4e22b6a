from typing import Any

import orjson
import pytest

from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.wire.operation import Operation
from distillgate.wire.request import Message, from_document, parse

BODY: dict[str, Any] = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 1024,
    "system": [
        {"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "Be kind."},
    ],
    "messages": [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Ask the tool.", "signature": "AAAA"},
                {"type": "text", "text": "Let me look."},
                {"type": "tool_use", "id": "t", "name": "weather", "input": {"city": "Bern"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t", "content": "rain"},
                {
                    "type": "tool_result",
                    "tool_use_id": "u",
                    "content": [{"type": "text", "text": "wind"}],
                },
                {"type": "text", "text": "Well?"},
            ],
        },
    ],
    "metadata": {"user_id": "u-1"},
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "tools": [{"name": "weather", "input_schema": {"type": "object"}}],
    "temperature": 1,
    "stream": True,
}


@pytest.mark.parametrize("operation", [MESSAGES, COUNT_TOKENS])
def test_a_messages_request_is_read_whole(operation: Operation) -> None:
    request = parse(operation, orjson.dumps(BODY))

    assert request.messages == [
        Message("system", "Be brief.\nBe kind."),
        Message("user", "Weather?"),
        Message(
            "assistant",
            'Ask the tool.\nLet me look.\nweather({"city":"Bern"})',
            visible="Let me look.",
        ),
        Message("tool", "rain\nwind"),
        Message("user", "Well?"),
    ]
    assert request.turns == 3
    assert request.newest == "Well?"
    assert request.end_user == "u-1"
    assert request.tools == BODY["tools"]


def test_messages_parameters_are_read() -> None:
    p = from_document(MESSAGES, BODY).parameters

    assert (p.max_tokens, p.temperature, p.stream, p.tools) == (1024, 1.0, True, 1)
    assert p.effort == "budget"


def test_a_turn_of_tool_results_alone_is_the_tools() -> None:
    request = from_document(MESSAGES, {**BODY, "messages": BODY["messages"][:2]})
    results = {"role": "user", "content": [{"type": "tool_result", "content": "rain"}]}
    document = {**BODY, "messages": [*BODY["messages"][:2], results]}

    assert from_document(MESSAGES, document).newest == request.newest == "Weather?"


@pytest.mark.parametrize(
    ("fields", "effort"),
    [
        ({"thinking": {"type": "adaptive"}}, "adaptive"),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, "max"),
        ({"thinking": {"type": "disabled"}}, None),
        ({"thinking": "yes", "output_config": []}, None),
    ],
)
def test_effort_is_read_wherever_it_is_said(fields: dict[str, Any], effort: str | None) -> None:
    request = from_document(MESSAGES, {"messages": [], **fields})

    assert request.parameters.effort == effort


def test_structured_output_is_json_output() -> None:
    document = {"output_config": {"format": {"type": "json_schema", "schema": {}}}, "system": "x"}
    request = from_document(MESSAGES, document)

    assert request.parameters.json_output
    assert request.instructions == "x"

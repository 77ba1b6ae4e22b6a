from typing import Any

import orjson

from distillgate.dialects.responses import RESPONSES
from distillgate.wire.request import Message, from_document, parse

BODY: dict[str, Any] = {
    "model": "gpt-5",
    "instructions": "Be brief.",
    "input": [
        {"role": "developer", "content": "Mind the gap."},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": "data:"},
            ],
        },
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "Looking."}],
            "encrypted_content": "AAAA",
        },
        {"type": "function_call", "call_id": "c", "name": "look", "arguments": '{"at":1}'},
        {"type": "function_call_output", "call_id": "c", "output": "a cat"},
        {
            "type": "function_call_output",
            "call_id": "d",
            "output": [{"type": "input_text", "text": "a dog"}],
        },
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "A cat.", "annotations": []}],
        },
        {"type": "item_reference", "id": "x"},
        {"role": "user", "content": "And now?"},
    ],
    "tools": [{"type": "function", "name": "look"}, {"type": "web_search"}],
    "max_output_tokens": 500,
    "text": {"format": {"type": "json_schema", "name": "x", "schema": {}}},
    "reasoning": {"effort": "medium", "summary": "auto"},
    "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
    "top_logprobs": 3,
    "safety_identifier": "u-1",
    "stream": True,
}


def test_a_responses_request_is_read_whole() -> None:
    request = parse(RESPONSES, orjson.dumps(BODY))

    assert request.messages == [
        Message("system", "Be brief."),
        Message("system", "Mind the gap."),
        Message("user", "Look"),
        Message("assistant", "Looking."),
        Message("assistant", 'look({"at":1})'),
        Message("tool", "a cat"),
        Message("tool", "a dog"),
        Message("assistant", "A cat."),
        Message("user", "And now?"),
    ]
    assert request.turns == 9
    assert request.newest == "And now?"
    assert request.end_user == "u-1"
    assert request.tools == BODY["tools"]


def test_responses_parameters_are_read() -> None:
    p = from_document(RESPONSES, BODY).parameters

    assert (p.max_tokens, p.effort, p.json_output, p.stream) == (500, "medium", True, True)
    assert (p.logprobs, p.top_logprobs, p.tools) == (True, 3, 2)


def test_plain_input_is_the_users_turn() -> None:
    request = from_document(RESPONSES, {"input": "hi", "text": {"format": "odd"}})

    assert request.messages == [Message("user", "hi")]
    assert request.turns == 1
    assert not request.parameters.json_output


def test_a_stored_prompts_variables_are_the_users_text() -> None:
    variables = {"name": "Ann", "story": {"type": "input_text", "text": "Once"}}
    request = from_document(
        RESPONSES, {"prompt": {"id": "p", "variables": variables}, "instructions": "x"}
    )

    assert request.messages == [Message("system", "x"), Message("user", "Ann\nOnce")]

from typing import Any

import orjson
import pytest

from distillgate.dialects.chat import CHAT
from distillgate.wire.answer import Answer
from distillgate.wire.content import MESSAGE_LIMIT
from distillgate.wire.request import Message, Request, from_document, parse

BODY: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "developer", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                {"type": "text", "text": "Say."},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "reasoning_content": "A picture, so look it up.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "look", "arguments": '{"at": "it"}'},
                },
                {"id": "call_2", "type": "custom", "custom": {"name": "run", "input": "ls"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "a cat"},
        {"role": "user", "name": "ann", "content": "Sure?"},
    ],
    "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}],
    "functions": [{"name": "old"}],
    "max_tokens": 100,
    "max_completion_tokens": 300,
    "temperature": 0.7,
    "top_p": 0.9,
    "n": 2,
    "seed": 7,
    "logprobs": True,
    "top_logprobs": 5,
    "logit_bias": {"50256": -100, "11": 1},
    "reasoning_effort": "high",
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}},
    "stream": True,
    "user": "u-1",
    "x_unknown": {"kept": True},
}


def read(**fields: Any) -> Request:
    return from_document(CHAT, {"model": "m", **fields})


def test_a_chat_request_is_read_whole() -> None:
    request = parse(CHAT, orjson.dumps(BODY))

    assert request.model == "gpt-4o-mini"
    assert request.messages == [
        Message("system", "Be brief."),
        Message("user", "What is this?\nSay."),
        Message("assistant", 'A picture, so look it up.\nlook({"at": "it"})\nrun(ls)', visible=""),
        Message("tool", "a cat"),
        Message("user", "Sure?"),
    ]
    assert request.turns == 5
    assert request.newest == "Sure?"
    assert request.instructions == "Be brief."
    assert request.end_user == "u-1"
    assert request.tools == [*BODY["tools"], *BODY["functions"]]
    assert request.document == BODY


def test_chat_parameters_are_read() -> None:
    p = from_document(CHAT, BODY).parameters

    assert (p.max_tokens, p.temperature, p.top_p, p.n, p.seed) == (300, 0.7, 0.9, 2, 7)
    assert (p.logprobs, p.top_logprobs, p.logit_bias) == (True, 5, ("50256", "11"))
    assert (p.effort, p.json_output, p.stream, p.tools) == ("high", True, True, 2)


def test_parameters_not_given_are_not_made_up() -> None:
    p = read(messages=[]).parameters

    assert (p.max_tokens, p.temperature, p.n, p.effort) == (None, None, None, None)
    assert (p.logprobs, p.json_output, p.stream, p.tools, p.logit_bias) == (False,) * 3 + (0, ())


@pytest.mark.parametrize(
    "field",
    ["messages", "tools", "temperature", "max_tokens", "logit_bias", "logprobs", "user", "stream"],
)
@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [[]], [None], {"a": []}, True, 1.5])
def test_a_field_of_the_wrong_type_never_hides_the_others(field: str, value: Any) -> None:
    request = from_document(CHAT, {**BODY, field: value})

    assert request.model == "gpt-4o-mini"
    assert request.parameters.seed == 7


def test_turns_in_odd_shapes_are_read_or_left_out() -> None:
    request = read(messages=["hi", 5, None, {}, {"role": 3, "content": "x"}, {"role": "critic"}])

    assert request.messages == [
        Message("user", "hi"),
        Message("user", ""),
        Message("user", "x"),
        Message("user", ""),
    ]
    assert request.turns == 6


def test_the_older_function_messages_are_tool_turns() -> None:
    request = read(
        messages=[
            {
                "role": "assistant",
                "content": None,
                "function_call": {"name": "f", "arguments": "1"},
            },
            {"role": "function", "name": "f", "content": "2"},
        ]
    )

    assert request.messages == [
        Message("assistant", "f(1)", visible=""),
        Message("tool", "2"),
    ]


def test_parameters_are_taken_as_lax_upstreams_take_them() -> None:
    p = read(n="4", logprobs="true", top_logprobs=20.0, logit_bias=[[15, -1], [16, 1], "x"])

    assert (p.parameters.n, p.parameters.logprobs, p.parameters.top_logprobs) == (4, True, 20)
    assert p.parameters.logit_bias == ("15", "16")


def test_prompt_logprobs_are_logprobs() -> None:
    assert read(prompt_logprobs=0).parameters.logprobs


def test_openrouters_effort_is_read() -> None:
    assert read(reasoning={"effort": "low"}).parameters.effort == "low"


def test_the_newer_name_of_the_end_user_is_preferred() -> None:
    assert read(user="a", safety_identifier="b").end_user == "b"


def test_each_conversation_of_a_batch_is_read() -> None:
    request = read(
        messages=[[{"role": "user", "content": "a"}], [{"content": "b"}, {"content": "c"}]]
    )

    assert [message.text for message in request.messages] == ["a", "b", "c"]
    assert request.turns == 2


def test_conversations_are_read_within_one_bound_on_turns_and_the_rest_stays_unread() -> None:
    talks = [
        [{"role": "user", "content": f"{talk} {turn}"} for turn in range(500)] for talk in range(4)
    ]
    request = read(messages=talks)

    assert len(request.messages) == MESSAGE_LIMIT
    assert request.messages[-1].text == "3 499"
    assert id(talks[0][0]) not in request.read


@pytest.mark.parametrize(
    "told",
    [
        {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 7}}]},  # Moonshot
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 7}}},
        {"choices": [], "usage": {"prompt_tokens": 7}},
    ],
)
def test_usage_is_read_wherever_a_stream_tells_it(told: dict[str, Any]) -> None:
    answer = Answer()
    CHAT.answers.event(answer, told)

    assert answer.usage.prompt(*CHAT.answers.usage) == 7

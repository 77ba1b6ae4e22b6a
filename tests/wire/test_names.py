import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.dialects import chat, completions, messages, responses
from distillgate.dialects.registry import OPERATIONS
from distillgate.wire.names import COMMON, fold, folded
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document, parse

SPOKEN = [{"type": "text", "text": "part"}, {"type": "x", "content": [{"text": "deep"}]}]
CALLED = [{"function": {"name": "f", "arguments": "{}"}}]
SCHEMA: dict[str, Any] = {"properties": {"Name": {}, "name": {}}}
ANSWERED = [{"type": "tool_result", "content": "result"}, {"type": "text", "text": "part"}]
USED = [{"type": "thinking", "thinking": "why"}, {"type": "tool_use", "input": {"Text": "x"}}]
PAGE = [{"type": "document", "source": {"type": "text", "data": "page"}}]
CHAT = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "rules"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "part"},
                {"type": "x", "content": [{"text": "deep"}]},
            ],
        },
        {
            "role": "assistant",
            "reasoning_content": "why",
            "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}],
        },
    ],
    "max_tokens": 5,
    "temperature": 0.5,
    "n": 2,
    "user": "u",
    "logit_bias": {"A": 1},
    "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
    "reasoning": {"effort": "high"},
    "response_format": {"type": "json_object"},
}
MESSAGES = {
    "model": "m",
    "system": [{"type": "text", "text": "rules"}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "content": "result"},
                {"type": "text", "text": "part"},
            ],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "why"},
                {"type": "tool_use", "name": "f", "input": {"Text": "x", "text": "y"}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "document", "source": {"type": "text", "data": "page"}}],
        },
    ],
    "max_tokens": 5,
    "thinking": {"type": "enabled", "budget_tokens": 3},
    "metadata": {"user_id": "u", "User": "v"},
}
RESPONSES = {
    "model": "m",
    "instructions": "rules",
    "max_output_tokens": 5,
    "user": "u",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "part"}]},
        {"type": "function_call_output", "output": "result"},
    ],
    "text": {"format": {"type": "json_object"}},
    "reasoning": {"effort": "low"},
}
COMPLETIONS = {
    "model": "m",
    "prompt": ["a", "b"],
    "max_tokens": 5,
    "echo": True,
    "best_of": 3,
    "logprobs": 2,
}
CALLS = [
    (chat.CHAT, CHAT),
    (messages.MESSAGES, MESSAGES),
    (responses.RESPONSES, RESPONSES),
    (completions.COMPLETIONS, COMPLETIONS),
]
SPELLINGS: list[Callable[[str], str]] = [
    str.upper,
    str.title,
    lambda name: name.replace("s", "\u017f"),
    lambda name: name.replace("k", "\u212a"),
    lambda name: name[:-1] + name[-1].upper(),
]
DATA = ("parameters", "logit_bias", "metadata")


def respelled(value: Any, spell: Callable[[str], str], key: str = "") -> Any:
    if isinstance(value, list):
        return [respelled(item, spell) for item in value]
    if isinstance(value, dict) and key not in DATA and key != "input":
        return {spell(name): respelled(item, spell, name) for name, item in value.items()}
    return value


def said(request: Request) -> list[Any]:
    return [request.model, request.messages, request.parameters, request.end_user, request.turns]


@pytest.mark.parametrize(("operation", "document"), CALLS)
@pytest.mark.parametrize("spell", SPELLINGS)
def test_a_request_is_read_in_any_case(
    operation: Operation, document: dict[str, Any], spell: Callable[[str], str]
) -> None:
    plain = from_document(operation, document)
    request = parse(operation, json.dumps(respelled(document, spell)).encode())

    assert said(request) == said(plain)
    assert (plain.ambiguous, request.ambiguous) == (False, True)
    assert plain.document is document


@pytest.mark.parametrize("spell", [str.upper, lambda name: name.replace("s", "\u017f")])
def test_a_decoy_hides_nothing_at_any_level(spell: Callable[[str], str]) -> None:
    for decoy in (
        {
            "messages": [{"role": "user", "content": "decoy"}],
            spell("messages"): [{"content": "real"}],
        },
        {
            spell("messages"): [{"content": "real"}],
            "messages": [{"role": "user", "content": "decoy"}],
        },
        {"messages": [{"content": "decoy", "CONTENT": "real"}]},
        {"messages": [{"content": [{"type": "text", "text": "decoy", "TEXT": "real"}]}]},
    ):
        request = from_document(chat.CHAT, decoy)
        text = "\n".join(message.text for message in request.messages)

        assert request.ambiguous
        assert "decoy" in text
        assert "real" in text


@pytest.mark.parametrize("limit", [b'"max_tokens":9', b'"MAX_TOKENS":9', b'"max_tokens":null'])
def test_of_two_limits_the_graver_is_judged(limit: bytes) -> None:
    request = parse(chat.CHAT, b'{"max_tokens":1,"messages":[],' + limit + b"}")

    assert request.ambiguous
    assert request.parameters.max_tokens == (9 if b"9" in limit else None)


def test_a_clients_own_words_are_no_names() -> None:
    document = {"tools": [{"function": {"parameters": {"Messages": 1, "messages": 2}}}]}

    assert folded(document, COMMON) is None
    assert (
        folded(
            {"metadata": {"User": "x"}, "messages": [{"content": [{"input": {"Text": ""}}]}]},
            COMMON,
        )
        is None
    )


def test_a_document_that_was_given_is_not_changed() -> None:
    document = {"MESSAGES": [{"Content": "x"}]}

    assert folded(document, COMMON) == {"messages": [{"content": "x"}]}
    assert document == {"MESSAGES": [{"Content": "x"}]}


def test_each_name_has_a_fold_of_its_own() -> None:
    for call in OPERATIONS:
        assert len({fold(name) for name in call.names.all}) == len(call.names.all)


@given(st.sampled_from(sorted(COMMON.all)), st.data())
def test_a_name_folds_as_go_folds_it(name: str, data: st.DataObject) -> None:
    twins = {"s": "sS\u017f", "k": "kK\u212a"}
    spelt = "".join(
        data.draw(st.sampled_from(twins.get(c.lower(), c.lower() + c.upper()))) for c in name
    )

    assert fold(spelt) == fold(name)

from typing import Any

import orjson
import pytest

from distillgate.dialects.conversations import ANSWERED, ASSISTANTS, CONVERSATIONS, THREADS
from distillgate.dialects.responses import CONVERSATION
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import Request, from_document
from distillgate.wire.response import Tap


def turns(request: Request) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in request.messages]


def answered(kind: str, *pieces: bytes) -> Outcome:
    tap = Tap(ANSWERED, status=200, content_type=kind)
    for piece in pieces:
        tap.feed(piece)
    return tap.close()


def test_whose_conversation_it_is_the_body_tells() -> None:
    assert from_document(CONVERSATIONS, {"inputs": "Why?"}).operation is ANSWERED
    assert from_document(CONVERSATIONS, {"items": []}).operation is CONVERSATION
    assert from_document(CONVERSATIONS, {"metadata": {}}).operation is CONVERSATION


def test_what_is_asked_in_mistrals_conversation_is_read() -> None:
    entries = [
        {"type": "message.input", "role": "user", "content": "Why?"},
        {"type": "message.output", "role": "assistant", "content": [{"type": "text", "text": "A"}]},
        {"type": "function.call", "name": "f", "arguments": "{}", "tool_call_id": "1"},
        {"type": "function.result", "tool_call_id": "1", "result": "So."},
        "And?",
    ]
    request = from_document(
        CONVERSATIONS,
        {
            "model": "m",
            "instructions": "Be brief.",
            "inputs": entries,
            "stream": True,
            "completion_args": {"max_tokens": 9, "random_seed": 3, "temperature": 0.5},
        },
    )

    assert turns(request) == [
        ("system", "Be brief."),
        ("user", "Why?"),
        ("assistant", "A"),
        ("assistant", "f({})"),
        ("tool", "So."),
        ("user", "And?"),
    ]
    given = request.parameters
    assert (given.max_tokens, given.seed, given.temperature, given.stream) == (9, 3, 0.5, True)
    assert turns(from_document(ANSWERED, {"inputs": "Why?"})) == [("user", "Why?")]


USAGE = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
CALL = {"type": "function.call", "name": "f", "arguments": '{"a":1}'}


def test_a_whole_answer_is_read() -> None:
    outputs = [{"type": "message.output", "model": "m", "content": "So."}, CALL]
    document = {"conversation_id": "c", "outputs": outputs, "usage": USAGE}

    outcome = answered("application/json", orjson.dumps(document))

    assert (outcome.text, outcome.answer_chars, outcome.model) == ("So.", 10, "m")
    assert (outcome.prompt_tokens, outcome.completion_tokens) == (7, 5)


def test_a_stream_is_read() -> None:
    events = [
        {"type": "conversation.response.started", "conversation_id": "c"},
        {"type": "message.output.delta", "content": "So"},
        {"type": "message.output.delta", "content": {"type": "text", "text": "."}},
        {**CALL, "type": "function.call.delta"},
        {"type": "conversation.response.done", "usage": USAGE},
    ]

    outcome = answered("text/event-stream", *(b"data: %b\n\n" % orjson.dumps(e) for e in events))

    assert (outcome.text, outcome.answer_chars, outcome.answer_deltas) == ("So.", 10, 3)
    assert (outcome.prompt_tokens, outcome.completion_tokens) == (7, 5)


@pytest.mark.parametrize(
    ("operation", "document", "read"),
    [
        (THREADS, {"role": "user", "content": "Why?"}, [("user", "Why?")]),
        (THREADS, {"messages": [{"role": "user", "content": "Why?"}]}, [("user", "Why?")]),
        (
            THREADS,
            {
                "assistant_id": "a",
                "instructions": "Be brief.",
                "additional_instructions": "Be kind.",
                "additional_messages": [{"role": "user", "content": "Why?"}],
                "thread": {"messages": [{"role": "user", "content": "So?"}]},
            },
            [("system", "Be brief."), ("system", "Be kind."), ("user", "Why?"), ("user", "So?")],
        ),
        (ASSISTANTS, {"instructions": "Be brief."}, [("system", "Be brief.")]),
    ],
)
def test_what_is_kept_to_be_asked_by_its_name_is_read(
    operation: Operation, document: dict[str, Any], read: list[tuple[str, str]]
) -> None:
    assert turns(from_document(operation, document)) == read

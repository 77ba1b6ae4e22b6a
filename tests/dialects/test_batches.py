from typing import Any

import orjson
import pytest

from distillgate.dialects.batches import BATCH_JOBS, GEMINI_BATCHES, MESSAGE_BATCHES
from distillgate.dialects.gemini import GEMINI
from distillgate.dialects.messages import MESSAGES
from distillgate.fingerprint.payloads import unread
from distillgate.wire.content import MESSAGE_LIMIT
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document
from distillgate.wire.response import Tap

ASKED = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Why?"}]}
CONTENTS = {"contents": [{"role": "user", "parts": [{"text": "Why?"}]}]}


@pytest.mark.parametrize(
    ("operation", "document"),
    [
        (MESSAGE_BATCHES, {"requests": [{"custom_id": "1", "params": ASKED}] * 2}),
        (
            GEMINI_BATCHES,
            {"batch": {"input_config": {"requests": {"requests": [{"request": CONTENTS}] * 2}}}},
        ),
        (
            GEMINI_BATCHES,
            {"batch": {"inputConfig": {"requests": {"requests": [{"request": CONTENTS}] * 2}}}},
        ),
        (BATCH_JOBS, {"endpoint": "/v1/x", "requests": [{"custom_id": "1", "body": ASKED}] * 2}),
    ],
)
def test_each_request_of_a_batch_is_read(operation: Operation, document: dict[str, Any]) -> None:
    request = from_document(operation, document)

    assert [(turn.role, turn.text) for turn in request.messages] == [("user", "Why?")] * 2
    assert (request.prompts, request.turns) == (2, 2)


@pytest.mark.parametrize(
    "requests", [None, 5, [], [None, {}, {"params": {}}, {"params": 3}], {"requests": 3}]
)
def test_what_is_no_batch_has_nothing_to_read(requests: Any) -> None:
    assert from_document(MESSAGE_BATCHES, {"requests": requests}).messages == []


def test_of_a_long_batch_the_number_is_known() -> None:
    requests = [{"params": ASKED}] * (MESSAGE_LIMIT + 5)

    request = from_document(MESSAGE_BATCHES, {"requests": requests})

    assert (request.prompts, len(request.messages)) == (MESSAGE_LIMIT + 5, MESSAGE_LIMIT)


def test_of_a_batch_of_long_conversations_so_many_turns_are_read_as_of_one() -> None:
    turns = [{"role": "user", "content": f"turn {n}"} for n in range(100)]
    requests = [{"params": {"messages": [{"role": "user", "content": f"first {k}"}, *turns]}}
                for k in range(20)]  # fmt: skip

    request = from_document(MESSAGE_BATCHES, {"requests": requests})

    assert (len(request.messages), request.turns) == (10 * 101, 20 * 101)
    assert request.messages[0].text == "first 10"
    assert "first 9" in unread(request)[0]


def test_a_batch_has_its_apis_errors_and_no_output() -> None:
    assert MESSAGE_BATCHES.errors is MESSAGES.errors
    assert GEMINI_BATCHES.errors is GEMINI.errors
    tap = Tap(MESSAGE_BATCHES, status=200, content_type="application/json")
    tap.feed(orjson.dumps({"id": "b", "processing_status": "in_progress"}))
    assert not tap.close().missed

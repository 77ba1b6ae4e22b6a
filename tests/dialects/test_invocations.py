from typing import Any

import pytest

from distillgate.dialects import messages, native
from distillgate.dialects.invocations import INVOCATIONS, INVOKE, PREDICT, called
from distillgate.errors import WireError
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Problem
from distillgate.wire.request import from_document


def test_the_call_is_that_of_the_first_key_that_is_given() -> None:
    assert called({"anthropic_version": "x", "messages": []}) is messages.MESSAGES
    assert called({"messages": None, "text": "x"}) is native.NATIVE


@pytest.mark.parametrize(
    "body",
    [
        {"message": "hi", "chat_history": []},
        {"inputText": "hi", "textGenerationConfig": {}},
        {"texts": ["hi"], "input_type": "search_query"},
        {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": {"text": {"value": "hi"}}},
    ],
)
def test_a_body_in_a_form_of_the_models_own_is_read_by_what_stands_in_it(
    body: dict[str, Any],
) -> None:
    assert called(body) is native.NATIVE
    assert native.read_request(body).messages


def test_a_body_of_no_call_is_an_error() -> None:
    with pytest.raises(WireError, match="expected"):
        called({})


@pytest.mark.parametrize(("operation", "kind"), [(INVOKE, "__type"), (PREDICT, "error")])
def test_a_refusal_has_the_shape_of_the_path_whatever_the_body_is_of(
    operation: Operation, kind: str
) -> None:
    for body in ({"prompt": "hi"}, {"anthropic_version": "x", "messages": []}):
        request = from_document(operation, body)

        assert request.errors is operation.errors
        assert kind in request.errors.document(Problem(429, "budget", "Slow down."), "r-1")


def test_on_a_path_of_every_call_a_refusal_has_the_shape_of_the_body() -> None:
    request = from_document(INVOCATIONS, {"anthropic_version": "x", "messages": []})

    assert request.errors is messages.MESSAGES.errors

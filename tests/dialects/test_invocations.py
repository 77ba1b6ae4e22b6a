from typing import Any

import pytest

from distillgate.dialects import messages, native
from distillgate.dialects.invocations import called
from distillgate.errors import WireError


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

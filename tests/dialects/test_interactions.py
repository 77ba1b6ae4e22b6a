from typing import Any

import pytest

from distillgate.dialects.interactions import INTERACTIONS
from distillgate.wire.request import from_document


@pytest.mark.parametrize(
    "given",
    [
        "hi",
        {"type": "text", "text": "hi"},
        [{"type": "text", "text": "hi"}],
        [{"role": "user", "content": "hi"}],
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        [{"type": "user_input", "content": [{"type": "text", "text": "hi"}]}],
    ],
)
def test_an_input_has_many_forms(given: Any) -> None:
    request = from_document(INTERACTIONS, {"model": "m", "input": given})

    assert (request.newest, request.model, request.turns) == ("hi", "m", 1)


def test_turns_have_their_roles() -> None:
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": "a"}]},
        {"role": "model", "content": "b"},
        {"type": "model_output", "content": [{"type": "text", "text": "c"}]},
        {"type": "function_result", "result": "d"},
    ]
    request = from_document(
        INTERACTIONS,
        {"input": steps, "system_instruction": "s", "generation_config": {"max_output_tokens": 5}},
    )

    assert [(m.role, m.text) for m in request.messages] == [
        ("system", "s"),
        ("user", "a"),
        ("assistant", "b"),
        ("assistant", "c"),
        ("tool", "d"),
    ]
    assert request.parameters.max_tokens == 5

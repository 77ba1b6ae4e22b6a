"""What the embedded upstream says is a pure function of what it was asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate_lab.upstream.answers import answer, instance, pieces, vector


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(pieces(text)) == text


@given(st.text())
def test_an_answer_is_a_few_dozen_words_and_always_the_same(prompt: str) -> None:
    assert answer(prompt) == answer(prompt)
    assert 24 <= len(pieces(answer(prompt))) <= 63


def test_different_prompts_get_different_answers() -> None:
    assert len({answer(str(number)) for number in range(200)}) == 200


def test_a_vector_has_its_length_and_stays_within_one() -> None:
    numbers = vector("text", 64)
    assert len(numbers) == 64
    assert all(-1 <= number <= 1 for number in numbers)
    assert len(set(numbers)) > 32


@pytest.mark.parametrize(
    ("schema", "valid"),
    [
        ({"type": "string"}, lambda v: isinstance(v, str)),
        ({"type": "integer", "minimum": 3}, lambda v: v == 3),
        ({"type": "number"}, lambda v: isinstance(v, float)),
        ({"type": "boolean"}, lambda v: isinstance(v, bool)),
        ({"type": ["null", "string"]}, lambda v: v is None),
        ({"enum": ["a", "b"]}, lambda v: v in ("a", "b")),
        ({"const": 7}, lambda v: v == 7),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, lambda v: v == 1),
        ({"type": "array", "items": {"const": 1}, "minItems": 2}, lambda v: v == [1, 1]),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"const": "r"}}}, lambda v: v == "r"),
        ({"properties": {"a": {"const": 1}}}, lambda v: v == {"a": 1}),
    ],
)
def test_an_instance_fits_its_schema(schema: dict[str, Any], valid: Callable[[Any], bool]) -> None:
    assert valid(instance(schema, 12345))


def test_a_schema_that_holds_itself_still_ends() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert json.dumps(instance(schema, 1)).count("next") >= 2

"""Fields beside the turns count by their texts, by many names, and by what is no text."""

from typing import Any

from distillgate.fingerprint.beside import Beside
from distillgate.fingerprint.principal import Principal

TASK = "Prove that the square root of seventeen is irrational."


def read(known: frozenset[int] = frozenset(), **fields: Any) -> tuple[Beside, list[str]]:
    beside = Beside(Principal(7, known), frozenset())
    return beside, [text for text in beside.texts(fields) if text]


def test_a_field_that_is_known_as_it_is_is_not_looked_at() -> None:
    beside, texts = read(documents=[TASK])

    assert texts == [TASK]
    assert read(frozenset(beside.marks), documents=[TASK])[1] == []


def test_names_are_no_content_until_they_are_many() -> None:
    assert read(tool_choice={"function": {"name": "search"}})[1] == []
    assert read(guided_choice=[f"label_{n}" for n in range(12)])[1] != []


def test_what_schemas_are_written_with_is_not_counted() -> None:
    schema = {"type": "object", "properties": {"x": {"type": "string", "enum": []}}}

    assert read(response_format={"json_schema": {"schema": schema, "strict": True}})[1] == []


def test_vectors_at_any_depth_are_payloads() -> None:
    assert read(input_embeds=[[[0.5, 1.5]], [[2.5]]])[0].payloads == [b"[0.5,1.5]", b"[2.5]"]


def test_finding_words_in_a_name_takes_no_longer_where_there_are_none() -> None:
    beside, _ = read(a="a" * 63 + "+", b="aB" * 31 + "=", c="-_" * 31)

    assert beside.spelt == ""

"""Fields beside the turns count by their texts, by many names, and by what is no text."""

from base64 import b64encode
from random import Random
from typing import Any

from distillgate.fingerprint.beside import Beside, spells
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


def test_of_names_those_that_spell_something_are_kept() -> None:
    ids = ["0198f3a2-b21c-7d9e-8f00-3c5e6d7a8b9c", "chatcmpl-tool-9f3ab2c4d5e6f708192a3b4c5d6e7f80"]
    words = ["proveThatRootsAreIrrational", "prove-that-17-has-a-root", "PROVE.THAT.TODAY"]

    assert read(given=[*ids, *words][:2])[0].spelt == ""
    assert all(spells(name) for name in words)
    assert not any(spells(name) for name in (*ids, "a" * 63 + "+", "aB" * 31 + "=", "-_" * 31))


def test_hardly_any_random_name_spells_something() -> None:
    random = Random(1)
    names = [b64encode(random.randbytes(30)).decode() for _ in range(2_000)]

    assert sum(map(spells, names)) < 40

"""The nearest name is looked for beside the key first, then everywhere."""

from collections.abc import Mapping

import pytest

from distillgate.config.nearest import item_settings, settings_at, suggest
from distillgate.settings import Settings


class Leaf(Settings):
    max_bytes: int = 1


class Tree(Settings):
    mode: str = "a"
    leaf: Leaf = Leaf()
    maybe: Leaf | None = None
    leaves: Mapping[str, Leaf] = {}
    row: tuple[Leaf, ...] = ()
    words: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        (("Mode",), "did you mean `mode`?"),
        (("leaf", "max-bytes"), "did you mean `max_bytes`?"),
        (("maybe", "maxbytes"), "did you mean `max_bytes`?"),
        (("leaves", "x", "bytes"), "did you mean `max_bytes`?"),
        (("row", 2, "q"), "known here: max_bytes"),
        (("max_bytes",), "did you mean `leaf.max_bytes` or `maybe.max_bytes`?"),
        (("words", 0, "q"), ""),
    ],
)
def test_suggestions(path: tuple[str | int, ...], hint: str) -> None:
    assert suggest(Tree, path) == hint


def test_settings_are_found_through_mappings_lists_and_none() -> None:
    assert settings_at(Tree, ()) is Tree
    assert settings_at(Tree, ("leaves", "any")) is Leaf
    assert settings_at(Tree, ("leaves",)) is None
    assert settings_at(Tree, ("nowhere", "at", "all")) is None
    assert item_settings(Tree.model_fields["row"].annotation) is Leaf
    assert item_settings(Tree.model_fields["words"].annotation) is None

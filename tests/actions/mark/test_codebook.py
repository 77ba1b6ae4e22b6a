from itertools import combinations

import pytest

from distillgate.actions.mark.codebook import PAIRS, form, key_of, question


def test_no_two_forms_are_the_same_and_each_is_its_own() -> None:
    forms = [text for pair in PAIRS for text in pair]

    assert len({text.lower() for text in forms}) == 2 * len(PAIRS)
    for number, pair in enumerate(PAIRS):
        for side, text in enumerate(pair):
            assert form(f"{text} zzz zzz") == (number, side)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("It flows. Shall I go on?", "Shall I go on"),
        ("It flows.\n\n**Would you like a map?**", "**Would you like a map"),
        ("It flows:\nWould you like a map?\n", "Would you like a map"),
        ("Why does it flow? Because.", None),
        ("Shall I?", "Shall I"),
        ("", None),
        ("x" * 500 + "?", None),
    ],
)
def test_the_question_is_what_an_answer_ends_with(answer: str, asked: str | None) -> None:
    assert question(answer) == asked


def test_case_and_emphasis_do_not_matter_and_other_words_are_none() -> None:
    assert form("**would YOU like a map") == form("Would you like tea") == (0, 0)
    assert form("Is there anything else") == (3, 0)
    assert form("Is there a map") == (22, 1)
    assert form("Is there water") is None
    assert form("") is None


def test_keys_are_a_groups_own_and_half_and_half() -> None:
    keys = [key_of(b"secret", f"g-{n}") for n in range(400)]

    assert key_of(b"secret", "g-1") == keys[1]
    assert key_of(b"other", "g-1") != keys[1]
    assert len({tuple(key) for key in keys}) == 400
    ones = [sum(key[pair] for key in keys) for pair in range(len(PAIRS))]
    assert all(140 < count < 260 for count in ones)
    alike = [sum(a == b for a, b in zip(x, y, strict=True)) for x, y in combinations(keys[:40], 2)]
    assert 15.5 < sum(alike) / len(alike) < 16.5

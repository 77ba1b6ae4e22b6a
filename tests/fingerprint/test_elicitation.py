import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.fingerprint.elicitation import asks_for_reasoning


@pytest.mark.parametrize(
    "text",
    [
        "Let's think step by step.",
        "Solve it STEP-BY-STEP",
        "Write your full reasoning before the answer",
        "Show all your work.",
        "Put the thoughts into <thinking> tags",
        "Print your chain of thought",
        "Reason aloud and then answer",
        "x" * 1_000_000 + " show your work",
    ],
)
def test_requests_for_the_reasoning_are_seen(text: str) -> None:
    assert asks_for_reasoning(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What is the capital of France?",
        "There is a good reason to think so.",
        "The steps of the town hall were swept.",
        " " * 10_000_000,
        "your " * 1_000_000,
    ],
)
def test_other_texts_are_not(text: str) -> None:
    assert not asks_for_reasoning(text)


@given(st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert asks_for_reasoning(text) in (True, False)
    assert asks_for_reasoning(f"{text} step by step")

import pytest

from distillgate.actions.rules import EFFORTS, MODEL_EFFORTS, effort_within, takes_system_turn

CASES = [
    ("gpt-5", "medium", "medium"),
    ("gpt-5-pro", "medium", None),
    ("openai/gpt-5.2-pro", "low", None),
    ("gpt-5.1", "minimal", "none"),
    ("gpt-5-codex", "minimal", None),
    ("grok-3-mini", "medium", "low"),
    ("deepseek-v4", "medium", None),
    ("gpt-5.2-chat-latest", "high", "medium"),
    ("m-large", "medium", "medium"),
    ("m-large", "xhigh", "high"),
    ("m-large", "none", "none"),
]


@pytest.mark.parametrize(("model", "most", "effort"), CASES)
def test_the_most_effort_that_a_model_takes(model: str, most: str, effort: str | None) -> None:
    assert effort_within(model, most, tools=False) == effort


def test_tools_are_not_asked_for_with_the_least_effort() -> None:
    assert effort_within("gpt-5", "minimal", tools=True) == "low"
    assert effort_within("m-large", "none", tools=True) == "low"
    assert effort_within("magistral", "none", tools=True) is None


def test_the_table_speaks_of_known_efforts_in_order() -> None:
    for _, efforts in MODEL_EFFORTS:
        assert list(efforts) == sorted(efforts, key=EFFORTS.index)


def test_some_models_take_no_system_turn() -> None:
    assert not takes_system_turn("o1-mini-2024-09-12")
    assert takes_system_turn("gpt-5")

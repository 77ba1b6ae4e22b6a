from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distillgate.wire import usage
from distillgate.wire.usage import CHARS_LIMIT, TOKENS_LIMIT, Shape, Usage, tokens


def read(shape: Shape, *told: Any, chars: int = 0) -> tuple[int | None, int | None]:
    found = Usage()
    for one in told:
        found.take(shape, one)
    return found.prompt(shape), found.output(chars, shape)


@pytest.mark.parametrize(
    ("shape", "told", "counts"),
    [
        (usage.CHAT, {"prompt_tokens": 3, "completion_tokens": 4}, (3, 4)),
        (usage.CHAT, {"prompt_tokens": "3", "completion_tokens": 4.0}, (3, 4)),
        (
            usage.CHAT,
            {"prompt_tokens": 3, "completion_tokens": 4, "prompt_tokens_details": {"cached": 2}},
            (3, 4),
        ),
        (usage.RESPONSES, {"input_tokens": 3, "output_tokens": 4}, (3, 4)),
        (
            usage.MESSAGES,
            {"input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 4},
            (3, 4),
        ),
        (
            usage.GEMINI,
            {
                "promptTokenCount": 2,
                "toolUsePromptTokenCount": 1,
                "candidatesTokenCount": 1,
                "thoughtsTokenCount": 3,
                "totalTokenCount": 7,
            },
            (3, 4),
        ),
        (usage.GEMINI, {"promptTokenCount": 3, "totalTokenCount": 7}, (3, 4)),
        (usage.OLLAMA, {"prompt_eval_count": 3, "eval_count": 4, "done": True}, (3, 4)),
        (usage.OLLAMA, {"done": True}, (None, None)),
        (usage.CHAT, None, (None, None)),
    ],
)
def test_each_api_has_its_names_for_two_numbers(
    shape: Shape, told: Any, counts: tuple[int | None, int | None]
) -> None:
    assert read(shape, told) == counts


@given(st.permutations([0, 5, 0, 9]))
def test_the_last_count_that_is_not_zero_counts(counts: list[int]) -> None:
    told = [{"completion_tokens": count} for count in counts]

    assert read(usage.CHAT, *told)[1] == [count for count in counts if count][-1]


@given(st.integers(0, 10_000), st.integers(0, 100_000))
def test_a_count_below_what_tokens_can_hold_is_not_told(count: int, chars: int) -> None:
    output = read(usage.CHAT, {"completion_tokens": count}, chars=chars)[1]

    assert output == (count if count * CHARS_LIMIT >= chars else None)


@pytest.mark.parametrize("value", [-1, 1.5, "x", "", None, [], {}, TOKENS_LIMIT + 1, 1e300, "-3"])
def test_what_no_count_can_be_is_not_known(value: Any) -> None:
    assert tokens(value) is None


def test_runs_of_the_model_that_are_told_apart_from_the_sum_count() -> None:
    run = {"type": "message", "input_tokens": 5, "output_tokens": 7}
    other = {"type": "compaction", "input_tokens": 400, "output_tokens": 90}

    assert read(usage.MESSAGES, {**run, "iterations": [run, other]}) == (405, 97)
    assert read(usage.MESSAGES, {**run, "iterations": [run]}) == (5, 7)
    assert read(usage.MESSAGES, {**run, "iterations": [None, 3, {"output_tokens": "x"}]}) == (5, 7)
    assert read(usage.MESSAGES, {**run, "iterations": 3}) == (5, 7)


def test_the_count_at_a_streams_begin_says_nothing_of_its_output() -> None:
    found = Usage()
    found.take(usage.MESSAGES, {"input_tokens": 3, "output_tokens": 1}, prompt_only=True)

    assert (found.prompt(usage.MESSAGES), found.output(0, usage.MESSAGES)) == (3, None)

"""What depends on what a measure changed; `tests/asgi/test_tool_loops.py` plays it for real."""

from typing import Any

import orjson
import pytest
from tests.actions.conftest import left

from distillgate.actions.dependents import settle
from distillgate.actions.draft import Draft
from distillgate.actions.limits import LimitNames
from distillgate.actions.parameters import ParametersSettings, parameters
from distillgate.actions.route import RouteSettings, route
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document, parse

CLEAR: dict[str, Any] = {"type": "clear_thinking_20251015", "keep": "all"}
TOOLS: dict[str, Any] = {"type": "clear_tool_uses_20250919"}
THINKS: dict[str, Any] = {"type": "enabled", "budget_tokens": 31_999}
OFF: dict[str, Any] = {"type": "disabled"}


def settled(
    operation: Operation, asked: dict[str, Any], **settings: Any
) -> tuple[dict[str, Any], list[str]]:
    draft = Draft(parse(operation, orjson.dumps(asked)))
    parameters(draft, ParametersSettings(**settings), LimitNames())
    settle(draft)
    return left(draft), draft.done


def test_thinking_that_no_longer_fits_goes_with_what_needs_it() -> None:
    managed = {"edits": [CLEAR, TOOLS]}
    asked = {"max_tokens": 32_000, "thinking": THINKS, "context_management": managed}

    found, done = settled(MESSAGES, asked)

    assert found == {
        "max_tokens": 1024,
        "thinking": OFF,
        "context_management": {"edits": [TOOLS]},
    }
    assert done == ["max_tokens", "thinking", "context_management"]


def test_nothing_is_left_of_edits_that_all_needed_it() -> None:
    asked = {"max_tokens": 9000, "thinking": THINKS, "context_management": {"edits": [CLEAR]}}

    found, _ = settled(MESSAGES, asked)

    assert "context_management" not in found


@pytest.mark.parametrize(("limit", "budget"), [(1025, 1024), (2048, 1024), (8192, 4096)])
def test_thinking_that_fits_less_is_given_less(limit: int, budget: int) -> None:
    asked = {"max_tokens": 32_000, "thinking": THINKS, "context_management": {"edits": [CLEAR]}}

    found, done = settled(MESSAGES, asked, max_tokens=limit)

    assert found == asked | {
        "max_tokens": limit,
        "thinking": {"type": "enabled", "budget_tokens": budget},
    }
    assert done == ["max_tokens", "thinking"]


def test_an_agent_that_thinks_goes_on_thinking() -> None:
    asked = {"max_tokens": 32_000, "thinking": THINKS, "tools": [{"name": "f"}]}

    found, _ = settled(MESSAGES, asked, max_structured_tokens=500)

    assert found["max_tokens"] == 2048
    assert found["thinking"]["budget_tokens"] == 1024


def test_thinking_in_any_spelling_fits() -> None:
    asked = {"max_tokens": 32_000, "thinking": OFF, "Thinking": THINKS}

    found, _ = settled(MESSAGES, asked)

    assert found == {"max_tokens": 1024, "thinking": OFF, "Thinking": OFF}


PAIRS: list[tuple[Operation, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        CHAT,
        {"logprobs": True, "top_logprobs": 3, "max_tokens": 9},
        {"max_tokens": 9},
        {"strip": ["logprobs"]},
    ),
    (
        CHAT,
        {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "max_tokens": 9},
        {"max_tokens": 9},
        {"strip": ["tools"]},
    ),
    (
        COMPLETIONS,
        {"max_tokens": 9, "n": 3, "best_of": 4, "use_beam_search": True, "length_penalty": 1.5},
        {"max_tokens": 9, "n": 1},
        {},
    ),
    (
        COMPLETIONS,
        {"max_tokens": 4000, "min_tokens": 2000},
        {"max_tokens": 1024, "min_tokens": 1024},
        {},
    ),
    (COMPLETIONS, {"max_tokens": 0, "echo": True}, {"max_tokens": 1}, {}),
    (RESPONSES, {"max_output_tokens": 50}, {"max_output_tokens": 16}, {"max_tokens": 5}),
    (
        RESPONSES,
        {"include": ["message.output_text.logprobs"], "top_logprobs": 3, "max_output_tokens": 20},
        {"include": [], "max_output_tokens": 20},
        {"strip": ["logprobs"]},
    ),
    (
        CHAT,
        {"max_tokens": 9000, "reasoning": {"max_tokens": 8000}},
        {"max_tokens": 1024, "reasoning": {"max_tokens": 512}},
        {},
    ),
    (CHAT, {"max_tokens": -1}, {"max_tokens": 1024}, {}),
    (CHAT, {"max_tokens": 9, "n_predict": -1}, {"max_tokens": 9, "n_predict": 1024}, {}),
    (
        CHAT,
        {"max_tokens": 50, "MAX_TOKENS": 9000},
        {"max_tokens": 50, "MAX_TOKENS": 1024},
        {},
    ),
    (COMPLETIONS, {"MAX_TOKENS": 50}, {"max_tokens": 1024, "MAX_TOKENS": 50}, {}),
    (
        CHAT,
        {"model": "gpt-5-pro", "max_tokens": 9, "reasoning_effort": "high"},
        {"model": "gpt-5-pro", "max_tokens": 9, "reasoning_effort": "high"},
        {},
    ),
]


@pytest.mark.parametrize(("operation", "asked", "wanted", "settings"), PAIRS)
def test_what_depends_on_a_change_follows_it(
    operation: Operation, asked: dict[str, Any], wanted: dict[str, Any], settings: dict[str, Any]
) -> None:
    assert settled(operation, asked, **settings)[0] == wanted


def test_what_was_invalid_before_is_the_upstreams_to_refuse() -> None:
    asked = {"top_logprobs": 3, "min_tokens": 50, "max_tokens": 9, "tool_choice": "auto"}

    assert settled(CHAT, asked, strip=[])[0] == asked


def test_another_model_is_asked_for_an_effort_that_it_knows() -> None:
    asked = {"model": "a", "reasoning_effort": "xhigh"}
    draft = Draft(from_document(CHAT, asked))
    route(draft, RouteSettings(models={"a": "gpt-5"}))
    settle(draft)

    assert left(draft) == {"model": "gpt-5", "reasoning_effort": "high"}
    assert draft.done == ["model gpt-5", "reasoning_effort"]

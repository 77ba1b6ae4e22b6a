"""Agents' loops of twenty steps under any measures, against an upstream that enforces the rules.

The requests have the shapes that Claude Code, Codex, aider and plain loops around the SDKs send.
"""

from __future__ import annotations

import os
from itertools import combinations
from typing import TYPE_CHECKING, Any

import anthropic
import openai
import pytest
from msgspec.structs import replace
from tests.asgi.degraded import MEASURES, degraded
from tests.asgi.strict import STEPS, Strict

from distillgate.assembly import Parts, build
from distillgate.config.schema import Config
from distillgate.engine.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Serving

    from distillgate.policy.decision import Decision
    from distillgate.wire.exchange import Exchange

SUBSETS = [chosen for size in range(7) for chosen in combinations(MEASURES, size)]
SCHEMA = {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]}
FUNCTION = {"name": "run", "description": "Run it.", "parameters": SCHEMA}


class Grouped(Engine):
    """Judges every exchange to follow from a group."""

    def begin(self, exchange: Exchange, now: float) -> Decision:
        return replace(super().begin(exchange, now), group_code="g-1")


def degrading(inner: Any, measures: tuple[str, ...], **actions: Any) -> Any:
    """Mount the gate so that every exchange meets the measures."""
    return degraded_parts(measures, **actions).middleware(inner)


def degraded_parts(measures: tuple[str, ...], **actions: Any) -> Parts:
    """Build a gate's parts where every exchange meets the measures."""
    return build(Config.model_validate(degraded(measures, **actions)), engine=Grouped)


def claude_code(url: str) -> int:
    """Think with the largest budget, clear old thinking, count tokens; then name the session."""
    beta = "interleaved-thinking-2025-05-14,context-management-2025-06-27"
    asked: dict[str, Any] = {
        "model": "claude-opus",
        "max_tokens": 32_000,
        "thinking": {"type": "enabled", "budget_tokens": 31_999},
        "system": [
            {"type": "text", "text": "Be an agent.", "cache_control": {"type": "ephemeral"}}
        ],
        "tools": [{"name": "run", "input_schema": SCHEMA}],
        "metadata": {"user_id": "user_1_session_2"},
        "extra_headers": {"anthropic-beta": beta},
        "extra_body": {
            "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]}
        },
    }
    turns: list[Any] = [{"role": "user", "content": "Tidy up."}]
    with anthropic.Anthropic(base_url=url, api_key="sk-1", max_retries=0) as client:
        steps = _claude_steps(client, asked, turns)
        bare = {name: value for name, value in asked.items() if name != "tools"}
        with client.messages.stream(messages=turns[:1], **bare) as answer:
            assert "All is done.".startswith(answer.get_final_text())
        begun = [*turns[:1], {"role": "assistant", "content": "<reasoning>"}]
        named = client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=begun)
        assert named.content
    return steps


def adaptive(url: str) -> int:
    """Think adaptively, with the most effort."""
    asked: dict[str, Any] = {
        "model": "claude-opus-4-7",
        "max_tokens": 32_000,
        "thinking": {"type": "adaptive"},
        "output_config": {"effort": "max"},
        "tools": [{"name": "run", "input_schema": SCHEMA}],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
    }
    with anthropic.Anthropic(base_url=url, api_key="sk-1", max_retries=0) as client:
        return _claude_steps(client, asked, [{"role": "user", "content": "Tidy up."}])


def _claude_steps(client: anthropic.Anthropic, asked: dict[str, Any], turns: list[Any]) -> int:
    for step in range(1, 2 * STEPS):
        if step % 7 == 0:
            counted = ("model", "thinking", "system", "tools", "extra_headers", "extra_body")
            some = {name: asked[name] for name in counted if name in asked}
            assert client.messages.count_tokens(messages=turns, **some).input_tokens
        with client.messages.stream(messages=turns, **asked) as answer:
            said = answer.get_final_message()
        parts = [part.model_dump(exclude_none=True) for part in said.content]
        for part in parts:
            part.pop("parsed_output", None)
        turns.append({"role": "assistant", "content": parts})
        used = [part for part in said.content if part.type == "tool_use"]
        if not used:
            return step
        result = {"type": "tool_result", "tool_use_id": used[0].id, "content": f"file-{step}"}
        turns.append({"role": "user", "content": [result]})
    return 0


def codex(url: str) -> int:
    """Keep nothing at the upstream: reasoning comes sealed, and goes back with each step."""
    items: list[Any] = [{"role": "user", "content": "Tidy up."}]
    asked: dict[str, Any] = {
        "model": "gpt-5.2",
        "instructions": "Be an agent.",
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "xhigh", "summary": "auto"},
        "tools": [{"type": "function", "strict": False, **FUNCTION}],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "prompt_cache_key": "thread-1",
    }
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        for step in range(1, 2 * STEPS):
            with client.responses.stream(input=items, **asked) as answer:
                said = answer.get_final_response()
            for item in said.output:
                kept = item.model_dump(exclude_none=True)
                kept.pop("parsed_arguments", None)
                items.append(kept)
            called = [item for item in said.output if item.type == "function_call"]
            if not called:
                return step
            done = {"type": "function_call_output", "call_id": called[0].call_id}
            items.append({**done, "output": f"file-{step}"})
    return 0


def chained(url: str) -> int:
    """Leave the conversation at the upstream, and name the last response."""
    given: Any = "Tidy up."
    asked: dict[str, Any] = {
        "model": "gpt-5-pro",
        "reasoning": {"effort": "high"},
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 3,
        "tools": [{"type": "function", "strict": False, **FUNCTION}],
        "max_output_tokens": 100_000,
    }
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        for step in range(1, 2 * STEPS):
            asked["metadata"] = {"step": str(step - 1)}
            said = client.responses.create(input=given, **asked)
            again = client.responses.retrieve(said.id)
            assert again.output == said.output
            called = [item for item in said.output if item.type == "function_call"]
            if not called:
                return step
            call = called[0].call_id
            given = [{"type": "function_call_output", "call_id": call, "output": f"file-{step}"}]
            asked["previous_response_id"] = said.id
    return 0


def aider(url: str) -> int:
    """Talk without tools to a strict server that knows the older names only."""
    turns: list[Any] = [{"role": "system", "content": "Answer with whole files."}]
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        for step in range(1, STEPS + 1):
            turns.append({"role": "user", "content": f"Now do the file number {step}."})
            with client.chat.completions.create(
                model="local-7b",
                messages=turns,
                temperature=0,
                seed=7,
                stream=True,
                stream_options={"include_usage": True},
            ) as answer:
                pieces = [c.choices[0].delta.content or "" for c in answer if c.choices]
            turns.append({"role": "assistant", "content": "".join(pieces)})
        evaluated = client.completions.create(
            model="local-7b", prompt="A river", max_tokens=0, echo=True, logprobs=1
        )
        beams: Any = {"min_tokens": 2000, "use_beam_search": True, "length_penalty": 1.2}
        client.completions.create(
            model="local-7b", prompt="A river", max_tokens=4000, n=2, best_of=3, extra_body=beams
        )
        assert evaluated.choices
    return step


def plain_loop(url: str, **asked: Any) -> int:
    """Call tools by chat completions."""
    turns: list[Any] = [{"role": "user", "content": "Tidy up."}]
    with openai.OpenAI(base_url=f"{url}/v1", api_key="sk-1", max_retries=0) as client:
        for step in range(1, 2 * STEPS):
            tools: Any = [{"type": "function", "function": FUNCTION}]
            said = client.chat.completions.create(
                messages=turns, tools=tools, parallel_tool_calls=False, **asked
            )
            message = said.choices[0].message
            turns.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                return step
            call = message.tool_calls[0].id
            turns.append({"role": "tool", "tool_call_id": call, "content": f"file-{step}"})
    return 0


def reasoning_loop(url: str) -> int:
    """The same with a reasoning model that refuses the older name of the limit."""
    return plain_loop(url, model="gpt-5.2", reasoning_effort="xhigh")


def sampling_loop(url: str) -> int:
    """The same with everything a sampler takes."""
    sampled: Any = {"logprobs": True, "top_logprobs": 5, "n": 2, "seed": 1, "logit_bias": {"5": 1}}
    return plain_loop(url, model="gpt-4.1", max_tokens=30_000, temperature=0.5, **sampled)


AGENTS: list[Callable[[str], int]] = [
    claude_code, adaptive, codex, chained, aider, reasoning_loop, sampling_loop,
]  # fmt: skip


EVERY = "DISTILLGATE_EVERY_LOOP" in os.environ
"""Ask for all agents under all subsets of the measures: some ten minutes. Otherwise each subset has
one agent, and each agent all measures at once."""
PLAYED = [
    pytest.param(agent, chosen, id=f"{agent.__name__}-{'+'.join(chosen) or 'none'}")
    for place, chosen in enumerate(SUBSETS)
    for number, agent in enumerate(AGENTS)
    if EVERY or place % len(AGENTS) == number or chosen == MEASURES
]


@pytest.mark.parametrize(("agent", "measures"), PLAYED)
def test_a_loop_of_twenty_steps_succeeds_under_any_measures(
    serving: Serving, agent: Callable[[str], int], measures: tuple[str, ...]
) -> None:
    strict = Strict()

    steps = agent(serving(degrading(strict, measures)).url)

    assert strict.refused == []
    assert steps == STEPS
    if "parameters" in measures:
        limits = ("max_tokens", "max_completion_tokens", "max_output_tokens")
        for asked in strict.received:
            assert all(asked.get(name, 0) <= 8192 for name in limits)


@pytest.mark.parametrize("agent", [claude_code, codex, reasoning_loop])
@pytest.mark.parametrize("most", [1, 500, 1024, 1025, 3000])
def test_whatever_the_limit(serving: Serving, agent: Callable[[str], int], most: int) -> None:
    strict = Strict()
    capped = {"max_tokens": most, "max_structured_tokens": most, "max_effort": "low"}

    agent(serving(degrading(strict, ("parameters",), parameters=capped)).url)

    assert strict.refused == []

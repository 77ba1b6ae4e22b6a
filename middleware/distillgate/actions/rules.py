"""What each API says of fields that depend on one another, as data.

A measure may leave no valid request invalid. So what is changed here is followed by what the API
ties to it: `actions.dependents` goes by these tables. They are from the public references of the
APIs and of the servers that speak them (vLLM, SGLang, llama.cpp, gateways), as of late 2026.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from distillgate.wire.operation import Operation

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Reasoning efforts, from the least to the most."""

EFFORT_PATHS = (("reasoning_effort",), ("reasoning", "effort"), ("output_config", "effort"))
"""Where the APIs keep it."""

MODEL_EFFORTS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("*gpt-5*-chat*", ("medium",)),
    ("*gpt-5-pro*", ("high",)),
    ("*gpt-5.?-pro*", ("medium", "high", "xhigh")),
    ("*gpt-5.1-codex-max*", ("low", "medium", "high", "xhigh")),
    ("*gpt-5.1-codex*", ("low", "medium", "high")),
    ("*gpt-5-codex*", ("low", "medium", "high")),
    ("*gpt-5.*-codex*", ("low", "medium", "high", "xhigh")),
    ("*gpt-5.1*", ("none", "low", "medium", "high")),
    ("*gpt-5.*", ("none", "low", "medium", "high", "xhigh")),
    ("*gpt-5*", ("minimal", "low", "medium", "high")),
    ("*grok-3-mini*", ("low", "high")),
    ("*deepseek*", ("high", "max")),
    ("*mistral*", ("none", "high")),
    ("*magistral*", ("none", "high")),
    ("*qwen*", ("none", "low", "medium", "high")),
)
"""The efforts that models take, by the first pattern that matches."""

_COMMON_EFFORTS = ("low", "medium", "high")
"""Those that every other model with reasoning takes."""

NO_SYSTEM_TURN = ("*o1-mini*", "*o1-preview*", "*gemma-2*", "*gemma-1*")
"""Models that refuse a conversation with a system turn."""

THINKING_MIN = 1024
"""Anthropic's smallest thinking budget. It has to stay below the output limit."""


class Rules(NamedTuple):
    """What one call's fields depend on."""

    limits: tuple[str, ...] = ()
    """The names of the longest output; an upstream may read any of them."""
    least: int = 1
    """The smallest limit that is taken."""
    aliases: tuple[str, ...] = ()
    """Other servers' names for the limit: lowered where they are given, never added."""
    needs: Mapping[str, tuple[str, ...]] = {}
    """What is only taken beside a field, and goes with it."""
    at_most: tuple[tuple[str, ...], ...] = ()
    """What may not be above the output limit: paths."""


_SERVERS = ("n_predict", "max_new_tokens", "num_predict")
_BEAMS = ("use_beam_search", "length_penalty", "early_stopping")
_SHORTEST = (("min_tokens",), ("min_new_tokens",))
_CALLED = {"stream": ("stream_options",), "tools": ("tool_choice", "parallel_tool_calls")}
_SAMPLED = {"best_of": _BEAMS, "n": _BEAMS, **_CALLED}

RULES: Mapping[Operation, Rules] = {
    Operation.CHAT: Rules(
        limits=("max_completion_tokens", "max_tokens"),
        aliases=_SERVERS,
        needs={"logprobs": ("top_logprobs",), **_SAMPLED},
        at_most=_SHORTEST,
    ),
    Operation.COMPLETIONS: Rules(
        limits=("max_tokens",), aliases=_SERVERS, needs=_SAMPLED, at_most=_SHORTEST
    ),
    Operation.RESPONSES: Rules(
        limits=("max_output_tokens",),
        least=16,
        needs={"include": ("top_logprobs",), **_CALLED},
        at_most=_SHORTEST,
    ),
    Operation.MESSAGES: Rules(limits=("max_tokens",), needs=_CALLED),
}
_NO_RULES = Rules()


def rules(operation: Operation) -> Rules:
    """Find the rules of a call; those of calls without output are empty."""
    return RULES.get(operation, _NO_RULES)


def efforts_of(model: str) -> tuple[str, ...] | None:
    """Return the efforts a model takes; None where nothing is known of it."""
    name = model.lower()
    return next((taken for pattern, taken in MODEL_EFFORTS if fnmatchcase(name, pattern)), None)


def effort_within(model: str, most: str, *, tools: bool) -> str | None:
    """Find the most effort up to `most` that a model takes; None where it takes no such.

    Hosted tools are refused with the least effort, so that with tools it is not chosen.
    """
    taken = efforts_of(model)
    allowed = EFFORTS[: EFFORTS.index(most) + 1]
    fitting = [effort for effort in taken or _COMMON_EFFORTS if effort in allowed]
    if taken is None and not fitting:
        fitting = [most]
    if tools and fitting in (["none"], ["minimal"], ["none", "minimal"]):
        return "low" if taken is None or "low" in taken else None
    return fitting[-1] if fitting else None


def takes_system_turn(model: str) -> bool:
    """Return whether a model takes a conversation with a system turn."""
    return not any(fnmatchcase(model.lower(), pattern) for pattern in NO_SYSTEM_TURN)

"""What models say of fields that depend on one another, as data.

A measure may leave no valid request invalid. What calls tie to a field is their dialects' to say
(`wire.operation.Measured`); what models do, from their public references as of late 2026, is here.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase

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

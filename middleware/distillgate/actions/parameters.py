"""Measure: cap the parameters that serve extraction more than use. Never the question itself."""

import math
import re
from typing import Any, Literal

from distillgate.actions.draft import Draft
from distillgate.settings import Settings
from distillgate.wire.content import Text
from distillgate.wire.fields import integer, mapping, sequence
from distillgate.wire.operation import Operation
from distillgate.wire.responses import LOGPROBS

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class ParametersSettings(Settings):
    """What a degraded request may still ask for."""

    strip: list[str] = [
        "logprobs",
        "top_logprobs",
        "prompt_logprobs",
        "logit_bias",
        "echo",
        "best_of",
    ]
    """Parameters taken out."""
    max_choices: int = 1
    """Most alternatives of one answer (`n`)."""
    max_tokens: int = 1024
    """Most output tokens of prose; a longer answer ends there, and says so as the API does."""
    max_structured_tokens: int = 8192
    """The same where JSON is asked for or tools are offered: cut short, those are of no use."""
    max_effort: Effort | None = "medium"
    """Most reasoning effort; null leaves it. A request that names none keeps the model's own."""
    prefill: Literal["reasoning", "any", "keep"] = "reasoning"
    """Which begun answers are dropped: those that open a reasoning tag, any, or none. A begun
    JSON answer is what the client puts its end to: `any` breaks it."""


_LIMITS = {
    Operation.CHAT: ("max_completion_tokens", "max_tokens"),
    Operation.COMPLETIONS: ("max_tokens",),
    Operation.RESPONSES: ("max_output_tokens",),
    Operation.MESSAGES: ("max_tokens",),
}
_EFFORTS: dict[Any, int] = {
    name: rank
    for rank, name in enumerate(("none", "minimal", "low", "medium", "high", "xhigh", "max"))
}
_OPENING = re.compile(r"<\s*(?:think|thought|reason|scratchpad|analysis)[\w:-]*>", re.IGNORECASE)
_CONTINUED = ("continue_final_message", "add_generation_prompt")
"""vLLM's words for "go on with the last message": without it they would mean another one."""


def parameters(draft: Draft, settings: ParametersSettings) -> None:
    """Take out and cap what the settings name."""
    document = draft.document
    for name in settings.strip:
        draft.take(name)
    include = document.get("include")
    if isinstance(include, list) and LOGPROBS in include and "logprobs" in settings.strip:
        draft.put("include", [item for item in include if item != LOGPROBS])
    if (integer(document.get("n")) or 0) > settings.max_choices:
        draft.put("n", settings.max_choices)
    if settings.max_effort is not None:
        _calm(draft, _EFFORTS[settings.max_effort], settings.max_effort)
    if settings.prefill != "keep":
        _unfill(draft, any_text=settings.prefill == "any")
    asked = draft.request.parameters
    structured = asked.json_output or asked.tools
    _shorten(draft, settings.max_structured_tokens if structured else settings.max_tokens)


def _calm(draft: Draft, most: int, name: str) -> None:
    if _EFFORTS.get(_word(draft.document.get("reasoning_effort")), 0) > most:
        draft.put("reasoning_effort", name)
    for holder in ("reasoning", "output_config"):
        given = mapping(draft.document.get(holder))
        if _EFFORTS.get(_word(given.get("effort")), 0) > most:
            draft.put(holder, {**given, "effort": name}, "effort")


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _unfill(draft: Draft, *, any_text: bool) -> None:
    if draft.request.operation not in (Operation.CHAT, Operation.MESSAGES):
        return
    turns = sequence(draft.document.get("messages"))
    last = mapping(turns[-1]) if len(turns) > 1 else {}
    if last.get("role") != "assistant" or last.get("tool_calls"):
        return
    if any_text or _OPENING.search(Text().of(last.get("content"))):
        draft.put("messages", list(turns[:-1]), "prefill")
        for name in _CONTINUED:
            draft.document.pop(name, None)


def _shorten(draft: Draft, limit: int) -> None:
    document = draft.document
    names = _LIMITS.get(draft.request.operation)
    if names is None:
        return
    given = {name: value for name in names if (value := integer(document.get(name))) is not None}
    for name in given or names[:1]:
        if given.get(name, math.inf) > limit:
            draft.put(name, limit)
    thinking = document.get("thinking")
    if isinstance(thinking, dict) and (integer(thinking.get("budget_tokens")) or 0) >= limit:
        # Anthropic refuses a thinking budget that is not below the limit.
        draft.put("thinking", {"type": "disabled"})

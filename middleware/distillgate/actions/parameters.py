"""Measure: cap the parameters that serve extraction more than use. Never the question itself."""

import re
from typing import Any, ClassVar, Literal

from distillgate.actions import nested
from distillgate.actions.dependents import thinks
from distillgate.actions.draft import Draft
from distillgate.actions.limits import Added, LimitName, LimitNames
from distillgate.actions.rules import EFFORT_PATHS, EFFORTS, THINKING_MIN, effort_within
from distillgate.dialects.responses import LOGPROBS
from distillgate.settings import Settings
from distillgate.wire.content import Text
from distillgate.wire.fields import integer, mapping

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
    max_choices: ClassVar[int] = 1
    """Most alternatives of one answer (`n`)."""
    max_tokens: int = 1024
    """Most output tokens of prose; a longer answer ends there, and says so as the API does."""
    max_structured_tokens: int = 8192
    """The same where JSON is asked for or tools are offered: cut short, those are of no use. An
    agent that thinks keeps at least 2,048: its turn must not change its mode half way."""
    limit_name: Literal["auto"] | LimitName = "auto"
    """The name under which a limit is added to a chat that gave none. `auto` guesses it from the
    model's name, and corrects itself by what the upstream was seen to take and to refuse."""
    max_effort: Effort | None = "medium"
    """Most reasoning effort; null leaves it. A request that names none keeps the model's own."""
    prefill: Literal["reasoning", "any", "keep"] = "reasoning"
    """Which begun answers are dropped: those that open a reasoning tag, any, or none. A begun
    JSON answer is what the client puts its end to: `any` breaks it."""


_OPENING = re.compile(r"<\s*(?:think|thought|reason|scratchpad|analysis)[\w:-]*>", re.IGNORECASE)
_CONTINUED = ("continue_final_message", "add_generation_prompt")
"""vLLM's words for "go on with the last message": without it they would mean another one."""


def parameters(draft: Draft, settings: ParametersSettings, names: LimitNames) -> None:
    """Take out and cap what the settings name."""
    for name in settings.strip:
        draft.remove(name)
    if "logprobs" in settings.strip:
        _exclude(draft, LOGPROBS)
    if "echo" in draft.removed:
        _answer(draft)
    for value in draft.at("n"):
        if (integer(value.read()) or 0) > settings.max_choices:
            value.replace(settings.max_choices)
            draft.removed.add("n")
            draft.record("n")
    if settings.max_effort is not None:
        _calm(draft, settings.max_effort)
    if settings.prefill != "keep":
        _unfill(draft, any_text=settings.prefill == "any")
    asked = draft.request.parameters
    structured = asked.json_output or asked.tools
    limit = settings.max_structured_tokens if structured else settings.max_tokens
    if asked.tools and thinks(draft):
        limit = max(limit, 2 * THINKING_MIN)
    _shorten(draft, limit, settings, names)
    _cap_nested(draft, limit, settings)


def _cap_nested(draft: Draft, limit: int, settings: ParametersSettings) -> None:
    fields = draft.measured.fields
    if "logprobs" in settings.strip:
        nested.take_out(draft, fields.logprobs, "logprobs")
    nested.lower(draft, fields.choices, settings.max_choices, "n")
    if settings.max_effort is not None:
        nested.calm(draft, fields.efforts, settings.max_effort)
    if fields.limits:
        nested.limit(draft, fields.limits, limit)
        nested.lower(draft, fields.budgets, limit // 2, "thinking")


def _exclude(draft: Draft, name: str) -> None:
    for include in draft.at("include"):
        items = include.items()
        kept = [item for item in items if item.value.read() != name]
        if len(kept) < len(items):
            items[:] = kept
            draft.removed.add("include")
            draft.record("include")


def _answer(draft: Draft) -> None:
    # No output at all is only taken of whoever has the prompt come back.
    for value in draft.at("max_tokens"):
        if integer(value.read()) == 0:
            value.replace(1)
            draft.record("max_tokens")


def _calm(draft: Draft, most: Effort) -> None:
    tools = bool(draft.request.parameters.tools)
    effort = effort_within(draft.answering, most, tools=tools)
    for path in EFFORT_PATHS if effort is not None else ():
        for value in draft.at(*path):
            given = value.read()
            if given in EFFORTS and EFFORTS.index(given) > EFFORTS.index(most):
                value.replace(effort)
                draft.record("effort" if path[1:] else path[0])


def _unfill(draft: Draft, *, any_text: bool) -> None:
    if not draft.measured.prefilled:
        return
    for messages in draft.at("messages"):
        turns = messages.items()
        while len(turns) > 1 and _is_prefill(turns[-1].value.read(), any_text=any_text):
            turns.pop()
            draft.record("prefill")
    if "prefill" in draft.done:
        for name in _CONTINUED:
            draft.body.root.remove(name)


def _is_prefill(turn: Any, *, any_text: bool) -> bool:
    """Return whether a last turn is an answer begun in plain text, and one that is dropped."""
    turn = mapping(turn)
    if turn.get("role") != "assistant" or turn.get("tool_calls"):
        return False
    content = turn.get("content")
    if isinstance(content, list) and any(mapping(p).get("type") != "text" for p in content):
        return False  # a turn that the upstream paused, and goes on with
    return any_text or bool(_OPENING.search(Text().of(content)))


def _shorten(draft: Draft, limit: int, settings: ParametersSettings, names: LimitNames) -> None:
    known = draft.measured
    if not known.limits:
        return
    limit, root = max(limit, known.least), draft.body.root
    for name in (*known.limits, *known.aliases):
        for value in draft.at(name):
            given = value.read()
            asked = integer(given)
            if given is not None and (asked is None or not 0 <= asked <= limit):
                value.replace(limit)
                draft.limit = limit
                draft.record(name)
    own = [item for item in root.items() if item.key in known.limits]
    if not any(item.value.text() != b"null" for item in own):
        _add(draft, _name(draft, settings, names), limit)


def _name(draft: Draft, settings: ParametersSettings, names: LimitNames) -> str:
    limits = draft.measured.limits
    if len(limits) == 1:
        return limits[0]
    chosen = settings.limit_name
    if chosen == "auto":
        chosen = names.of(draft.answering)
        draft.added = Added(draft.answering, chosen)
    return chosen


def _add(draft: Draft, name: str, limit: int) -> None:
    """Add a limit where an upstream that knows one spelling only would find none."""
    root = draft.body.root
    nulls = [item.value for item in root.items() if item.key == name]
    for value in nulls:
        value.replace(limit)
    if not nulls:
        root.insert(0, limit, name)
    draft.limit = limit
    draft.record(name)

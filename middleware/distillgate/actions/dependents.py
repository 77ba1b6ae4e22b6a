"""After the measures: what depends on what they changed is changed with it, as the dialect says.

Nothing else is touched. A request that was invalid before stays the upstream's to refuse.
"""

from typing import Any

from distillgate.actions.draft import Draft
from distillgate.actions.rules import EFFORT_PATHS, EFFORTS, THINKING_MIN, efforts_of
from distillgate.wire.edit import Value
from distillgate.wire.fields import integer, mapping, sequence

_CLEARS = "clear_thinking"
"""How Anthropic's context edits that need thinking begin."""
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})


def settle(draft: Draft) -> None:
    """Make a request valid again that a measure left invalid."""
    if draft.limit is not None:
        _fit(draft, draft.limit)
    if draft.model:
        _fit_effort(draft, draft.model)
    if "sealed" in draft.removed:
        _without_unfounded_thinking(draft)
    if "thinking" in draft.removed:
        _without_clearing(draft)
    for name, dependents in draft.measured.needs.items():
        if name in draft.removed:
            for dependent in dependents:
                draft.remove(dependent)


def thinks(draft: Draft) -> bool:
    """Return whether a thinking budget is given."""
    return any(integer(value) is not None for value in draft.given("thinking", "budget_tokens"))


def _fit(draft: Draft, limit: int) -> None:
    """Lower what may not be above the output limit."""
    for path in draft.measured.at_most:
        for value in draft.at(*path):
            if (integer(value.read()) or 0) > limit:
                value.replace(limit)
                draft.record(path[0])
    for value in draft.at("reasoning", "max_tokens"):  # OpenRouter's: below the limit
        if (integer(value.read()) or 0) >= limit > 1:
            value.replace(max(1, limit // 2))
            draft.record("reasoning")
    for thinking in draft.at("thinking"):
        for budget in thinking.members("budget_tokens"):
            if (integer(budget.read()) or 0) >= limit:
                _fit_thinking(draft, thinking, budget, limit)


def _fit_thinking(draft: Draft, thinking: Value, budget: Value, limit: int) -> None:
    """Leave half of the output to the answer, or all where the least thinking does not fit."""
    if limit > THINKING_MIN:
        budget.replace(max(THINKING_MIN, limit // 2))
    else:
        thinking.replace({"type": "disabled"})
        draft.removed.add("thinking")
    draft.record("thinking")


def _fit_effort(draft: Draft, model: str) -> None:
    """Ask another model for an effort that it knows: the most up to what was asked for."""
    taken = efforts_of(model)
    for path in EFFORT_PATHS if taken else ():
        for value in draft.at(*path):
            given = value.read()
            if taken and given in EFFORTS and given not in taken:
                lesser = [one for one in taken if EFFORTS.index(one) < EFFORTS.index(given)]
                value.replace(lesser[-1] if lesser else taken[0])
                draft.record("effort" if path[1:] else path[0])


def _without_unfounded_thinking(draft: Draft) -> None:
    """Turn thinking off where the turn that goes on has lost its own.

    Anthropic wants the last assistant's turn of a tool loop to begin with thinking while a budget
    is set, and takes one without thoughts where thinking is off.
    """
    if not thinks(draft) or not any(_lost(turns.read()) for turns in draft.at("messages")):
        return
    for thinking in draft.at("thinking"):
        thinking.replace({"type": "disabled"})
    draft.removed.add("thinking")
    draft.record("thinking")


def _lost(messages: Any) -> bool:
    turns = [turn for turn in map(mapping, sequence(messages)) if turn.get("role") == "assistant"]
    parts = sequence(turns[-1].get("content")) if turns else ()
    kinds = [mapping(part).get("type") for part in parts]
    return "tool_use" in kinds and kinds[0] not in _THOUGHTS


def _without_clearing(draft: Draft) -> None:
    """Take out context edits that need thinking."""
    for manager in list(draft.at("context_management")):
        for edits in manager.members("edits"):
            items = edits.items()
            kept = [item for item in items if not _clears(item.value.read())]
            if len(kept) < len(items):
                items[:] = kept
                draft.record("context_management")
    if any(mapping(value) == {"edits": []} for value in draft.given("context_management")):
        draft.body.root.remove("context_management")


def _clears(edit: Any) -> bool:
    return str(mapping(edit).get("type")).startswith(_CLEARS)

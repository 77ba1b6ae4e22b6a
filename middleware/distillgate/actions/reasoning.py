"""Measure: drop or shorten the reasoning in answers, on every API, streamed or not."""

from distillgate.actions.draft import Draft
from distillgate.wire.shorten import ReasoningSettings


def reasoning(draft: Draft, settings: ReasoningSettings) -> None:
    """Shorten the reasoning of the answer. What it cost stays in the usage."""
    make = draft.measured.reasoning
    if make is not None:
        draft.edit = make(settings)

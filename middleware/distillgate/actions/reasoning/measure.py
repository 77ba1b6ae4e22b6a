"""The measure: which answers have their reasoning shortened, and how each API keeps it."""

from distillgate.actions.draft import Draft
from distillgate.actions.reasoning.chat import ChatEdit
from distillgate.actions.reasoning.messages import MessagesEdit
from distillgate.actions.reasoning.responses import ResponsesEdit
from distillgate.actions.reasoning.shorten import ReasoningSettings
from distillgate.wire.operation import Operation

_EDITS: dict[Operation, type[ChatEdit | MessagesEdit | ResponsesEdit]] = {
    Operation.CHAT: ChatEdit,
    Operation.COMPLETIONS: ChatEdit,
    Operation.RESPONSES: ResponsesEdit,
    Operation.MESSAGES: MessagesEdit,
}


def reasoning(draft: Draft, settings: ReasoningSettings) -> None:
    """Shorten the reasoning of the answer. What it cost stays in the usage."""
    edit = _EDITS.get(draft.request.operation)
    if edit is not None:
        draft.edit = edit(settings)

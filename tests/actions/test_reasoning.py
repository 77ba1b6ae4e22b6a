import pytest
from tests.calls import CALLS

from distillgate.actions.draft import Draft
from distillgate.actions.reasoning import reasoning
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document
from distillgate.wire.shorten import ReasoningSettings


@pytest.mark.parametrize("operation", CALLS)
def test_answers_with_text_are_changed_and_requests_are_not(operation: Operation) -> None:
    draft = Draft(from_document(operation, {}))
    reasoning(draft, ReasoningSettings())

    text = operation in (
        CHAT, COMPLETIONS, RESPONSES, MESSAGES
    )  # fmt: skip
    assert (draft.edit is not None) == text
    assert draft.done == [], "nothing is taken yet"
    assert not draft.changed

import pytest
from tests.calls import CALLS

from distillgate.actions.draft import Draft
from distillgate.actions.reasoning.measure import reasoning
from distillgate.actions.reasoning.shorten import ReasoningSettings
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


@pytest.mark.parametrize("operation", CALLS)
def test_answers_with_text_are_changed_and_requests_are_not(operation: Operation) -> None:
    draft = Draft(from_document(operation, {}))
    reasoning(draft, ReasoningSettings())

    text = operation in (
        Operation.CHAT, Operation.COMPLETIONS, Operation.RESPONSES, Operation.MESSAGES
    )  # fmt: skip
    assert (draft.edit is not None) == text
    assert draft.done == [], "nothing is taken yet"
    assert not draft.changed

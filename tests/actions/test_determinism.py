import pytest
from tests.actions.conftest import left
from tests.calls import CALLS

from distillgate.actions.determinism import determinism
from distillgate.actions.draft import Draft
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


@pytest.mark.parametrize("operation", CALLS)
def test_seeds_are_taken_out_and_nothing_else(operation: Operation) -> None:
    asked = {"seed": 7, "random_seed": 0, "temperature": 0.0, "metadata": {"seed": 1}}
    request = from_document(operation, asked)
    draft = Draft(request)

    determinism(draft)

    assert left(draft) == {"temperature": 0.0, "metadata": {"seed": 1}}
    assert draft.done == ["seed", "random_seed"]

import pytest
from tests.actions.conftest import left

from distillgate.actions.draft import Draft
from distillgate.actions.route import RouteSettings, route
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.messages import COUNT_TOKENS, MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

SETTINGS = RouteSettings(models={"m-large": "m-small", "m-*": "m-tiny"})
TEXT = [CHAT, COMPLETIONS, RESPONSES, MESSAGES]


def routed(operation: Operation, model: str, path: str = "/v1/x") -> Draft:
    request = from_document(operation, {"model": model, "n": 1})
    draft = Draft(request, path=path)
    route(draft, SETTINGS)
    return draft


@pytest.mark.parametrize("operation", TEXT)
def test_the_first_pattern_that_matches_names_the_model(operation: Operation) -> None:
    assert left(routed(operation, "m-large")) == {"model": "m-small", "n": 1}
    assert left(routed(operation, "m-huge"))["model"] == "m-tiny"
    assert routed(operation, "m-large").done == ["model m-small"]


@pytest.mark.parametrize("model", ["other", "m-tiny", ""])
def test_other_models_answer_as_always(model: str) -> None:
    assert not routed(CHAT, model).changed


@pytest.mark.parametrize("operation", [EMBEDDINGS, COUNT_TOKENS])
def test_vectors_and_counts_stay_those_of_the_model_that_was_asked(operation: Operation) -> None:
    assert not routed(operation, "m-large").changed


@pytest.mark.parametrize("path", ["/openai/deployments/x/chat/completions", "/v1/engines/x/y"])
def test_a_model_named_by_the_path_is_left(path: str) -> None:
    assert not routed(CHAT, "m-large", path).changed

from distillgate.actions.draft import Draft
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document


def test_only_what_changes_the_body_makes_it_another() -> None:
    request = from_document(Operation.CHAT, {"seed": 1, "n": 2, "user": None})
    draft = Draft(request, document=dict(request.document))

    draft.take("logprobs")
    draft.take("user")
    assert (draft.done, draft.changed) == ([], False)

    draft.take("seed")
    draft.put("n", 1)
    draft.put("model", "small", "model small")
    assert draft.done == ["seed", "n", "model small"]
    assert draft.changed
    assert draft.document == {"n": 1, "model": "small"}
    assert request.document == {"seed": 1, "n": 2, "user": None}

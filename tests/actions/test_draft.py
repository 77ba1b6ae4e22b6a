import orjson
import pytest
from tests.actions.conftest import left

from distillgate.actions.draft import Draft
from distillgate.dialects.chat import CHAT
from distillgate.errors import WireError
from distillgate.wire.request import from_document, parse


def test_only_what_changes_the_body_makes_it_another() -> None:
    request = from_document(CHAT, {"seed": 1, "n": 2, "user": None})
    draft = Draft(request)

    assert not draft.remove("logprobs")
    assert not draft.remove("user")
    assert (draft.done, draft.changed) == ([], False)

    assert draft.remove("seed")
    draft.set("n", 1)
    draft.set("model", "small", "model small")
    assert draft.done == ["seed", "n", "model small"]
    assert draft.changed
    assert left(draft) == {"n": 1, "user": None, "model": "small"}
    assert request.document == {"seed": 1, "n": 2, "user": None}


def test_a_parameter_is_every_spelling_of_it() -> None:
    body = b'{"seed":1, "SEED":2, "x":1, "seed":3, "s\\u0065ed":4}'
    draft = Draft(parse(CHAT, body))

    draft.remove("seed")

    assert draft.body.text() == b'{ "x":1}'
    assert draft.done == ["seed"]


def test_the_body_is_what_came_and_needs_no_document() -> None:
    request = parse(CHAT, b' {"n": 1e400} ')
    request.document = {}

    assert Draft(request).body.text() == b' {"n": 1e400} '


def test_what_is_no_json_is_an_error() -> None:
    request = from_document(CHAT, {})
    request.source = b'{"a"'
    with pytest.raises(WireError):
        orjson.loads(Draft(request).body.text())


def test_a_parameter_is_also_what_a_request_lays_over_it() -> None:
    body = b'{"n":1,"extra_body":{"seed":1,"model":"a","extra_body":{"seed":2}},"model":"b"}'
    draft = Draft(parse(CHAT, body))

    draft.remove("seed")
    draft.set("model", "small")

    assert draft.given("n") == [1]
    assert draft.body.text() == (
        b'{"n":1,"extra_body":{"model":"small","extra_body":{}},"model":"small"}'
    )

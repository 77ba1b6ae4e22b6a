"""What a gateway tells is read as a server would have brought it."""

import pytest

from distillgate.admin.exchanged import (
    WrongError,
    answer_of,
    given_back,
    headers_of,
    request_of,
    written,
)
from distillgate.asgi.answer import OUTCOME


def test_a_request_is_read_in_any_of_its_forms() -> None:
    pairs = [["X-Account", "a"], ["Accept", "*/*"], ["accept", "text/plain"]]
    asked = request_of({"path": "/v1/x?key=1", "headers": pairs, "peer": "192.0.2.7"}, "::1")
    assert asked.scope["method"] == "POST"
    assert (asked.scope["path"], asked.scope["query_string"]) == ("/v1/x", b"key=1")
    assert asked.scope["client"] == ("192.0.2.7", 0)
    assert asked.scope["headers"] == [
        (b"x-account", b"a"), (b"accept", b"*/*"), (b"accept", b"text/plain"),
    ]  # fmt: skip
    assert asked.body == b""
    other = request_of({"path": "/", "headers": {"Accept": ["*/*", "text/plain"]}}, "::1")
    assert other.scope["client"] == ("::1", 0)
    assert len(other.scope["headers"]) == 2
    assert request_of({"path": "/"}, None).scope["client"] is None


def test_a_body_that_the_gateway_has_decoded_is_not_decoded_again() -> None:
    headers = {
        "content-type": "application/json; charset=utf-16",
        "content-encoding": "gzip",
        "content-length": "7",
        "x-last": "1",
    }
    decoded = request_of({"path": "/", "headers": headers, "body": {"a": "ü"}}, None)
    assert decoded.body == '{"a":"ü"}'.encode()
    assert dict(decoded.scope["headers"]) == {
        b"content-type": b"application/json",
        b"content-length": b"10",
        b"x-last": b"1",
    }
    as_it_came = request_of({"path": "/", "headers": headers, "body_base64": "e30="}, None)
    assert as_it_came.body == b"{}"
    assert (b"content-encoding", b"gzip") in as_it_came.scope["headers"]
    assert (decoded.as_json, as_it_came.as_json) == (True, False)


def test_a_summary_is_charged_by_what_is_known() -> None:
    def outcome(**told: object) -> tuple[int, bool]:
        found = answer_of({"status": 200, **told}).messages[0][OUTCOME]
        return found.output_tokens, found.missed

    assert outcome(usage={"completion_tokens": 9}) == (9, False)
    assert outcome(usage={"output_tokens": 9}) == (9, False)
    assert outcome(text="x" * 40) == (10, False)
    assert outcome() == (0, True)
    assert OUTCOME not in answer_of({"status": 200, "body": {}}).messages[0]


def test_only_what_differs_is_given_back() -> None:
    came = answer_of({"status": 200, "headers": {"a": "1"}, "body": {"b": 1}})
    start, end = came.messages
    assert given_back(came, [start, end]) == {}
    named = {**start, "headers": [*start["headers"], (b"x-distillgate", b"degrade")]}
    assert given_back(came, [named, end]) == {"headers": {"a": "1", "x-distillgate": "degrade"}}
    parts = [{**end, "body": b'{"b"'}, {**end, "body": b": 2}"}]
    assert given_back(came, [start, *parts]) == {"body": {"b": 2}}
    assert headers_of([(b"a", b"1"), (b"a", b"2")]) == {"a": "1, 2"}
    assert written(b"{", as_json=True) == {"body_base64": "ew=="}


@pytest.mark.parametrize("status", [None, True, "200", 99, 600])
def test_an_answer_without_its_status_is_a_mistake(status: object) -> None:
    with pytest.raises(WrongError, match="`status`"):
        answer_of({"status": status})
    assert answer_of({"aborted": True}).messages == ()

"""Headers that two readers read in two ways are counted, and refused where that is wanted."""

import asyncio
from typing import Any

import pytest
from tests.asgi.conftest import Echo, Harness, request

from distillgate.asgi.identity import first_values
from distillgate.asgi.middleware import are_ambiguous

CHAT = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
NAMING = frozenset({b"authorization", b"x-plan"})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("host: a|authorization: Bearer k|content-length: 5", False),
        ("host: a|transfer-encoding: chunked", False),
        ("host: a|transfer-encoding: Chunked ", False),
        ("host: a|accept: a|accept: b|cookie: a|cookie: b", False),
        ("host: a|host: a", True),
        ("host: a|host: b", True),
        ("host: a|content-length: 5|content-length: 6", True),
        ("host: a|content-length: 5|transfer-encoding: chunked", True),
        ("host: a|transfer-encoding: gzip, chunked", True),
        ("host: a|transfer-encoding: chunked|transfer-encoding: chunked", True),
        ("host: a|content-type: application/json|content-type: text/plain", True),
        ("host: a|x-plan: free|accept: a|x-plan: research", True),
        ("authorization: Bearer a|authorization: Bearer b", True),
    ],
)
def test_what_a_strict_server_refuses_shows_in_a_scope(lines: str, expected: bool) -> None:
    pairs = [line.partition(": ") for line in lines.split("|")]
    headers = [(name.encode(), value.encode()) for name, _, value in pairs]
    scope: dict[str, Any] = {"type": "http", "headers": headers}
    assert are_ambiguous(scope, first_values(headers), NAMING) is expected


TWICE = [(b"content-type", b"application/json"), (b"x-api-key", b"a"), (b"x-api-key", b"b")]


@pytest.mark.parametrize(("unread", "status"), [("pass", 200), ("refuse", 400)])
def test_a_key_that_is_named_twice_is_counted_and_may_be_refused(
    harness: Harness, echo: Echo, unread: str, status: int
) -> None:
    gate = harness.wrap(echo, unread=unread)

    start, *_ = harness.drive(gate, CHAT, path="/v1/chat/completions", headers=TWICE)

    assert start["status"] == status
    assert harness.heard.reasons == ["headers"]
    assert len(echo.bodies) == (status == 200)


@pytest.mark.parametrize(("unread", "status"), [("pass", 200), ("refuse", 400)])
def test_nor_does_a_key_that_is_named_twice_fetch_an_answer_that_was_kept(
    harness: Harness, echo: Echo, unread: str, status: int
) -> None:
    gate = harness.wrap(echo, unread=unread)
    scope, messages = request(b"", path="/v1/responses/resp_1", headers=TWICE)

    start, *_ = asyncio.run(harness.run(gate, {**scope, "method": "GET"}, messages))

    assert start["status"] == status
    assert harness.heard.reasons == ["headers"]
    assert len(echo.bodies) == (status == 200)

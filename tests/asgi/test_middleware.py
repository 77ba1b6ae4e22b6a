"""Headers that two readers read in two ways are counted, and refused where that is wanted."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.asgi.conftest import BODY, HEADERS, Echo, Harness, request

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


TWO_KEYS = [*HEADERS, (b"x-api-key", b"sk-another-key-of-somebody")]


def test_two_different_keys_are_counted_and_refused_where_that_is_wanted(
    harness: Harness, echo: Echo
) -> None:
    harness.drive(harness.wrap(echo), headers=TWO_KEYS)
    refused, *_ = harness.drive(harness.wrap(echo, unread="refuse"), headers=TWO_KEYS)

    assert harness.heard.reasons == ["headers", "headers"]
    assert (len(echo.bodies), len(harness.heard.decisions)) == (1, 1)
    assert refused["status"] == 400


def test_keys_are_no_matter_where_something_else_names_the_account(
    harness: Harness, echo: Echo
) -> None:
    harness.drive(harness.wrap(echo, identify=lambda _: "acme"), headers=TWO_KEYS)

    assert harness.heard.reasons == []


@pytest.mark.parametrize("ending", ["", "\n", "/../completions", "/"])
def test_every_spelling_of_a_path_that_a_route_answers_is_judged(
    harness: Harness, ending: str
) -> None:
    async def chat(request: Request) -> JSONResponse:
        return JSONResponse(await request.json())

    host = Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"])])
    harness.drive(harness.wrap(host), path=f"/v1/chat/completions{ending}")

    assert len(harness.heard.decisions) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "QUERY", "GET", "DELETE"])
def test_a_handler_that_does_not_ask_for_the_method_is_guarded_as_well(
    harness: Harness, echo: Echo, method: str
) -> None:
    scope, messages = request(headers=[*HEADERS, (b"content-length", str(len(BODY)).encode())])
    asyncio.run(harness.run(harness.wrap(echo), {**scope, "method": method}, messages))

    assert echo.bodies == [BODY]
    assert len(harness.heard.decisions) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_request_without_a_body_asks_nothing(harness: Harness, echo: Echo, method: str) -> None:
    scope, messages = request(b"")
    asyncio.run(harness.run(harness.wrap(echo), {**scope, "method": method}, messages))

    assert echo.bodies == [b""]
    assert not harness.heard.decisions

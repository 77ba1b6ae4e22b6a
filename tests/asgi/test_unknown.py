import asyncio
import gzip
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.asgi.conftest import Echo, Harness

JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")
PARTS = (b"content-type", b"multipart/form-data; boundary=b")
PLAIN = (b"content-type", b"text/plain")
ASKING = b'{"question":"what?","top_k":3}'
OTHER = b'{"name":"file-1","purpose":"batch"}'


@pytest.mark.parametrize("kind", [JSON, PLAIN, (b"x", b"y")])
def test_json_to_a_path_that_is_not_known_is_counted_and_passes(
    harness: Harness, echo: Echo, kind: tuple[bytes, bytes]
) -> None:
    harness.drive(harness.wrap(echo), ASKING[:5], ASKING[5:], path="/v9/ask", headers=[kind])

    assert (echo.bodies, echo.pieces) == ([ASKING], [2])
    assert harness.heard.reasons == ["unknown"]


@pytest.mark.parametrize("body", [b"", b"--boundary", b"name=value", b"\x00\x01"])
def test_what_is_no_json_is_not_counted(harness: Harness, echo: Echo, body: bytes) -> None:
    harness.drive(harness.wrap(echo), body, path="/v9/ask", headers=[PLAIN])

    assert harness.heard.reasons == []


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (ASKING, [JSON]),
        (ASKING, [PLAIN]),
        (b"  " + ASKING, []),
        (b'{"QUESTION":"what?"}', [JSON]),
        (b'[{"prompt":"a"}]', [JSON]),
        (gzip.compress(ASKING, mtime=0), [JSON, (b"content-encoding", b"gzip")]),
        (b'{"x":' + b"[" * 2_000 + b"]" * 2_000 + b',"prompt":"a"}', [JSON]),
        (b'{"x":[' + b"[]," * 20_000 + b"[]]}", [JSON]),
        (b"\xff\xfe" + '{"prompt":"a"}'.encode("utf-16-le"), [JSON]),
        (b"question=what", [FORM]),
        (b"question=" + b"%41" * 300_000, [FORM]),
    ],
)
def test_what_asks_a_model_may_be_refused(
    harness: Harness, echo: Echo, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    gate = harness.wrap(echo, unread="refuse")

    start, _ = harness.drive(gate, body, path="/v9/ask", headers=headers)

    assert (start["status"], echo.bodies) == (400, [])
    assert harness.heard.reasons == ["unknown"]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (OTHER, "/v1/files"),
        (b"--boundary", "/v1/files"),
        (b"{", "/v9/ask"),
        (b"", "/v9/ask"),
        (ASKING, "/v1/moderations"),
        (ASKING, "/v1/moderations/"),
    ],
)
def test_other_traffic_passes_where_unread_calls_are_refused(
    harness: Harness, echo: Echo, body: bytes, path: str
) -> None:
    gate = harness.wrap(echo, unread="refuse")

    start, *_ = harness.drive(gate, body, path=path, headers=[JSON])

    assert (start["status"], echo.bodies) == (200, [body])


def test_a_long_body_to_a_path_that_is_not_known_is_refused_only_if_it_is_json(
    harness: Harness, echo: Echo
) -> None:
    gate = harness.wrap(echo, unread="refuse", body={"max_bytes": 1024})
    long = b'{"prompt":"' + b"x" * 2_000 + b'"}'

    start, *_ = harness.drive(gate, long, path="/v9/ask", headers=[PLAIN])
    assert start["status"] == 400

    start, *_ = harness.drive(gate, b"y" * 2_000, b"z", path="/v9/file", headers=[PLAIN])
    assert (start["status"], echo.bodies) == (200, [b"y" * 2_000 + b"z"])


@pytest.mark.parametrize(
    "path", ["/audio/transcriptions", "/audio/translations", "/images/edits", "/videos"]
)
def test_forms_that_are_no_text_call_pass_though_they_have_a_prompt(
    harness: Harness, echo: Echo, path: str
) -> None:
    body = b'--b\r\ncontent-disposition: form-data; name="prompt"\r\n\r\na\r\n--b--\r\n'

    start, *_ = harness.drive(
        harness.wrap(echo, unread="refuse"), body, path=f"/v1{path}", headers=[PARTS]
    )

    assert (start["status"], echo.bodies) == (200, [body])


def sockets(harness: Harness, path: str, **options: Any) -> tuple[list[str], list[Message]]:
    """Open a WebSocket through a gate; return the paths that its application saw, and what came."""
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        await send({"type": "websocket.accept"})

    scope = {"type": "websocket", "path": path, "headers": [], "query_string": b""}
    run = harness.run(harness.wrap(app, **options), scope, [{"type": "websocket.connect"}])
    return seen, asyncio.run(run)


@pytest.mark.parametrize(
    ("path", "counted"),
    [
        ("/v1/realtime", True),
        ("/v1/responses", True),
        ("/v1/live/sessions", True),
        ("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", True),
        ("/ws", False),
        ("/v1/alive", False),
    ],
)
def test_a_websocket_that_may_ask_a_model_is_counted_and_may_be_closed(
    harness: Harness, path: str, counted: bool
) -> None:
    accepted: Message = {"type": "websocket.accept"}
    closed: Message = {"type": "websocket.close", "code": 1008}
    ends = f"/{path.rpartition('/')[2]}"

    assert sockets(harness, path) == ([path], [accepted])
    assert harness.heard.reasons == ["websocket"] * counted
    assert sockets(harness, path, unread="refuse", unread_allowed=[ends]) == ([path], [accepted])
    shut = sockets(harness, path, unread="refuse")
    assert shut == (([], [closed]) if counted else ([path], [accepted]))
    assert len(harness.heard.answered) == counted

"""The bytes of all bodies under way are bounded, and nothing is held longer than it is needed."""

import asyncio
import contextlib
import gc
import json
from typing import Any

from starlette.types import Message, Receive, Scope, Send
from tests.asgi.conftest import HEADERS, Echo, Harness, request

from distillgate.wire.request import Request

CALL: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x" * 3000}]}
BODY = json.dumps(CALL).encode()
LIMITS: dict[str, Any] = {"body": {"max_bytes": 4096, "max_held_bytes": 5000}}


class Slow:
    """An app that answers only when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Semaphore(0)
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == BODY
        self.asked.release()
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


def test_a_body_past_what_all_may_hold_is_told_to_come_back_and_room_is_given_back(
    harness: Harness,
) -> None:
    async def play() -> None:
        app = Slow()
        gate = harness.wrap(app, **LIMITS)

        async def call(*chunks: bytes) -> list[Message]:
            scope, messages = request(*chunks)
            return await harness.run(gate, scope, messages)

        first = asyncio.ensure_future(call(BODY))
        await app.asked.acquire()
        for chunks in [(BODY,), (BODY[:1000], BODY[1000:2500], BODY[2500:])]:
            start, body, *_ = await call(*chunks)
            headers = dict(start["headers"])
            assert start["status"] == 503
            assert int(headers[b"retry-after"]) >= 1
            assert headers[b"x-should-retry"] == b"true"
            assert json.loads(body["body"])["error"]["code"] == "overloaded"
        assert gate.context.ledger.held == len(BODY)
        app.go.set()
        await first
        assert gate.context.ledger.held == 0
        assert (await call(BODY))[0]["status"] == 200
        assert gate.context.ledger.held == 0

    asyncio.run(play())
    assert harness.heard.reasons == ["crowded", "crowded"]


def test_a_client_that_leaves_while_it_sends_leaves_nothing_behind(
    harness: Harness, echo: Echo
) -> None:
    gate = harness.wrap(echo, **LIMITS)
    scope, messages = request(BODY[:2000], BODY[2000:])

    asyncio.run(harness.run(gate, scope, [messages[0], {"type": "http.disconnect"}]))

    assert gate.context.ledger.held == 0
    assert echo.bodies == []


def test_an_app_that_fails_leaves_nothing_behind(harness: Harness) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise RuntimeError("broken")

    gate = harness.wrap(broken, **LIMITS)
    scope, messages = request(BODY)
    with contextlib.suppress(RuntimeError):
        asyncio.run(harness.run(gate, scope, messages))

    assert gate.context.ledger.held == 0


def test_the_json_of_a_request_is_let_go_before_the_app_answers(harness: Harness) -> None:
    documents: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        found = [thing for thing in gc.get_objects() if isinstance(thing, Request)]
        found = [one for one in found if one.newest == CALL["messages"][0]["content"]]
        documents.extend(len(one.document) for one in found)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    sent = harness.drive(harness.wrap(app), BODY, headers=HEADERS)

    assert sent[0]["status"] == 200
    assert documents
    assert not any(documents)
    assert harness.heard.failures == []

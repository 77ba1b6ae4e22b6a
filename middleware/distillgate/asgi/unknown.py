"""Requests of no call that is read: counted, and refused where that is wanted and they ask a model.

What a host sells on a path that the gate does not know, or by WebSocket, is neither judged nor
limited: an operator must see that there is such traffic, and may turn it away.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.asgi import body as bodies
from distillgate.asgi.body import MAX_DECODED_BYTES
from distillgate.asgi.context import Context
from distillgate.asgi.refuse import respond_early, unreadable
from distillgate.dialects.registry import match
from distillgate.errors import WireError
from distillgate.wire.bounds import NARROW
from distillgate.wire.codings import codings, is_plain, readings
from distillgate.wire.document import read_request
from distillgate.wire.forms import ASKING, is_form
from distillgate.wire.names import fold
from distillgate.wire.target import plain_path

REASON = "unknown"
"""The word such requests are counted under."""
SOCKET = "websocket"
"""The word for WebSockets by which a model may be asked."""
_LIVE = re.compile(r"/(?:realtime|live)(?:/|$)|bidi")
"""Paths on which models are asked by nothing else; LiteLLM, and OpenAI, take calls by one, too."""

_METHODS = frozenset({"POST", "PUT", "PATCH"})


def asks_live(path: str) -> bool:
    """Return whether a model may be asked by a WebSocket to a path."""
    return match("POST", path) is not None or _LIVE.search(plain_path(path).lower()) is not None


def may_carry_json(scope: Scope) -> bool:
    """Return whether a request is of a method that carries a body, or says that it has one."""
    return scope["method"] in _METHODS or bodies.is_declared(scope["headers"])


def asks_a_model(bodies_: Sequence[bytes]) -> bool:
    """Return whether one of the readings of a body is an object that asks something.

    What cannot be read may: the upstream may read it.
    """
    for body in bodies_:
        try:
            value = read_request(body, NARROW).value
        except WireError as error:
            if error.reason != "malformed":
                return True
            continue
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict) and not ASKING.isdisjoint(map(fold, item)) for item in items):
            return True
    return False


_POLICY = 1008
"""The code of a message that breaks rules (RFC 6455); before a handshake it becomes a 403."""


class Unknown:
    """Handles requests of no known call."""

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request if its body is JSON, and pass it on or refuse it."""
        settings = self._context.settings
        if settings.unread == "refuse" and not self._is_allowed(plain_path(scope["path"])):
            await self._guard(scope, receive, send)
        elif "json" in _content_type(scope):
            self._count()
            await self._app(scope, receive, send)
        else:
            await self._app(scope, Peek(receive, self._count), send)

    async def socket(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a WebSocket by which a model may be asked, and pass it on or close it."""
        answer = None
        if asks_live(scope["path"]):
            allowed = self._is_allowed(plain_path(scope["path"]))
            answer = None if allowed else unreadable(self._context, None, SOCKET)
        if answer is None:
            await app(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY})

    def _count(self) -> None:
        self._context.observer.unread(None, REASON)

    def _is_allowed(self, path: str) -> bool:
        return path.endswith(self._context.settings.unread_allowed)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        limits = self._context.settings.body
        body = await bodies.read(receive, max_bytes=limits.max_bytes)
        if body is None:
            return
        asks = await self._asks(scope, body)
        answer = unreadable(self._context, None, REASON) if asks else None
        if answer is not None:
            limit = limits.max_bytes if body.more else 0
            await respond_early(answer, receive, send, max_bytes=limit)
            return
        await self._app(scope, bodies.Replay(receive, body.data, more=body.more), send)

    async def _asks(self, scope: Scope, body: bodies.Body) -> bool:
        kind = _content_type(scope)
        if body.oversize:
            return "json" in kind or _begins_json(body.data)
        names = codings(scope["headers"])
        limit = MAX_DECODED_BYTES

        def work() -> bool:
            try:
                plain = readings(body.data, names, content_type=kind, max_bytes=limit)
            except WireError:
                return "json" in kind or is_form(kind)
            return asks_a_model(plain.bodies)

        if not names and is_plain(kind) and not _begins_json(body.data):
            return False
        return await self._context.tasks.thread(work)


class Peek:
    """A `receive` that calls back where the body that it brings begins as JSON does."""

    __slots__ = ("_found", "_receive")

    def __init__(self, receive: Receive, found: Callable[[], None]) -> None:
        self._receive = receive
        self._found: Callable[[], None] | None = found

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        found: Callable[[], None] | None = self._found
        start: Any = message.get("body")
        if found is not None and start:
            self._found = None
            if _begins_json(bytes(start[:64])):
                found()
        return message


def _content_type(scope: Scope) -> str:
    headers = scope["headers"]
    found = next((value for name, value in headers if name == b"content-type"), b"")
    return found.decode("latin-1").lower()


def _begins_json(data: bytes) -> bool:
    return data[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] in (b"{", b"[", b"/")

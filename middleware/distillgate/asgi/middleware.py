"""The gate as pure ASGI middleware. Configuration only: `GateResponder` holds a request's state."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from distillgate.asgi import body as bodies
from distillgate.asgi.context import Context
from distillgate.asgi.cors import origin_of
from distillgate.asgi.identity import Identity, first_values
from distillgate.asgi.reference import new_reference
from distillgate.asgi.refuse import UNAVAILABLE, respond, respond_early, unreadable
from distillgate.asgi.responder import GateResponder
from distillgate.asgi.stored import Stored, fetching
from distillgate.asgi.unknown import Unknown, may_carry_json
from distillgate.dialects.registry import match, match_stored
from distillgate.wire.operation import Operation
from distillgate.wire.refusal import Refusal, refusal

if TYPE_CHECKING:
    from distillgate.telemetry.otel.spans import Spans


class Forwarding:
    """An application within the upstream's span."""

    def __init__(self, app: ASGIApp, spans: "Spans") -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""

        async def watched(message: Message) -> None:
            self._spans.received(message)
            await send(message)

        with self._spans.forwarding(scope) as handed:
            await self._app(handed, receive, watched)


async def within(
    spans: "Spans", carry: Callable[[Receive, Send], Awaitable[None]], receive: Receive, send: Send
) -> None:
    """Carry an exchange within its own span."""

    async def watched(message: Message) -> None:
        spans.sent(message)
        await send(message)

    try:
        await carry(receive, watched)
    except BaseException as error:
        spans.failed(error)
        raise
    finally:
        spans.leave()


REASON = "headers"
"""The word such requests are counted under."""

_ONCE = frozenset({b"host", b"content-length", b"transfer-encoding", b"content-type"})


def are_ambiguous(scope: Scope, values: Mapping[str, str], naming: Collection[bytes]) -> bool:
    """Return whether a body's length, or who asks, depends on who reads a request's headers.

    `values` are the first of each name, `naming` the headers that say who asks.
    """
    coding = values.get("transfer-encoding")
    if coding is not None and ("content-length" in values or coding.strip().lower() != "chunked"):
        return True
    headers = scope["headers"]
    if len(values) == len(headers):  # nearly always: no name comes twice
        return False
    said = [name for name, _ in headers if name in _ONCE or name in naming]
    return len(said) != len(set(said))


_BARE = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
"""Methods whose requests nearly never have a body."""


def _method(scope: Scope) -> str:
    """Return the method that a request is answered by.

    Handlers that do not ask for it (Go's, raw ASGI applications) answer any that brings a body.
    """
    method: str = scope["method"]
    if method in _BARE and not bodies.is_declared(scope["headers"]):
        return method
    return "POST"


class GateMiddleware:
    """Judges the API calls it knows; everything else passes untouched, but for what looks like a
    model call and `asgi.unread: refuse` turns away.

    Not `BaseHTTPMiddleware`: that one hides the client's disconnect from the application, which
    then goes on generating for nobody.
    """

    def __init__(self, app: ASGIApp, context: Context) -> None:
        self.app = app
        self.context = context
        self._others = partial(fetching, app, context)
        self._unknown = Unknown(self._others, context)
        self._stored = Stored(self._others, context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await self._unknown.socket(self.app, scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return
        origin = origin_of(scope["headers"])
        if origin is not None:
            send = self.context.cors.watch(origin, send)
        operation = match(_method(scope), scope["path"])
        if operation is None:
            await self._other(scope, receive, send)
            return
        context, headers = self.context, first_values(scope["headers"])
        if await self._turns_away(operation, scope, headers, receive, send):
            return
        identity = self._identify(scope, operation, headers)
        if isinstance(identity, Refusal):
            await respond(identity, send)
        elif identity is None:
            await self.app(scope, receive, send)
        else:
            tracer, app = context.tracer, self.app
            spans = None if tracer is None else tracer.begin(scope, operation, headers)
            app = app if spans is None else Forwarding(app, spans)
            responder = GateResponder(app, context, scope, operation, identity, headers, spans)
            await (responder if spans is None else partial(within, spans, responder))(receive, send)

    async def _turns_away(
        self,
        operation: Operation,
        scope: Scope,
        headers: Mapping[str, str],
        receive: Receive,
        send: Send,
    ) -> bool:
        """Count a call whose headers can be read in two ways; answer it where that is wanted."""
        context, identifier = self.context, self.context.identifier
        doubtful = are_ambiguous(scope, headers, identifier.headers)
        if not doubtful and not identifier.doubts(scope, headers):
            return False
        answer = unreadable(context, operation, REASON)
        if answer is not None:
            limit = context.settings.body.max_bytes
            await respond_early(answer, receive, send, max_bytes=limit)
        return answer is not None

    def _identify(
        self, scope: Scope, operation: Operation, headers: Mapping[str, str]
    ) -> Identity | Refusal | None:
        """Return whose call it is; None where nobody answers for it, or nobody could be found."""
        context = self.context
        try:
            identity = context.identifier.identify(scope, headers)
        except Exception as error:  # noqa: BLE001 - the host's own callable may raise anything
            context.observer.failed("identify", error)
            closed = refusal(operation.errors, UNAVAILABLE, new_reference())
            return closed if context.fail_closed else None
        if identity is None:
            context.observer.unread(operation, "anonymous")
        return identity

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle what is no call that is read."""
        kept = match_stored(scope["method"], scope["path"])
        if kept is not None:
            headers = first_values(scope["headers"])
            if not await self._turns_away(kept, scope, headers, receive, send):
                await self._stored(kept, scope, receive, send)
        elif may_carry_json(scope):
            await self._unknown(scope, receive, send)
        else:
            await self._others(scope, receive, send)

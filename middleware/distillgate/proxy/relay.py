"""The relay: one request in, the same request out, and the answer back as it comes.

An ASGI application like any other, so the gate goes round it as it goes round a host.
"""

import asyncio
from collections.abc import AsyncIterator
from hmac import compare_digest

from starlette.types import Receive, Scope, Send

from distillgate.asgi.address import Addresses, AddressSettings
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.asgi.reference import REFERENCE, client_reference, new_reference
from distillgate.asgi.refuse import respond
from distillgate.dialects.registry import errors_for
from distillgate.errors import UpstreamError
from distillgate.proxy.client import Client
from distillgate.proxy.headers import content_length
from distillgate.proxy.observer import NOBODY, Observer
from distillgate.proxy.scope import outgoing, target
from distillgate.proxy.settings import ProxySettings
from distillgate.proxy.upstream import Answer, Upstream, cause
from distillgate.proxy.websocket import Line, WebSockets, deny, relay_websocket
from distillgate.wire.refusal import Errors, Problem, refusal, stream_error

CODES = {
    400: "invalid_request",
    401: "wrong_key",
    502: "upstream_unavailable",
    504: "upstream_timeout",
}
"""The machine-readable reasons of the relay's own answers."""


_CREDENTIALS = frozenset({b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key"})
"""Headers that carry a key."""

_DEFAULT = Addresses(AddressSettings())


class Relay:
    """Sends every request to the upstream. Holds configuration and the pool; no request's state.

    `observer` hears of what the upstream failed to answer; the gate's telemetry is one. `admin_key`
    opens the operator's pages: a request that carries it was meant for them, and the upstream must
    not learn it.
    """

    def __init__(
        self,
        settings: ProxySettings,
        observer: Observer = NOBODY,
        *,
        admin_key: str | None = None,
    ) -> None:
        self.settings = settings
        self.context: Context | None = None
        """The gate's, where there is one: it knows which peers are believed, reloaded or not."""
        self._admin_key = None if admin_key is None else admin_key.encode()
        self.observer = observer
        self.upstream = Upstream(settings)
        self._websockets = WebSockets(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Relay one request or one WebSocket; open and close the pool with the server."""
        if scope["type"] == "http":
            responder = _Responder(self, scope, receive, send)
            await (responder.keep_from_upstream() if self._opens_pages(scope) else responder.run())
        elif scope["type"] == "websocket":
            if self._opens_pages(scope):
                await deny(scope, send, 401)
                return
            line = Line(self._websockets, self.settings, self.observer, self.trusts, self.own)
            await relay_websocket(line, scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    @property
    def own(self) -> frozenset[bytes]:
        """Headers that name an account: the proxy's to set, where they are believed."""
        return frozenset() if self.context is None else self.context.identifier.headers

    def trusts(self, peer: str | None) -> bool:
        """Return whether a peer's forwarding headers go on; None is one without an address."""
        return (self.context.identifier if self.context is not None else _DEFAULT).trusts(peer)

    async def close(self) -> None:
        """Close the pool; for whoever runs the relay without a lifespan."""
        await self.upstream.close()

    def _opens_pages(self, scope: Scope) -> bool:
        key = self._admin_key
        return key is not None and any(
            name in _CREDENTIALS and compare_digest(value.rpartition(b" ")[2], key)
            for name, value in scope["headers"]
        )

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.upstream.open()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


class _Responder:
    """One request under way.

    A client that leaves is noticed in every window: while it still sends, while the upstream
    thinks, and while the answer streams. Then this task is cancelled where it stands, as a timeout
    would (of which each costs 3 µs), and closing the upstream's connection is how the upstream
    learns of it.
    """

    def __init__(self, relay: Relay, scope: Scope, receive: Receive, send: Send) -> None:
        self._relay = relay
        self._scope = scope
        self._send = send
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._client = Client(receive, task.cancel)
        self._answer: Answer | None = None

    async def run(self) -> None:
        """Relay to the end, or until the client is gone."""
        try:
            await self._exchange()
        except asyncio.CancelledError:
            if not self._client.gone or self._task.uncancel() > 0:
                raise
        finally:
            self._client.settle()
            if self._answer is not None:
                self._answer.close()

    async def keep_from_upstream(self) -> None:
        """Answer a request whose key is for the operator's pages and for nobody else."""
        errors, reference = self._speech()
        message = "This key is for the gate's own pages, which are under another path."
        problem = Problem(401, CODES[401], message, should_retry=False)
        await respond(refusal(errors, problem, reference), self._send)

    async def _exchange(self) -> None:
        scope, settings = self._scope, self._relay.settings
        body = [await self._client.body()]
        headers = outgoing(scope, settings, self._relay.trusts, self._relay.own)
        if isinstance(body[0], AsyncIterator):
            length = content_length(scope["headers"])
            if length is not None:
                headers.append((b"content-length", str(length).encode()))
        if self._client.gone:
            return
        try:
            upstream = self._relay.upstream
            # Taken out, so that nobody here holds it while the upstream thinks and answers.
            self._answer = await upstream.ask(scope["method"], target(scope), headers, body.pop())
        except UpstreamError as error:
            if not self._client.gone:
                await self._refuse(error)
            return
        await self._stream(self._answer)

    async def _stream(self, answer: Answer) -> None:
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        await self._send(start)
        last = False
        while not last:
            try:
                chunk, last = await answer.read()
            except UpstreamError as error:
                await self._break_off(error, answer)
                return
            if last:
                self._client.settle()
            if chunk or last:
                await self._send(
                    {"type": "http.response.body", "body": chunk, "more_body": not last}
                )

    async def _refuse(self, error: UpstreamError) -> None:
        """Answer for an upstream that did not."""
        errors, reference = self._speech()
        self._report(error, reference, begun=False)
        no = refusal(errors, _problem(error), reference)
        self._client.settle()
        await respond(no, self._send)

    async def _break_off(self, error: UpstreamError, answer: Answer) -> None:
        """End an answer that the upstream left unfinished so that nobody takes it for whole.

        A stream of events ends with an event that the SDKs raise. Anything else, and events that
        are compressed or counted, can only be cut: the server closes the connection.
        """
        errors, reference = self._speech()
        self._report(error, reference, begun=True)
        headers = dict(answer.headers)
        events = headers.get(b"content-type", b"").lower().startswith(b"text/event-stream")
        if not events or headers.keys() & {b"content-encoding", b"content-length"}:
            raise error
        event = stream_error(errors, _problem(error), reference)
        self._client.settle()
        await self._send({"type": "http.response.body", "body": event, "more_body": False})

    def _speech(self) -> tuple[Errors, str]:
        """Return how this client is told of an error, and the reference it is named by."""
        scope, headers = self._scope, first_values(self._scope["headers"])
        errors = errors_for(scope["method"], scope["path"], headers)
        return errors, scope.get(REFERENCE) or new_reference()

    def _report(self, error: UpstreamError, reference: str, *, begun: bool) -> None:
        self._relay.observer.upstream_error(
            error.kind,
            status=error.status,
            begun=begun,
            reference=reference,
            client_reference=client_reference(first_values(self._scope["headers"])),
            cause=cause(error),
        )


def _problem(error: UpstreamError) -> Problem:
    return Problem(error.status, CODES[error.status], str(error))

"""Exchanges that another proxy forwards: judged here, and learned from by what that proxy tells.

The gate's middleware runs as it does in front of an application. The application is a stand-in: it
hands out what is to be forwarded, and waits to be told the answer, message by message. So decision,
evidence and budgets are those of a relayed exchange.
"""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

from starlette.types import Message, Receive, Scope, Send

from distillgate.actions.plan import Plan
from distillgate.asgi.context import Context
from distillgate.asgi.middleware import GateMiddleware
from distillgate.asgi.reference import JUDGED, REFERENCE
from distillgate.dialects.registry import match_stored
from distillgate.policy.decision import Decision

Header = tuple[bytes, bytes]

EXPIRES = 900.0
"""Seconds after which an exchange whose answer nobody told ends as if its client had gone away.
SDKs wait 600 for an answer."""
UNDER_WAY = 16_384
"""Exchanges that are under way at once; the oldest is then ended so, and likewise where the bodies
of all come to half of `asgi.body.max_held_bytes`: whoever never tells must not shut others out."""

_DETACHED = "distillgate.detached"
"""The key of a scope that names its exchange."""


class Forward(NamedTuple):
    """What the other proxy is to forward."""

    body: bytes | None = None
    """The body to forward in place of the one that came."""
    headers: tuple[Header, ...] = ()
    """Headers to forward in place of those of the same names."""
    removed: tuple[bytes, ...] = ()
    """Headers to leave out."""
    learns: bool = False
    """Its answer is waited for."""


class Respond(NamedTuple):
    """What the other proxy is to answer instead of forwarding."""

    status: int
    headers: tuple[Header, ...]
    body: bytes


def scope_of(
    method: str,
    target: str,
    headers: Sequence[Header],
    peer: str | None,
    *,
    scheme: str = "http",
    encoding: str = "utf-8",
) -> Scope:
    """Return the scope of a request that another proxy tells of; `peer` is who asked that."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(encoding, "surrogatepass"),
        "query_string": query.encode(encoding, "surrogatepass"),
        "root_path": "",
        "headers": headers,
        "client": None if peer is None else (peer, 0),
        "server": None,
        "state": {},
    }


class Detached:
    """One exchange. Belongs to the event loop; `Detaching` begins it."""

    def __init__(self, scope: Scope, body: bytes, *, expires: float = EXPIRES) -> None:
        self.id = os.urandom(16).hex()
        """Tells nothing to whoever does not have it from the gate."""
        self.scope: Scope = {**scope, _DETACHED: self}
        self.size = len(body)
        self._body = body
        self._expires = expires
        self._loop = asyncio.get_running_loop()
        self._decided: asyncio.Future[Forward | Respond] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[object] | None = None
        self._pass: Send | None = None
        self._out: list[Message] = []

    async def decided(self) -> Forward | Respond:
        """Wait until it is judged."""
        return await self._decided

    @property
    def judged(self) -> tuple[Decision, Plan] | None:
        """What was decided; None where it is not read, or could not be."""
        return self.scope.get(JUDGED)

    @property
    def reference(self) -> str:
        """The gate's own reference; empty where it is not read."""
        found: str = self.scope.get(REFERENCE, "")
        return found

    @property
    def over(self) -> bool:
        """Return whether nothing more can be told of it."""
        return self._pass is None or self._ended.is_set()

    async def tell(self, message: Message) -> list[Message]:
        """Take a message of the upstream's answer; return what the client is to get now.

        Raises `WireError` for an answer that cannot be changed and must not pass as it is.
        """
        assert self._pass is not None
        self._out = []
        await self._pass(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._ended.set()
        return self._out

    def abandon(self) -> None:
        """End it as if its client had gone away."""
        if self._task is not None and not self._ended.is_set():
            self._ended.set()
            self._task.cancel()

    async def run(self, gate: GateMiddleware) -> None:
        """Carry it from its first byte to its last."""
        self._task = asyncio.current_task()
        try:
            await gate(self.scope, self._receive, self._send)
        finally:
            self._ended.set()
            # Circles would keep it, and what was asked, for a while.
            del self.scope[_DETACHED]
            self._pass = self._task = None
            if not self._decided.done():
                self._decided.set_result(self._answered())

    async def forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stand in for the upstream."""
        message = await receive()
        came, self._body, self._pass = self._body, b"", send
        self._drop_pace()
        self._decided.set_result(self._forwarded(scope, came, message.get("body", b"")))
        del message, came
        timer = self._loop.call_later(self._expires, self.abandon)
        try:
            await self._ended.wait()
        finally:
            timer.cancel()

    async def _receive(self) -> Message:
        if self._decided.done():
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Message) -> None:
        self._out.append(message)

    def _drop_pace(self) -> None:
        # An answer that is told is not on its way: to hold it back would hold the proxy back.
        if self.judged is not None:
            self.judged[1].pace = None

    def _forwarded(self, scope: Scope, came: bytes, body: bytes) -> Forward:
        before, after = self.scope["headers"], scope["headers"]
        names = {name for name, _ in after}
        stored = match_stored(scope["method"], scope["path"]) is not None
        return Forward(
            body=None if body == came else body,
            headers=tuple([pair for pair in after if pair not in before]),
            removed=tuple(dict.fromkeys(name for name, _ in before if name not in names)),
            learns=self.judged is not None or stored,
        )

    def _answered(self) -> Forward | Respond:
        """Return the gate's own answer; where there is none, it is broken, and lets pass."""
        if not self._out:
            return Forward()
        start, *bodies = self._out
        body = b"".join(message.get("body", b"") for message in bodies)
        return Respond(start["status"], tuple(start["headers"]), body)


class Detaching:
    """Begins such exchanges, and bounds how many there are."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._gate = GateMiddleware(_forward, context)
        self._under_way: OrderedDict[str, Detached] = OrderedDict()
        self._held = 0

    async def begin(self, exchange: Detached) -> Forward | Respond:
        """Judge an exchange; what is not waited for ends at once."""
        self._make_room(exchange.size)
        self._held += exchange.size
        self._under_way[exchange.id] = exchange
        self._context.tasks.keep(self._run(exchange))
        try:
            found = await exchange.decided()
        except BaseException:
            exchange.abandon()
            raise
        if isinstance(found, Forward) and not found.learns:
            exchange.abandon()
        return found

    def find(self, name: str) -> Detached | None:
        """Return the exchange of an id; None where none is waited for."""
        found = self._under_way.get(name)
        return None if found is None or found.over else found

    async def _run(self, exchange: Detached) -> None:
        try:
            await exchange.run(self._gate)
        finally:
            self._forget(exchange)

    def _make_room(self, size: int) -> None:
        most = self._context.ledger.limit // 2
        while self._under_way and (len(self._under_way) >= UNDER_WAY or self._held + size > most):
            oldest = next(iter(self._under_way.values()))
            self._forget(oldest)
            oldest.abandon()

    def _forget(self, exchange: Detached) -> None:
        if self._under_way.pop(exchange.id, None) is not None:
            self._held -= exchange.size


async def _forward(scope: Scope, receive: Receive, send: Send) -> None:
    exchange: Detached = scope[_DETACHED]
    await exchange.forward(scope, receive, send)

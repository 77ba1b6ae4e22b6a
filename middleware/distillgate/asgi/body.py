"""A request's body: read up to a bound, understood on the side, replayed as it came."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field
from starlette.types import Message, Receive, Scope

from distillgate.settings import Settings
from distillgate.wire.forms import is_form


class BodySettings(Settings):
    """How much of a request is read, and where."""

    max_bytes: int = Field(default=20 * 1024 * 1024, ge=1024)
    """Bytes of a body that are held in memory. A million tokens of text fit; many images do not."""
    max_held_bytes: int = Field(default=512 * 1024 * 1024, ge=1024)
    """Bytes of bodies that all requests under way may hold together; one past it gets 503, and is
    told to come back. What is read of a body takes up to twice its length beside it."""
    oversize: Literal["refuse", "pass"] = "refuse"
    """What becomes of a larger body: answered with 413, or passed on unread and unscored. Uploads
    (parts; bytes, pictures or sound by their type, which do not start as JSON) pass in any case,
    but with `unread: refuse`."""


MAX_DECODED_BYTES = 20 * 1024 * 1024
"""Bytes that a compressed body may expand to while it is read, and 128 times its own length if that
is more than 256 KB; what becomes of a larger one, `asgi.unread` says."""
THREAD_BYTES = 128 * 1024
"""Bodies above this are parsed in a thread: one long prompt delays nobody else's stream."""
LONG_BYTES = 1 << 20
"""Bodies that may come to more are read one at a time: copying and parsing them holds the
interpreter's lock for 3 ms a megabyte, and takes up to three times the body beside it."""


class Ledger:
    """Counts the bytes that all requests of a process hold. Belongs to the event loop."""

    __slots__ = ("held", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    def take(self, size: int) -> bool:
        """Enter bytes that are to be held; False, and nothing is entered, past the bound."""
        if self.held + size > self.limit:
            return False
        self.held += size
        return True


@dataclass(slots=True)
class Body:
    """What was read of a body: all of it, or its beginning where it passed the bound."""

    data: bytes
    oversize: bool = False
    more: bool = False
    """Whether the server holds more of it."""
    crowded: bool = False
    """All requests together held too much to take more of it."""


def _any(_: int) -> bool:
    return True


async def read(
    receive: Receive,
    *,
    max_bytes: int,
    take: Callable[[int], bool] = _any,
    turn: Callable[[], Awaitable[None]] | None = None,
) -> Body | None:
    """Read a body to its end, or just past `max_bytes`; None where the client goes away first.

    `take` is asked before each piece is kept; where it says no, nothing is kept. `turn` is
    awaited before a long body is made of its pieces: many may be complete at once.
    """
    data = b""
    buffer: bytearray | None = None
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        if not take(len(chunk)):
            return Body(b"", more=more, crowded=True)
        if buffer is not None:
            buffer += chunk
        elif data:
            buffer = bytearray(data)
            buffer += chunk
        else:
            data = bytes(chunk)
        size = len(data if buffer is None else buffer)
        if not more or size > max_bytes:
            if turn is not None and size > LONG_BYTES:
                await turn()
            whole = data if buffer is None else bytes(buffer)
            return Body(whole, oversize=size > max_bytes, more=more)


async def drain(receive: Receive, *, max_bytes: int) -> None:
    """Read and drop what is left of a body, at most `max_bytes`.

    A server that closes a connection with unread bytes resets it, and the client never sees the
    answer that says why (RFC 9112 section 9.6).
    """
    size = 0
    while size <= max_bytes:
        message = await receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
        size += len(message.get("body", b""))


class Replay:
    """The `receive` the application gets: what was read, then the server's own.

    `Request.is_disconnected()` probes `receive` in a scope that is cancelled beforehand, so any
    suspension before the server's own `receive` would hide the answer: nothing is awaited here but
    that.
    """

    __slots__ = ("_message", "_receive", "disconnected")

    def __init__(self, receive: Receive, body: bytes, *, more: bool = False) -> None:
        self._receive = receive
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": more}
        self.disconnected = False

    async def __call__(self) -> Message:
        """Return the next message."""
        if self._message is not None:
            message, self._message = self._message, None
            return message
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self.disconnected = True
        return message


def declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Read `content-length`; 0 where there is none, or none that is a number."""
    for name, value in headers:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < 20 else 0
    return 0


def is_declared(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether headers tell of a body; GET may have one (RFC 9110 section 9.3.1)."""
    given = dict(headers)
    return b"transfer-encoding" in given or given.get(b"content-length", b"0").strip(b"0") != b""


def rewritten(
    scope: Scope, body: bytes | None, headers: Iterable[tuple[bytes, bytes]] = ()
) -> Scope:
    """Copy a scope for another body, whose length is right, and which is no longer compressed and
    no form.

    `headers` take the place of those of the same names. None leaves the body's own headers.
    """
    old, new = scope["headers"], list(headers)
    stale = {name for name, _ in new}
    if body is not None:
        if any(name == b"content-type" and is_form(value.decode("latin-1")) for name, value in old):
            stale.add(b"content-type")
            new.append((b"content-type", b"application/json"))
        stale |= {b"content-length", b"content-encoding", b"transfer-encoding"}
        new.append((b"content-length", str(len(body)).encode()))
    return {**scope, "headers": [pair for pair in old if pair[0] not in stale] + new}

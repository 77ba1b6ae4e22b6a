"""A request's body: read up to a bound, understood on the side, replayed as it came."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from pydantic import Field
from starlette.types import Message, Receive, Scope

from distillgate.errors import WireError
from distillgate.settings import Settings
from distillgate.wire.encoding import ERRORS, Brotli, Stream, unzstd

GZIP = 31
"""zlib's `wbits` for the gzip container."""

MAX_CODINGS = 4
MAX_MEMBERS = 16
"""Codings applied to one body, and members of one gzip body; each costs a pass over the data."""


class BodySettings(Settings):
    """How much of a request is read, and where."""

    max_bytes: int = Field(default=20 * 1024 * 1024, ge=1024)
    """Bytes of a body that are held in memory. A million tokens of text fit; many images do not."""
    oversize: Literal["refuse", "pass"] = "refuse"
    """What becomes of a larger body: answered with 413, or passed on unread and unscored."""
    max_decoded_bytes: int = Field(default=20 * 1024 * 1024, ge=1024)
    """Bytes a compressed body may expand to while it is read; a larger one passes on unscored."""
    thread_bytes: int = Field(default=128 * 1024, ge=0)
    """Bodies above this are parsed in a thread: one long prompt delays nobody else's stream."""


@dataclass(slots=True)
class Body:
    """What was read of a body: all of it, or its beginning where it passed the bound."""

    data: bytes
    oversize: bool = False
    more: bool = False
    """Whether the server holds more of it."""


async def read(receive: Receive, *, max_bytes: int) -> Body | None:
    """Read a body to its end, or just past `max_bytes`; None where the client goes away first."""
    data = b""
    buffer: bytearray | None = None
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        if buffer is not None:
            buffer += chunk
        elif data:
            buffer = bytearray(data)
            buffer += chunk
        else:
            data = bytes(chunk)
        size = len(data if buffer is None else buffer)
        if not more or size > max_bytes:
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
        """Give the next message."""
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


def rewritten(
    scope: Scope, body: bytes | None, headers: Iterable[tuple[bytes, bytes]] = ()
) -> Scope:
    """Copy a scope for another body, whose length is right and which is no longer compressed.

    `headers` take the place of those of the same names. None leaves the body's own headers.
    """
    new = list(headers)
    stale = {name for name, _ in new}
    if body is not None:
        stale |= {b"content-length", b"content-encoding", b"transfer-encoding"}
        new.append((b"content-length", str(len(body)).encode()))
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in stale] + new}


def decode(data: bytes, encodings: Sequence[str], *, max_bytes: int) -> bytes:
    """Undo `Content-Encoding` (RFC 9110 section 8.4), the outermost coding last in `encodings`.

    Raises `WireError` for codings that are not known here, for broken data, and for what would
    expand past `max_bytes`.
    """
    if len(encodings) > MAX_CODINGS:
        raise WireError("body is compressed more often than anything sensible is")
    for encoding in reversed(encodings):
        if encoding in ("gzip", "x-gzip"):
            data = _expand(data, partial(zlib.decompressobj, GZIP), max_bytes)
        elif encoding == "deflate":
            wbits = 15 if _has_zlib_header(data) else -15
            data = _expand(data, partial(zlib.decompressobj, wbits), max_bytes, members=1)
        elif encoding == "zstd":
            data = _expand(data, unzstd, max_bytes)
        elif encoding == "br":
            data = _expand(data, Brotli, max_bytes, members=1)
        elif encoding != "identity":
            raise WireError(f"content-encoding {encoding[:32]!r} is not read here")
    return data


def encodings(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """List the codings a body went through, in the order they were applied."""
    values = [value for name, value in headers if name == b"content-encoding"]
    names = b",".join(values).decode("latin-1").lower().split(",") if values else []
    return [name.strip() for name in names if name.strip()]


def _expand(
    data: bytes, stream: Callable[[], Stream], max_bytes: int, *, members: int = MAX_MEMBERS
) -> bytes:
    """Expand what was compressed, one member after the other, up to a bound."""
    parts: list[bytes] = []
    for _ in range(members):
        member = stream()
        try:
            parts.append(member.decompress(data, max_bytes + 1))
        except ERRORS as error:
            raise WireError(f"compressed body cannot be read: {error}") from error
        max_bytes -= len(parts[-1])
        if max_bytes < 0:
            raise WireError("compressed body expands past the bound")
        if not member.eof:
            raise WireError("compressed body ends early")
        data = member.unused_data
        if not data:
            break
    if data and members > 1:
        raise WireError("compressed body has too many members")
    return b"".join(parts)


def _has_zlib_header(data: bytes) -> bool:
    """Tell zlib (RFC 1950) from the raw deflate some clients send under the same name."""
    return len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0

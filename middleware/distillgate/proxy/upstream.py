"""Requests to the upstream, over connections of our own (`proxy.connection`).

Every client for asyncio costs two to ten times as much as all the rest of the relay
(docs/performance.md).

A request that fails on a kept connection before a byte of an answer came is sent again if its
method is idempotent; a POST never is (RFC 9110 9.2.2): it may have been answered and paid for.
Connections are therefore kept for less than the upstream keeps them, and the SDKs, which may know
better, retry the 502.
"""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from distillgate.errors import UpstreamError
from distillgate.proxy.connection import Body, Connection
from distillgate.proxy.headers import Headers, response_headers
from distillgate.proxy.pool import Pool
from distillgate.proxy.settings import ProxySettings, socket_path

WHOLE_BYTES = 512 * 1024
"""A body up to this size is written at once, headers and all; a larger one in slices."""

SLICE_BYTES = 64 * 1024
"""How much of a large body is handed to the socket before the event loop may do something else."""

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "DELETE", "CONNECT"})
"""Methods for which no body is not worth saying (RFC 9110 8.6)."""


class Upstream:
    """The service behind the gate, as a bounded pool of connections to it."""

    def __init__(self, settings: ProxySettings) -> None:
        self._settings = settings
        self._idle = settings.idle_seconds
        self._pool: Pool | None = None
        local = socket_path(settings.upstream) is not None
        parts = urlsplit("http://localhost" if local else settings.upstream)  # put into `Host`
        self._path = parts.path
        self._host = parts.netloc.encode("idna" if not parts.netloc.isascii() else "ascii")

    async def ask(self, method: str, target: str, headers: Headers, body: Body) -> "Answer":
        """Send a request and wait for the beginning of its answer.

        `target` is path and query as the client wrote them. An iterated body needs its length among
        `headers`, or goes chunked. Cancelling this closes the connection. Raises `UpstreamError`.
        """
        pool, again = self.open(), method in _IDEMPOTENT and not isinstance(body, AsyncIterator)
        head = self._head(method, target, headers, body)
        while True:
            connection, kept = await pool.take()
            pieces = _pieces(headers, body)
            if not again:
                body = None  # what is sent once is let go of once it is sent
            try:
                await connection.ask(
                    head,
                    pieces,
                    bodiless=method == "HEAD",
                    seconds=self._settings.first_byte_seconds,
                )
            except UpstreamError as error:
                pool.give(connection)
                if kept and again and connection.silent and error.kind == "broken":
                    continue
                raise
            except BaseException:
                pool.give(connection)
                raise
            connection.expect(self._idle)
            return Answer(connection, pool, method)

    def open(self) -> Pool:
        """Make the pool, in the running event loop, where there is none yet."""
        if self._pool is None:
            self._pool = Pool(self._settings)
        return self._pool

    async def close(self) -> None:
        """Close every connection. The next request would open a new pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()
            await asyncio.sleep(0)  # transports close in the event loop's next turn

    def _head(self, method: str, target: str, headers: Headers, body: Body) -> bytes:
        """Write a request's head. Raises `UpstreamError` for what would be more lines."""
        where = target if target == "*" else self._path + _rooted(target)
        start = f"{method} {where} HTTP/1.1".encode("latin-1")
        lines = [start, b"host: " + self._host, *[b"%b: %b" % pair for pair in headers]]
        if isinstance(body, bytes):
            lines.append(b"content-length: %d" % len(body))
        elif body is None:
            if method not in _WITHOUT_BODY:
                lines.append(b"content-length: 0")
        elif not _has_length(headers):
            lines.append(b"transfer-encoding: chunked")
        head = b"\r\n".join((*lines, b"", b""))
        ends = len(lines) + 1
        if head.count(b"\n") != ends or head.count(b"\r") != ends or b"\0" in head:
            text = "The request cannot be forwarded as it is."
            raise UpstreamError(text, status=400, kind="request")
        return head


class Answer:
    """An answer that has begun. Whoever has one must `close` it."""

    __slots__ = ("_connection", "_pool", "headers", "read", "status")

    def __init__(self, connection: Connection, pool: Pool, method: str) -> None:
        self._connection = connection
        self._pool = pool
        self.status = connection.status
        self.headers = response_headers(
            connection.headers, status=connection.status, head=method == "HEAD"
        )
        self.read = connection.read
        """Wait for bytes, give all that have come, and say whether they are the last.

        Raises `UpstreamError` where the answer breaks off or pauses too long.
        """

    def close(self) -> None:
        """Return the connection to the pool, or close it if the answer was not read to its end.

        Never waits, so a cancelled task cannot be stopped in the middle of it.
        """
        self._pool.give(self._connection)


def cause(error: UpstreamError) -> str:
    """Name what lies behind an error, for the log.

    A connection that failed says where to and why. Of everything else only the kind is told: the
    message may quote an answer, or the request's own address.
    """
    source = error.__cause__
    if error.kind == "connect" and source is not None:
        return f"{type(source).__name__}: {source}"
    return type(source or error).__name__


def _rooted(target: str) -> str:
    return target if target.startswith("/") else f"/{target}"


def _has_length(headers: Headers) -> bool:
    return any(name == b"content-length" for name, _ in headers)


def _pieces(headers: Headers, body: Body) -> Body:
    """Return a body as it is written: short ones whole, long ones sliced, others chunked."""
    if isinstance(body, bytes):
        return body if len(body) <= WHOLE_BYTES else _slices(body)
    return body if body is None or _has_length(headers) else _chunks(body)


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), SLICE_BYTES):
        yield body[start : start + SLICE_BYTES]
        await asyncio.sleep(0)


async def _chunks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Frame a body whose length nobody knows (RFC 9112 7.1)."""
    async for piece in body:
        if piece:
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"

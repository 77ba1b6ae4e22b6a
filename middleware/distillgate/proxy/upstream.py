"""The seam round the HTTP client of the hot path: nothing else in distillgate knows which it is.

aiohttp, because httpx and its heirs collapse under concurrency and pyreqwest holds chunks back or
pays twice for them. Everything it does of itself is off: redirects, cookies, decompression,
environment proxies, default headers, and its total timeout.

A request that fails on a kept connection is sent again by aiohttp if its method is idempotent and
no byte of an answer came; a POST never is (RFC 9110 9.2.2): it may have been answered and paid
for. Connections are therefore kept for less than the upstream keeps them, and the SDKs, which may
know better, retry the 502.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator

import aiohttp
import yarl
from aiohttp import DummyCookieJar

from distillgate.errors import UpstreamError
from distillgate.proxy.headers import Headers, response_headers
from distillgate.proxy.settings import ProxySettings

WHOLE_BYTES = 512 * 1024
"""A body up to this size is written at once, headers and all; a larger one in slices."""

SLICE_BYTES = 64 * 1024
"""How much of a large body is handed to the socket before the event loop may do something else."""

MAX_FIELD_BYTES = 64 * 1024
"""The longest header line an upstream may answer with."""

MAX_HEADERS = 512
"""How many headers an upstream may answer with."""

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The longest WebSocket message from the upstream; uvicorn's bound for those from clients."""

DNS_SECONDS = 30
"""How long an address is believed before the name is looked up again."""

Body = bytes | AsyncIterator[bytes] | None


class Upstream:
    """The service behind the gate, as a bounded pool of connections to it."""

    def __init__(self, settings: ProxySettings) -> None:
        self._settings = settings
        self._idle = settings.idle_seconds
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, target: str, headers: Headers, body: Body) -> "Answer":
        """Send a request and wait for the beginning of its answer.

        `target` is path and query as the client wrote them. An iterated body needs its length among
        `headers`, or goes chunked. Cancelling this closes the connection. Raises `UpstreamError`.
        """
        if isinstance(body, bytes):
            headers = [*headers, (b"content-length", str(len(body)).encode())]
            body = body if len(body) <= WHOLE_BYTES else _slices(body)
        session = self.open()
        try:
            response = await session.request(
                method,
                self._url(target),
                headers=_text(headers),
                data=body or None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise translated(error) from error
        self._expect_chunks(response)
        return Answer(response, method)

    async def connect(
        self, target: str, headers: Headers, protocols: list[str]
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket.

        Raises `UpstreamError`, and `aiohttp.WSServerHandshakeError` where the upstream answered
        with another status than 101.
        """
        try:
            return await self.open().ws_connect(
                self._url(target),
                headers=_text(headers),
                protocols=protocols,
                max_msg_size=MAX_MESSAGE_BYTES,
            )
        except aiohttp.WSServerHandshakeError:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise translated(error) from error

    def open(self) -> aiohttp.ClientSession:
        """Make the pool, in the running event loop, where there is none yet."""
        if self._session is None:
            settings = self._settings
            connector = aiohttp.TCPConnector(
                limit=settings.max_connections,
                keepalive_timeout=settings.keepalive_seconds,
                ttl_dns_cache=DNS_SECONDS,
                ssl=_tls(settings),
            )
            timeout = aiohttp.ClientTimeout(
                total=None,
                connect=settings.connect_seconds,
                sock_connect=settings.connect_seconds,
                sock_read=settings.first_byte_seconds,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                auto_decompress=False,
                cookie_jar=DummyCookieJar(),
                skip_auto_headers=("accept", "accept-encoding", "content-type", "user-agent"),
                max_line_size=MAX_FIELD_BYTES,
                max_field_size=MAX_FIELD_BYTES,
                max_headers=MAX_HEADERS,
            )
        return self._session

    async def close(self) -> None:
        """Close every connection. The next request would open a new pool."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _url(self, target: str) -> yarl.URL:
        slash = "" if target.startswith("/") else "/"
        return yarl.URL(f"{self._settings.upstream}{slash}{target}", encoded=True)

    def _expect_chunks(self, response: aiohttp.ClientResponse) -> None:
        """From the first byte on, what counts is the pause between chunks."""
        connection = response.connection
        if connection is not None and connection.protocol is not None:
            connection.protocol.read_timeout = self._idle
            connection.protocol.start_timeout()


class Answer:
    """An answer that has begun. Whoever has one must `close` it."""

    __slots__ = ("_response", "headers", "status")

    def __init__(self, response: aiohttp.ClientResponse, method: str) -> None:
        self._response = response
        self.status = response.status
        self.headers = response_headers(
            response.raw_headers, status=response.status, head=method == "HEAD"
        )

    async def read(self) -> tuple[bytes, bool]:
        """Wait for bytes, give all that have come, and say whether they are the last.

        Raises `UpstreamError` where the answer breaks off or pauses too long.
        """
        content = self._response.content
        try:
            return await content.readany(), content.at_eof()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise translated(error) from error

    def close(self) -> None:
        """Give the connection back, or close it where the answer was not read to its end.

        Never waits, so a cancelled task cannot be stopped in the middle of it.
        """
        self._response.close()


def translated(error: Exception) -> UpstreamError:
    """Say in the gateway's words what went wrong; the cause is for the log, not for the client."""
    if isinstance(error, TimeoutError):
        return UpstreamError("The upstream did not answer in time.", status=504, kind="timeout")
    if isinstance(error, aiohttp.ClientConnectorError):
        return UpstreamError("The upstream could not be reached.", kind="connect")
    if isinstance(error, ValueError) and not isinstance(error, aiohttp.ClientError):
        text = "The request cannot be forwarded as it is."
        return UpstreamError(text, status=400, kind="request")
    return UpstreamError("The upstream broke off.")


def cause(error: UpstreamError) -> str:
    """Name what was translated, for the log.

    A connection that failed says where to and why. Of everything else only the kind is told: the
    message may quote an answer, or the request's own address.
    """
    source = error.__cause__
    if isinstance(source, aiohttp.ClientConnectorError):
        return f"{type(source).__name__}: {source.host}:{source.port}: {source.strerror}"
    return type(source or error).__name__


def _text(headers: Headers) -> list[tuple[str, str]]:
    """Turn headers into what aiohttp takes. It will write them as UTF-8."""
    return [(name.decode("latin-1"), _value(value)) for name, value in headers]


def _value(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:  # ISO 8859-1 of old; it arrives recoded, as nothing can send it raw
        return value.decode("latin-1")


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), SLICE_BYTES):
        yield body[start : start + SLICE_BYTES]
        await asyncio.sleep(0)


def _tls(settings: ProxySettings) -> ssl.SSLContext | bool:
    if not settings.verify_tls:
        return False
    return ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True

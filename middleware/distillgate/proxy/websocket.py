"""The relay's WebSockets: messages both ways, and each side's close told to the other."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.frames import Close
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI

from distillgate.errors import UpstreamError
from distillgate.proxy.connection import late
from distillgate.proxy.headers import Headers, end_to_end
from distillgate.proxy.observer import Observer
from distillgate.proxy.pool import Dialer
from distillgate.proxy.scope import Trusts, outgoing, target
from distillgate.proxy.settings import ProxySettings, socket_path
from distillgate.proxy.upstream import cause

GOING_AWAY = 1001
BROKEN = 1011
"""What one side is told where the other vanished without a word (RFC 6455 7.4.1)."""

_SENDABLE = {1005: 1000, 1006: BROKEN, 1015: BROKEN}
"""What is sent for the codes that only describe a close and must not be sent themselves."""


MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The longest message from the upstream; uvicorn's bound for those from clients."""


class Far(ClientConnection):
    """The upstream's end of a WebSocket; says when it is gone."""

    def __init__(self, protocol: ClientProtocol, lost: Callable[[], object]) -> None:
        super().__init__(protocol, ping_interval=None)
        self._lost = lost

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the connection is gone."""
        super().connection_lost(exc)
        self._lost()


class WebSockets:
    """Opens WebSockets at the upstream, as many at once as there may be connections."""

    def __init__(self, settings: ProxySettings) -> None:
        self._seconds = settings.first_byte_seconds
        self._path = "" if socket_path(settings.upstream) else urlsplit(settings.upstream).path
        self._settings = settings
        self._dialer: Dialer | None = None

    async def open(self, target: str, headers: Headers, protocols: list[str]) -> Far:
        """Open one. Raises `UpstreamError`, and `InvalidStatus` for another status than 101."""
        dialer = self._dialer = self._dialer or Dialer(self._settings)
        rooted = target if target.startswith("/") else f"/{target}"
        path, _, query = (self._path + rooted).partition("?")
        host = dialer.host or "localhost"
        uri = WebSocketURI(dialer.secure, host, dialer.port, path, query, None, None)
        offered = [Subprotocol(name) for name in protocols] or None
        protocol = ClientProtocol(uri, subprotocols=offered, max_size=MAX_MESSAGE_BYTES)
        await dialer.acquire()
        try:
            far = await dialer.dial(lambda: Far(protocol, dialer.release))
        except BaseException:
            dialer.release()
            raise
        opened = False
        try:
            async with asyncio.timeout(self._seconds):
                await far.handshake([(_text(k), _text(v)) for k, v in headers], None)
            opened = True
        except InvalidStatus:
            raise
        except TimeoutError as error:
            raise late() from error
        except (InvalidHandshake, OSError) as error:
            raise UpstreamError("The upstream broke off.") from error
        finally:
            if not opened:
                far.transport.abort()
        return far


class Line(NamedTuple):
    """What every WebSocket goes over."""

    upstream: WebSockets
    settings: ProxySettings
    observer: Observer
    trusts: Trusts
    own: frozenset[bytes]


async def relay_websocket(line: Line, scope: Scope, receive: Receive, send: Send) -> None:
    """Open the same WebSocket at the upstream and pass messages until either side closes."""
    if (await receive())["type"] != "websocket.connect":
        return
    headers = _but_the_handshake(outgoing(scope, line.settings, line.trusts, line.own))
    protocols = list(scope.get("subprotocols", ()))
    try:
        far = await line.upstream.open(target(scope), headers, protocols)
    except InvalidStatus as error:
        status = error.response.status_code
        await deny(scope, send, status if status >= 400 else 502)
        return
    except UpstreamError as error:
        line.observer.upstream_error(
            error.kind, status=error.status, begun=False, cause=cause(error)
        )
        await deny(scope, send, error.status)
        return
    try:
        await send(_acceptance(far))
        await _Relayed(far, receive, send, line.observer).run()
    finally:
        await far.close(code=GOING_AWAY)  # of no effect where it is closed, as it mostly is


class _Relayed:
    """One open WebSocket, both its ends."""

    def __init__(
        self,
        far: Far,
        receive: Receive,
        send: Send,
        observer: Observer,
    ) -> None:
        self._far = far
        self._observer = observer
        self._receive = receive
        self._send = send
        self._left = False

    async def run(self) -> None:
        """Pass messages until one end closes and the other has been told."""
        async with asyncio.TaskGroup() as group:
            upward = group.create_task(self._upward())
            if await self._downward():
                upward.cancel()

    async def _upward(self) -> None:
        """Pass what the client says, and in the end that it left."""
        far = self._far
        while (message := await self._receive())["type"] == "websocket.receive":
            text = message.get("text")
            try:
                await far.send(text if text is not None else message["bytes"])
            except ConnectionClosed:
                return  # the upstream is gone; `_downward` sees it too, and knows its code
        self._left = True
        said = message.get("code")
        code = int(said) if said else 1005
        code = GOING_AWAY if code == 1006 else _SENDABLE.get(code, code)
        await far.close(code, message.get("reason") or "")

    async def _downward(self) -> bool:
        """Pass what the upstream says; says in the end whether it was the one that closed."""
        try:
            closed = await self._pass_on()
            if self._left:
                return False
            if closed is None:
                self._observer.upstream_error("broken", begun=True, cause="ConnectionClosedError")
            code, reason = (BROKEN, "") if closed is None else (closed.code, closed.reason)
            code = _SENDABLE.get(code, code)
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except OSError:
            return False  # the client is gone; `_upward` hears of it with its code
        return True

    async def _pass_on(self) -> Close | None:
        """Pass messages to the client; return how the upstream closed, None where it broke off."""
        try:
            while True:
                message = await self._far.recv()
                kind = "text" if isinstance(message, str) else "bytes"
                await self._send({"type": "websocket.send", kind: message})
        except ConnectionClosed as closed:
            return closed.rcvd if closed.rcvd_then_sent is not False else None


def _but_the_handshake(headers: Headers) -> Headers:
    """Drop the headers of the handshake, which each connection makes for itself."""
    return [pair for pair in headers if not pair[0].startswith(b"sec-websocket-")]


def _acceptance(far: Far) -> dict[str, object]:
    assert far.response is not None  # the handshake is over
    raw = [(_raw(name).lower(), _raw(value)) for name, value in far.response.headers.raw_items()]
    headers = _but_the_handshake(end_to_end(raw))
    headers = [pair for pair in headers if pair[0] not in (b"date", b"server", b"content-length")]
    return {"type": "websocket.accept", "subprotocol": far.subprotocol, "headers": headers}


def _raw(text: str) -> bytes:
    return text.encode("ascii", "surrogateescape")


def _text(raw: bytes) -> str:
    # It is sent as UTF-8: what is that already keeps its bytes.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


async def deny(scope: Scope, send: Send, status: int) -> None:
    """Refuse the handshake with a status where the server can; every server can refuse with 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": BROKEN})
        return
    headers = [(b"content-length", b"0")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})

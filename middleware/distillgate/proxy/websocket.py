"""The relay's WebSockets: messages both ways, and each side's close told to the other."""

import asyncio
from typing import NamedTuple

import aiohttp
from aiohttp import WSMsgType
from starlette.types import Receive, Scope, Send

from distillgate.errors import UpstreamError
from distillgate.proxy.headers import Headers, end_to_end
from distillgate.proxy.observer import Observer
from distillgate.proxy.scope import Trusts, outgoing, target
from distillgate.proxy.settings import ProxySettings
from distillgate.proxy.upstream import Upstream, cause

GOING_AWAY = 1001
BROKEN = 1011
"""What one side is told where the other vanished without a word (RFC 6455 7.4.1)."""

_SENDABLE = {1005: 1000, 1006: BROKEN, 1015: BROKEN}
"""What is sent for the codes that only describe a close and must not be sent themselves."""


class Line(NamedTuple):
    """What every WebSocket goes over."""

    upstream: Upstream
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
        far = await line.upstream.connect(target(scope), headers, protocols)
    except aiohttp.WSServerHandshakeError as error:
        await deny(scope, send, error.status if error.status >= 400 else 502)
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
        far: aiohttp.ClientWebSocketResponse,
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
                if text is not None:
                    await far.send_str(text)
                else:
                    await far.send_bytes(message["bytes"])
            except (OSError, aiohttp.ClientError):
                return  # the upstream is gone; `_downward` sees it too, and knows its code
        self._left = True
        said = message.get("code")
        code = int(said) if said else 1005
        code = GOING_AWAY if code == 1006 else _SENDABLE.get(code, code)
        await far.close(code=code, message=(message.get("reason") or "").encode())

    async def _downward(self) -> bool:
        """Pass what the upstream says; says in the end whether it was the one that closed."""
        try:
            while True:
                message = await self._far.receive()
                if message.type is WSMsgType.TEXT:
                    await self._send({"type": "websocket.send", "text": message.data})
                elif message.type is WSMsgType.BINARY:
                    await self._send({"type": "websocket.send", "bytes": message.data})
                else:
                    break
            if self._left:
                return False
            closed = message.type is WSMsgType.CLOSE
            if not closed:
                self._observer.upstream_error("broken", begun=True, cause=message.type.name)
            code = int(message.data) if closed else BROKEN
            reason = str(message.extra or "") if closed else ""
            code = _SENDABLE.get(code, code)
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except OSError:
            return False  # the client is gone; `_upward` hears of it with its code
        return True


def _but_the_handshake(headers: Headers) -> Headers:
    """Drop the headers of the handshake, which each connection makes for itself."""
    return [pair for pair in headers if not pair[0].startswith(b"sec-websocket-")]


def _acceptance(far: aiohttp.ClientWebSocketResponse) -> dict[str, object]:
    raw = far._response.raw_headers  # noqa: SLF001 - aiohttp keeps them nowhere else
    headers = _but_the_handshake(end_to_end(raw))
    headers = [pair for pair in headers if pair[0] not in (b"date", b"server", b"content-length")]
    return {"type": "websocket.accept", "subprotocol": far.protocol, "headers": headers}


async def deny(scope: Scope, send: Send, status: int) -> None:
    """Refuse the handshake with a status where the server can; every server can refuse with 403."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": BROKEN})
        return
    headers = [(b"content-length", b"0")]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})

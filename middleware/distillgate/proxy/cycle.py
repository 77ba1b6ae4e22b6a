"""One request and its answer, as ASGI has them."""

import asyncio
import http
import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from starlette.types import ASGIApp, Message, Scope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl

from distillgate.proxy.head import Head
from distillgate.proxy.headers import WITHOUT_LENGTH

HELD_BYTES = 64 * 1024
"""Bytes of a request's body held for an application that reads slowly, before the client waits."""

_LOG = logging.getLogger("uvicorn.error")
_PHRASES = {status.value: status.phrase.encode() for status in http.HTTPStatus}


def connection_scope(transport: Any, state: dict[str, Any]) -> Scope | None:
    """Build what the scopes of a connection's requests share; None where the client has gone.

    One that reset its connection has no address any more, as a peer on a Unix socket has none: it
    must not pass for one.
    """
    client = get_remote_addr(transport)
    if client is None and transport.get_extra_info("socket").family != socket.AF_UNIX:
        return None
    scheme = "https" if is_ssl(transport) else "http"
    return {
        "server": get_local_addr(transport),
        "client": client,
        "scheme": scheme,
        "state": state,
    }


def http_scope(head: Head, path: str, config: Config, base: Scope) -> Scope:
    """Build the scope of a request; `base` is its connection's."""
    root = config.root_path
    return {
        "type": "http",
        "asgi": {"version": config.asgi_version, "spec_version": "2.3"},
        "http_version": head.version,
        "root_path": root,
        "method": head.method,
        "path": root + path,
        "raw_path": root.encode("ascii") + head.raw_path,
        "query_string": head.query,
        "headers": head.headers,
        **base,
        "state": base["state"].copy(),
    }


class Cycle:
    """Belongs to one connection.

    `on_hungry` is called when the application asks for more of the body than has come, `on_end`
    when the answer is complete.
    """

    def __init__(  # noqa: PLR0913 - keywords, each a part of the connection
        self,
        scope: Scope,
        transport: Any,
        flow: FlowControl,
        *,
        default_headers: Iterable[tuple[bytes, bytes]],
        expects_continue: bool,
        keep_alive: bool,
        on_hungry: Callable[[], object],
        on_end: Callable[[], object],
    ) -> None:
        self.scope = scope
        self.keep_alive = keep_alive
        self.more_body = True
        self.disconnected = self.started = self.complete = False
        self._transport = transport
        self._flow = flow
        self._default_headers = default_headers
        self._expects_continue = expects_continue
        self._on_hungry = on_hungry
        self._on_end = on_end
        self._heard = asyncio.Event()
        self._body: list[bytes] = []
        self.held = 0
        """Bytes of the body that the application has not read."""
        self._chunked = self._bodiless = False
        self._unsent = b""
        """The answer's head, until a piece of its body takes it along or this turn of the event
        loop ends: writing it by itself took a seventh of all that relaying took."""
        self._left: int | None = None
        """Bytes of the answer still to come; None where nothing told how many."""

    @property
    def full(self) -> bool:
        """Return whether enough of the body is buffered that the client must wait."""
        return self.held > HELD_BYTES

    # What the connection calls.

    def add_body(self, piece: bytes, *, more: bool) -> None:
        """Take a piece of the body; too many make the client wait."""
        self.more_body = more
        if self.complete:
            return
        if piece:
            self._body.append(piece)
            self.held += len(piece)
            if self.full:
                self._flow.pause_reading()
        self._heard.set()

    def invite(self) -> None:
        """Have a client send its body that waits to be told so."""
        if self._expects_continue and not self._transport.is_closing():
            self._expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def disconnect(self) -> None:
        """Notify the application that the client has disconnected."""
        self.disconnected = not self.complete
        self._heard.set()

    async def run(self, app: ASGIApp) -> None:
        """Have the application answer."""
        try:
            await app(self.scope, self.receive, self.send)
        except BaseException as error:  # noqa: BLE001 - whatever it raises, the client gets an answer
            _LOG.error("Exception in ASGI application\n", exc_info=error)
            await self._end_badly()
        else:
            if not self.complete and not self.disconnected:
                _LOG.error("The ASGI application returned without a complete response.")
                await self._end_badly()
        finally:
            self._on_end = self._on_hungry = _nothing

    # What the application calls.

    async def receive(self) -> Message:
        """Return the next piece of the request, or that the client left."""
        self.invite()
        if not self.disconnected and not self.complete:
            if not self._body:
                self._on_hungry()
            await self._heard.wait()
            self._heard.clear()
        if self.disconnected or self.complete:
            return {"type": "http.disconnect"}
        pieces, self._body, self.held = self._body, [], 0
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Message) -> None:
        """Write a piece of the answer."""
        if self._flow.write_paused and not self.disconnected:
            await self._flow.drain()
        if self.disconnected:
            return
        if self.complete:
            raise RuntimeError(f"{message['type']!r} was sent after the response was complete")
        wanted = "http.response.body" if self.started else "http.response.start"
        if message["type"] != wanted:
            raise RuntimeError(f"expected {wanted!r}, not {message['type']!r}")
        if self.started:
            self._write_body(message.get("body", b""), more=message.get("more_body", False))
        else:
            self._write_head(message["status"], message.get("headers", ()))

    def _write_head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        lines = [b"HTTP/1.1 %d %b" % (status, _PHRASES.get(status, b""))]
        lines += self._lines(headers)
        if self._expects_continue and self.more_body:
            self.keep_alive = False  # whether the body still comes is the client's to choose
        self._expects_continue = False  # whoever reads on from here would write into the answer
        if not self.keep_alive:
            lines.append(b"connection: close")
        self._bodiless = self.scope["method"] == "HEAD" or status in WITHOUT_LENGTH
        if self._bodiless:
            self._left = None
        elif self._left is None and self.scope["http_version"] == "1.1":
            self._chunked = True  # for HTTP/1.0 the answer ends with the connection
            lines.append(b"transfer-encoding: chunked")
        head = b"\r\n".join((*lines, b"", b""))
        if head.count(b"\n") != len(lines) + 1 or head.count(b"\r") != len(lines) + 1:
            raise RuntimeError("a response header holds a line end")
        self.started, self._unsent = True, head
        asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        """Write the head alone."""
        head, self._unsent = self._unsent, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)

    def _lines(self, headers: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
        """Write headers, but for those that say how this connection is used."""
        for name, value in (*self._default_headers, *headers):
            lowered = name.lower()
            if lowered == b"connection":
                self.keep_alive = self.keep_alive and b"close" not in value.lower()
            elif lowered != b"transfer-encoding":
                if lowered == b"content-length":
                    self._left = int(value)
                yield b"%b: %b" % (lowered, value)

    def _write_body(self, body: bytes, *, more: bool) -> None:
        if self._bodiless:
            body = b""
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (self._left and not more):
                raise RuntimeError("the response's body is not as long as its Content-Length")
        if self._chunked:
            end = b"" if more else b"0\r\n\r\n"
            body = b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        if body:
            # As one: on asyncio's own loop `writelines` raises where the client has just left, and
            # does not pause for one that reads slowly (Python 3.12.1 and 3.13.0).
            body, self._unsent = self._unsent + body, b""
            self._transport.write(body)
        elif not more:
            self._flush()
        if not more:
            self.complete = True
            self._heard.set()
            self._on_end()

    async def _end_badly(self) -> None:
        """Answer with 500 where nothing was answered; otherwise break off."""
        if self.started or self.disconnected:
            self._flush()
            self._transport.close()
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        text = b"Internal Server Error"
        headers.append((b"content-length", b"%d" % len(text)))
        self._left, self._chunked = None, False
        await self.send({"type": "http.response.start", "status": 500, "headers": headers})
        await self.send({"type": "http.response.body", "body": text})


def _nothing() -> None:
    """Do nothing: the connection has gone on to another request."""

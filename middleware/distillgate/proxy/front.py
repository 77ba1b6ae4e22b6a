"""The server's side of a client connection: strict, bounded in size and in time.

uvicorn runs it in place of its own protocol (`uvicorn.Config(http=...)`). What is here is when to
read, when to answer for the application, and when to end; `proxy.parser` says what the bytes mean,
`proxy.cycle` writes the answers, and `proxy.clients` bounds all connections together.

Requests that come on one connection are served one after the other: the next one is not even
parsed before the last answer is complete.
"""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.server import ServerState

from distillgate.proxy.clients import MIN_BODY_RATE, Clients, Wait
from distillgate.proxy.cycle import HELD_BYTES, Cycle, connection_scope, http_scope
from distillgate.proxy.head import Head, InvalidRequestError
from distillgate.proxy.parser import RequestParser
from distillgate.proxy.refused import Linger, written

PIPELINED_BYTES = 64 * 1024
"""Bytes of later requests that are held while an answer is under way. Reading goes on until then,
for that is how it is heard that a client left."""


class Front(asyncio.Protocol):
    """One client connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        clients: Clients,
    ) -> None:
        self._config = config
        self._state = server_state
        self._app_state = app_state
        self._clients = clients
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = RequestParser(clients.limits)
        self._transport: Any = None  # uvloop's are no subclass of asyncio.Transport
        self._flow: FlowControl = None  # type: ignore[assignment]  # comes with the transport
        self._base: Scope | None = None  # what the scopes of all its requests share
        self._cycle: Cycle | None = None
        self._head: Head | None = None
        """Of the request whose body is coming."""
        self._websocket: Any = None
        self._welcome = True
        self._linger: Linger | None = None
        self._yielded = self._pending = False
        self._unread = self._unsent = 0
        self._body_bytes, self._body_seconds = 0, 0.0

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = made = transport
        self._flow = FlowControl(made)  # type: ignore[arg-type]  # uvloop's
        self._state.connections.add(self)  # type: ignore[arg-type]  # all it calls is `shutdown`
        self._welcome = self._clients.add(self)
        self._clients.wait(self, Wait.HEAD)

    def connection_lost(self, error: Exception | None) -> None:
        """End what is under way."""
        self._state.connections.discard(self)
        self._hold(0)
        self._clients.remove(self)
        if self._websocket is not None:
            self._websocket.connection_lost(error)
        if self._cycle is not None:
            self._cycle.disconnect()
        self._flow.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Read what has come."""
        if self._websocket is not None:
            self._websocket.data_received(data)
        elif self._linger is not None:
            self._linger.discard(data)
        else:
            self._clients.go_on(self, Wait.REQUEST)
            self._parser.feed(data)
            self._advance()

    def pause_writing(self) -> None:
        """Make the application wait; how long the client may make it wait is bounded."""
        if self._websocket is not None:
            self._websocket.pause_writing()
            return
        self._flow.pause_writing()
        self._unsent = self._transport.get_write_buffer_size()
        self._clients.wait(self, Wait.ROOM)

    def resume_writing(self) -> None:
        """Let it go on."""
        if self._websocket is not None:
            self._websocket.resume_writing()
            return
        self._clients.go_on(self, Wait.ROOM)
        self._flow.resume_writing()

    # What the server and the other clients call.

    def shutdown(self) -> None:
        """End as soon as the answer under way is complete."""
        if self._cycle is None or self._cycle.complete:
            self._transport.close()
        else:
            self._cycle.keep_alive = False

    def give_up(self, wait: Wait, *, crowded: bool) -> None:
        """End a connection that was waited for too long, or whose place is needed."""
        if crowded or wait is Wait.CLOSE:
            self._transport.abort()
        elif wait is Wait.ROOM:
            unsent = self._transport.get_write_buffer_size()
            if unsent < self._unsent:  # it reads, slowly
                self._unsent = unsent
                self._clients.wait(self, Wait.ROOM)
            else:
                self._transport.abort()
        elif wait is Wait.BODY or self._parser.buffered:
            self._refuse(InvalidRequestError("The request took too long to come.", 408))
        else:
            self._transport.close()

    def _advance(self) -> None:
        """Read as far as there is something to read, and somebody to read it for."""
        try:
            while not (self._transport.is_closing() or self._linger) and self._step():
                pass
        except InvalidRequestError as error:
            self._refuse(error)

    def _step(self) -> bool:
        """Read one head or one piece of a body; return whether there may be more."""
        if self._head is not None:
            return self._read_body(self._head)
        parser = self._parser
        if self._cycle is not None and not self._cycle.complete:
            if parser.buffered > PIPELINED_BYTES:
                self._flow.pause_reading()
            self._hold(parser.buffered)
            return False
        head = parser.head()
        self._hold(parser.buffered)
        if head is None:
            self._clients.wait(self, Wait.HEAD)
            return False
        self._clients.go_on(self, Wait.HEAD)
        path = head.path
        if not (self._welcome or self._clients.is_reserved(path)):
            raise InvalidRequestError("There are too many connections.", 503, head=head)
        if head.websocket and self._config.ws_protocol_class is not None:
            self._become_websocket(head)
            return False
        self._begin(head, path)
        return True

    def _begin(self, head: Head, path: str) -> None:
        """Take a request for the application.

        It hears of it once a short body has come whole, and in a crowd of a long one once as much
        has come as is held of one: who sends none costs no more than a connection.
        """
        base = self._base = self._base or connection_scope(self._transport, self._app_state)
        if base is None:
            self._transport.abort()
            return
        cycle = self._cycle = Cycle(
            http_scope(head, path, self._config, base),
            self._transport,
            self._flow,
            default_headers=self._state.default_headers,
            expects_continue=head.expects_continue,
            keep_alive=head.keep_alive and self._welcome,
            on_hungry=self._resume_reading,
            on_end=self._end_answer,
        )
        if self._parser.complete:
            cycle.add_body(b"", more=False)
        else:
            self._head, self._body_bytes, self._body_seconds = head, 0, 0.0
            if self._clients.crowded or (head.length or HELD_BYTES + 1) <= HELD_BYTES:
                self._pending = True
                cycle.invite()
                return
        self._run(cycle)

    def _run(self, cycle: Cycle) -> None:
        """Start the application on a request."""
        self._pending = False
        task = self._loop.create_task(cycle.run(self._config.loaded_app))
        task.add_done_callback(self._state.tasks.discard)
        self._state.tasks.add(task)

    def _read_body(self, head: Head) -> bool:
        """Pass on what has come of the body."""
        parser, cycle = self._parser, self._cycle
        assert cycle is not None
        self._body_seconds += self._clients.go_on(self, Wait.BODY)
        piece = parser.body()
        if piece is not None:
            self._body_bytes += len(piece)
            cycle.add_body(piece, more=not parser.complete)
        if self._pending and (parser.complete or cycle.full):
            self._run(cycle)
        self._hold(parser.buffered + (cycle.held if self._pending else 0))
        if parser.complete:
            self._head = None
            return True
        if self._body_seconds > self._clients.stall_seconds + self._body_bytes / MIN_BODY_RATE:
            raise InvalidRequestError("The request came too slowly.", 408, head=head)
        if parser.buffered and piece is not None:  # very many chunks: others have a turn
            self._yielded = True
            self._flow.pause_reading()
            self._loop.call_soon(self._go_on)
        elif not self._flow.read_paused:
            self._clients.wait(self, Wait.BODY)
        return False

    def _go_on(self) -> None:
        self._yielded = False
        self._advance()
        if self._cycle is not None and not self._cycle.full:
            self._resume_reading()

    def _resume_reading(self) -> None:
        """Let more of a body come, and wait no longer for it than is allowed."""
        if self._flow.read_paused and not self._yielded:
            self._flow.resume_reading()
            if self._head is not None and self._linger is None:
                self._clients.wait(self, Wait.BODY)

    def _end_answer(self) -> None:
        """Go on to the next request once this one has come whole, or end the connection."""
        self._state.total_requests += 1
        if self._transport.is_closing() or self._linger is not None:
            return
        cycle = self._cycle
        if cycle is not None and not cycle.keep_alive:
            if self._head is None:
                self._transport.close()
            else:
                self._end()
        elif self._head is None and not self._parser.buffered:
            self._flow.resume_reading()
            self._clients.wait(self, Wait.REQUEST)
        else:
            self._resume_reading()
            self._loop.call_soon(self._advance)

    def _become_websocket(self, head: Head) -> None:
        """Leave the connection to the protocol of WebSockets."""
        self._state.connections.discard(self)
        self._websocket = self._config.ws_protocol_class(  # type: ignore[call-arg,misc]  # a Protocol
            config=self._config, server_state=self._state, app_state=self._app_state
        )
        self._websocket.connection_made(self._transport)
        self._websocket.data_received(head.handshake + self._parser.rest())
        self._hold(0)

    def _refuse(self, error: InvalidRequestError) -> None:
        """Answer for the application and end the connection: nobody knows where it goes on."""
        self._clients.on_refused(error.status)
        cycle = self._cycle
        if cycle is not None and not cycle.complete:
            cycle.disconnect()
            if cycle.started:
                self._transport.close()
                return
        if error.head is None:
            error.head = self._head
        if cycle is None or not cycle.complete or self._head is None:
            self._transport.write(written(error))
        self._end()

    def _end(self) -> None:
        """Close once the client has had time to read what was written."""
        self._clients.settle(self)
        self._hold(0)
        if not self._transport.can_write_eof():
            self._transport.close()
            return
        self._linger = Linger(self._transport, self._flow, self._loop)
        self._clients.wait(self, Wait.CLOSE)

    def _hold(self, unread: int) -> None:
        if unread != self._unread:
            before, self._unread = self._unread, unread
            self._clients.hold(unread - before)

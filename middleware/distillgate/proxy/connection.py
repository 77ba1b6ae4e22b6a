"""One HTTP/1.1 connection to the upstream: a request at a time, its answer as it comes.

httptools (llhttp, which uvicorn and Node parse with) finds where things begin and end, strictly: a
length beside a chunked coding, a header that is folded or malformed, bytes nobody asked for, all
end the connection. What is here is the rest: whose bytes they are, how long to wait, when to stop
reading, and whether the connection may serve once more.
"""

import asyncio
import re
import select
from collections.abc import AsyncIterator
from typing import Any

from httptools import HttpParserError, HttpResponseParser

from distillgate.errors import UpstreamError
from distillgate.proxy.headers import Headers

MAX_HEADER_BYTES = 64 * 1024
"""The longest header line an upstream may answer with."""

MAX_HEADERS = 512
"""How many headers an upstream may answer with."""

MAX_HEAD_BYTES = 256 * 1024
"""How much may have come of an answer whose head is not whole yet."""

HELD_BYTES = 128 * 1024
"""Bytes of an answer held for a client that reads slowly, before the upstream is made to wait."""

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

Body = bytes | AsyncIterator[bytes] | None


class Connection(asyncio.Protocol):
    """Belongs to the event loop; `ask`, then `read` until the last, then perhaps `ask` again."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: Any = None  # uvloop's are no subclass of asyncio.Transport
        self._arrived = select.poll()
        self._waiting: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._upload: asyncio.Task[None] | None = None
        self._error: UpstreamError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lost = False
        self.complete = self.reusable = True
        """Whether the answer is all here; whether another may follow on this connection."""
        self.silent = True
        """Whether no byte of an answer has come since the request."""
        self.idle_since = 0.0
        self._reset(bodiless=False)

    def _reset(self, *, bodiless: bool) -> None:
        """Forget the last answer."""
        self._parser = HttpResponseParser(self)
        self.status = 0
        self.headers: Headers = []
        self._bodiless = bodiless
        self._pieces: list[bytes] = []
        self._held = self._unheaded = 0
        self._headed = self._framed = self._paused = False
        self._heard = 0.0

    @property
    def closed(self) -> bool:
        """Return whether nothing can be asked here any more."""
        return self._lost or self._transport.is_closing()

    @property
    def stale(self) -> bool:
        """Return whether an idle connection is closed, or will be in the event loop's next turn.

        Whatever comes unasked ends it, and a POST sent before the loop knows would be lost.
        """
        return self.closed or bool(self._arrived.poll(0))

    async def ask(self, head: bytes, body: Body, *, bodiless: bool, seconds: float) -> None:
        """Send a request and wait, at most so long, for the head of its answer.

        `bodiless` is an answer to HEAD: its length is only told. Raises `UpstreamError`.
        """
        self._reset(bodiless=bodiless)
        self.complete, self.silent = False, True
        if self.closed:
            raise _broken()
        self._time(seconds)
        if isinstance(body, bytes):
            self._transport.writelines((head, body))
        else:
            self._transport.write(head)
            if body is not None:
                self._upload = self._loop.create_task(self._send(body))
        del body  # the upload alone holds it
        while not self._headed:
            await self._wait()

    async def read(self) -> tuple[bytes, bool]:
        """Wait for bytes, give all that have come, and say whether they are the last."""
        while not self._pieces and not self.complete:
            await self._wait()
        pieces, self._pieces, self._held = self._pieces, [], 0
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), self.complete

    def expect(self, seconds: float) -> None:
        """From here on, what counts is the pause between two pieces."""
        if self._timer is not None and not self.complete:
            self._time(seconds)

    def release(self) -> bool:
        """End the exchange; whether the connection may be kept. One that may not is closed."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        upload, self._upload = self._upload, None
        if upload is not None:
            self.reusable = self.reusable and upload.done()
            upload.cancel()
        # Who has not read all may have made the upstream wait; who answers before it has all of a
        # request would read the rest before the next one.
        over = self.complete and not self._pieces and not self.closed
        if over and self.reusable and not self._transport.get_write_buffer_size():
            return True
        self.close()
        return False

    def close(self) -> None:
        """Close at once: what was not sent is dropped, and what has not come is missing."""
        if not self.complete and self._error is None:
            self._error = _broken()
        if self._transport is not None:
            self._transport.abort()

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._arrived.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Parse what has come."""
        if self.complete:
            self.reusable = False
            self.close()  # nobody asked for it
            return
        self.silent = False
        self._heard = self._loop.time()
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(_broken(), error.__context__ or error)
        if not self._headed:
            self._unheaded += len(data)
            if self._unheaded > MAX_HEAD_BYTES:
                self._fail(_broken(), ValueError("the answer's head is too large"))
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """End what is under way; only an answer without a length may end so."""
        self._lost, self.reusable = True, False
        ended = self._headed and not self._framed and error is None and self._error is None
        if ended and not self.complete:
            self.complete = True  # an answer without a length ends with its connection
        elif not self.complete:
            self._fail(_broken(), error)
        self._wake()
        self.resume_writing()

    def pause_writing(self) -> None:
        """Make an upload wait."""
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let it go on."""
        waiting, self._writable = self._writable, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Let nothing follow what begins after the answer: it is no answer to anything."""
        if self._headed:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep one header."""
        if self._headed:
            return  # a trailer; it would come after everything it could still change
        if len(self.headers) >= MAX_HEADERS or len(name) + len(value) > MAX_HEADER_BYTES:
            raise ValueError("the answer's head is too large")
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Learn how the answer is framed."""
        if self._headed:
            return
        status = self._parser.get_status_code()
        if status < 200:
            if status == 101:
                raise ValueError("nobody asked to switch protocols")
            self.headers.clear()
            return
        if status > 599 or _CONTROL.search(b"".join([value for _, value in self.headers])):
            raise ValueError("the answer has a status or a header that no server may send")
        self.status, self._headed = status, True
        names = {name.lower() for name, _ in self.headers}
        bare = self._bodiless or status in (204, 304)
        if b"transfer-encoding" in names and not bare:
            self._refuse_codings()
        self._framed = bare or not names.isdisjoint((b"content-length", b"transfer-encoding"))
        self.reusable = self._framed and not self._bodiless and self._parser.should_keep_alive()
        self.complete = self._bodiless

    def on_body(self, piece: bytes) -> None:
        """Keep a piece; too many make the upstream wait."""
        if self.complete:
            return
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held > HELD_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """End the answer."""
        if self._headed:  # otherwise 1xx: there is more to come
            self.complete = True

    # The rest is ours.

    def _refuse_codings(self) -> None:
        """Take no transfer coding but chunked: no other was asked for, and who reads knows none."""
        for name, value in self.headers:
            if name.lower() == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise ValueError("the answer has a transfer coding that nobody asked for")

    async def _wait(self) -> None:
        if self._error is not None:
            raise self._error
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None
        if self._error is not None and not (self._pieces or self.complete):
            raise self._error

    def _wake(self) -> None:
        waiting = self._waiting
        if waiting is not None and not waiting.done() and (self._headed or self._error is not None):
            waiting.set_result(None)

    def _fail(self, error: UpstreamError, cause: BaseException | None) -> None:
        if self._error is None:
            self._error, error.__cause__ = error, cause
        self.reusable = False
        self.close()
        self._wake()

    def _time(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._heard = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._check, seconds)

    def _check(self, seconds: float) -> None:
        """Fail where nothing was heard for so long while somebody waited; else look again later."""
        left = self._heard + seconds - self._loop.time()
        if left <= 0 and self._waiting is not None:
            self._fail(late(), None)
        else:
            self._timer = self._loop.call_later(left if left > 0 else seconds, self._check, seconds)

    async def _send(self, body: AsyncIterator[bytes]) -> None:
        """Send a body whose pieces bring their own framing, no faster than it is taken."""
        try:
            async for piece in body:
                self._heard = self._loop.time()
                self._transport.write(piece)
                if self._writable is not None:
                    await self._writable
        except Exception as error:  # noqa: BLE001 - the client's; raised where the answer is awaited
            self._fail(UpstreamError("The request broke off."), error)


def _broken() -> UpstreamError:
    return UpstreamError("The upstream broke off.")


def late() -> UpstreamError:
    """Build the error of an upstream that took too long."""
    return UpstreamError("The upstream did not answer in time.", status=504, kind="timeout")

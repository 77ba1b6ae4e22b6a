"""The front's own answers: a refusal as the bytes of a whole response, and time to read it.

A connection that is closed with bytes unread is reset, and the client may never see the answer.
"""

import asyncio
import http
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

from distillgate.asgi.reference import new_reference
from distillgate.dialects.registry import errors_for
from distillgate.proxy.head import InvalidRequestError
from distillgate.wire.refusal import Problem, refusal
from distillgate.wire.target import normal_path

DISCARDED_BYTES = 4 * 1024 * 1024
"""Bytes that are read of a client after it was refused."""

TURN_SECONDS = 0.02
"""Between two reads: a client that goes on sending takes its own time, not others'."""


class Linger:
    """Says on a connection that nothing else comes, and throws away what still does."""

    def __init__(self, transport: Any, flow: FlowControl, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._flow, self._loop = transport, flow, loop
        self._discarded = 0
        flow.resume_reading()
        transport.write_eof()

    def discard(self, data: bytes) -> None:
        """Count what has come, and read no more for a moment."""
        self._discarded += len(data)
        if self._discarded > DISCARDED_BYTES:
            self._transport.abort()
            return
        self._flow.pause_reading()
        self._loop.call_later(TURN_SECONDS, self._go_on)

    def _go_on(self) -> None:
        if not self._transport.is_closing():
            self._flow.resume_reading()


_CODES = {
    400: "invalid_request",
    408: "request_timeout",
    414: "request_line_too_long",
    431: "headers_too_large",
    503: "overloaded",
    505: "http_version_not_supported",
}


def written(error: InvalidRequestError) -> bytes:
    """Return a refusal as bytes: in the API's own shape where the path is known, else as text."""
    status, head = error.status, error.head
    if head is None or not head.raw_path:
        body = f"{error}\n".encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
        ]
    else:
        names = {name.decode("latin-1") for name, _ in head.headers}
        problem = Problem(
            status,
            _CODES[status],
            str(error),
            retry_after=1.0 if status == 503 else None,
            should_retry=None if status in (408, 503) else False,
        )
        errors = errors_for(head.method, normal_path(head.path), names)
        refused = refusal(errors, problem, new_reference())
        headers, body = refused.headers, refused.body
    phrase = http.HTTPStatus(status).phrase.encode()
    lines = [b"HTTP/1.1 %d %b" % (status, phrase), *[b"%b: %b" % pair for pair in headers]]
    return b"\r\n".join((*lines, b"connection: close", b"", body))

"""The end of a connection whose client was refused, and should be able to read why.

A connection that is closed with bytes unread is reset, and the client may never see the answer.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl

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

"""One gRPC call on a connection: messages come, and messages go."""

import asyncio
import struct
from collections import deque
from collections.abc import Mapping
from typing import Any, Protocol

from distillgate.envoy.frames import END_HEADERS, HEADERS, frame

_PREFIX = struct.Struct(">BI")
"""A message's compression and length."""
_BEGINNING = b"\x88\x0f\x10\x10application/grpc"
"""`:status: 200` and the content type, in HPACK without its tables."""
OK, INVALID, UNIMPLEMENTED, INTERNAL, UNAUTHENTICATED = 0, 3, 12, 13, 16
"""gRPC's statuses, as far as they are told."""


class Carrier(Protocol):
    """The connection that carries a call."""

    limit: int
    peer: str | None

    def flush(self, stream: "Stream", before: bytes) -> None:
        """Write what of a stream the windows let through."""

    def drain(self) -> None:
        """Send what was written."""


class Stream:
    """One call: messages come, and messages go. Belongs to its connection."""

    __slots__ = (
        "_begun", "_connection", "_data", "_inbox", "_limit", "_waiting", "credit", "ended",
        "headers", "id", "out", "peer", "task", "window",
    )  # fmt: skip

    def __init__(
        self, connection: Carrier, name: int, headers: Mapping[str, str], window: int
    ) -> None:
        self._connection = connection
        self._limit = connection.limit
        self.id, self.headers, self.peer = name, headers, connection.peer
        self.window, self.credit = window, 0
        self.task: asyncio.Task[Any] | None = None
        self.out: deque[bytes] = deque()
        """What waits for the peer's window; the last of it may be the end (`ended`)."""
        self.ended: bytes | None = None
        self._begun = False
        self._data = bytearray()
        self._inbox: deque[bytes | None] = deque()
        self._waiting: asyncio.Future[None] | None = None

    async def receive(self) -> bytes | None:
        """Return the next message; None at the end. What was sent leaves before the wait."""
        while not self._inbox:
            self._connection.drain()
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return self._inbox.popleft()

    def send(self, message: bytes) -> None:
        """Send a message."""
        self.out.append(_PREFIX.pack(0, len(message)) + message)
        self._connection.flush(self, self._beginning())

    def end(self, status: int) -> None:
        """Send the end, with gRPC's status, once all is sent."""
        text = b"%d" % status
        trailers = b"\x00\x0bgrpc-status%c%b" % (len(text), text)
        self.ended = trailers if self._begun else _BEGINNING + trailers
        self._connection.flush(self, b"")
        self._connection.drain()

    def feed(self, data: bytes, *, ends: bool) -> None:
        """Take bytes that came; a message past the bound ends the call."""
        self._data += data
        while len(self._data) >= _PREFIX.size:
            compressed, size = _PREFIX.unpack_from(self._data)
            if compressed or size > self._limit:
                self._push(None)
                return
            whole = _PREFIX.size + size
            if len(self._data) < whole:
                break
            self._push(bytes(self._data[_PREFIX.size : whole]))
            del self._data[:whole]
        if ends:
            self._push(None)

    def _push(self, message: bytes | None) -> None:
        self._inbox.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _beginning(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return frame(HEADERS, END_HEADERS, self.id, _BEGINNING)

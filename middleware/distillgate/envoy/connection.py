"""As much of HTTP/2 as Envoy's streams need: a server, in the gate's event loop.

Envoy waits for an answer to each message, four or more an exchange, so that each one's cost counts.
grpcio has threads and queues between a socket and a coroutine: with it an exchange took nearly
twice the processor.
"""

import asyncio
import struct
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, cast

from hpack import Decoder, HPACKError

from distillgate.envoy.frames import (
    ACK,
    BLOCKS,
    COMPRESSION,
    CONTINUATION,
    CREDIT,
    DATA,
    END_HEADERS,
    END_STREAM,
    FIRST_WINDOW,
    FLOW,
    FRAME,
    GOAWAY,
    HEAD,
    HEADERS,
    MAX_HEADERS,
    MAX_STREAMS,
    NO_ERROR,
    PING,
    PREFACE,
    PRIORITY,
    PROTOCOL,
    PUSH,
    REFUSED,
    RESET,
    SETTINGS,
    SIZE,
    WIDE,
    WINDOW,
    ProtocolError,
    frame,
    unpadded,
)  # fmt: skip
from distillgate.envoy.stream import Stream

Serve = Callable[[Stream], Coroutine[Any, Any, None]]


class Block(NamedTuple):
    """Headers of which more frames come."""

    stream: int
    ends: bool
    data: bytearray


class Connection(asyncio.Protocol):
    """One connection of Envoy's."""

    def __init__(self, serve: Serve, keep: Callable[..., object], limit: int) -> None:
        self._serve, self._keep, self.limit = serve, keep, limit
        self.peer: str | None = None
        self._transport: asyncio.Transport
        self._buffer, self._out = bytearray(), list[bytes]()
        self._greeted = False
        self._decoder = Decoder()
        self._decoder.max_header_list_size = MAX_HEADERS
        self._blocks: dict[bytes, Mapping[str, str]] = {}
        self._streams: dict[int, Stream] = {}
        self._newest = 0
        self._block: Block | None = None
        self._window, self._first_window, self._credit = FIRST_WINDOW, FIRST_WINDOW, 0
        self._takes: dict[int, Callable[[int, int, bytes], None]] = {
            DATA: self._take_data,
            HEADERS: self._take_headers,
            CONTINUATION: self._continue,
            RESET: self._take_reset,
            SETTINGS: self._take_settings,
            PING: self._take_ping,
            WINDOW: self._widen,
            PUSH: self._take_push,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast("asyncio.Transport", transport)
        name = transport.get_extra_info("peername")
        self.peer = name[0] if isinstance(name, tuple) else None
        settings = ((1, 0), (3, MAX_STREAMS), (4, WIDE), (6, MAX_HEADERS))
        told = b"".join(struct.pack(">HI", *pair) for pair in settings)
        self._write(frame(SETTINGS, 0, 0, told))
        self._write(frame(WINDOW, 0, 0, struct.pack(">I", WIDE - FIRST_WINDOW)))
        self.drain()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End what is under way."""
        for stream in list(self._streams.values()):
            self._drop(stream)

    def data_received(self, data: bytes) -> None:
        """Take bytes that came."""
        self._buffer += data
        try:
            self._read()
            self.drain()
        except ProtocolError as error:
            self._write(frame(GOAWAY, 0, 0, struct.pack(">II", self._newest, error.code)))
            self.drain()
            self._transport.close()

    def close(self) -> None:
        """Let calls under way end, and take no more."""
        self._write(frame(GOAWAY, 0, 0, struct.pack(">II", self._newest, NO_ERROR)))
        self.drain()

    def flush(self, stream: Stream, before: bytes) -> None:
        """Write what of a stream the windows let through."""
        if before:
            self._write(before)
        while stream.out:
            data = stream.out[0]
            room = min(len(data), FRAME, self._window, stream.window)
            if room <= 0:
                break
            self._write(frame(DATA, 0, stream.id, data[:room]))
            self._window -= room
            stream.window -= room
            if room == len(data):
                stream.out.popleft()
            else:
                stream.out[0] = data[room:]
        if stream.ended is not None and not stream.out:
            self._write(frame(HEADERS, END_HEADERS | END_STREAM, stream.id, stream.ended))
            stream.ended = None
            self._streams.pop(stream.id, None)

    def _write(self, frame: bytes) -> None:
        """Send a frame with those before it once `drain` is called: each write wakes Envoy."""
        self._out.append(frame)

    def drain(self) -> None:
        """Send what was written."""
        if self._out and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _read(self) -> None:
        buffer, at = self._buffer, 0
        if not self._greeted:
            if not PREFACE.startswith(bytes(buffer[: len(PREFACE)])):
                raise ProtocolError(PROTOCOL)
            if len(buffer) < len(PREFACE):
                return
            self._greeted, at = True, len(PREFACE)
        while len(buffer) - at >= 9:
            high, low, kind, flags, stream = HEAD.unpack_from(buffer, at)
            size = high << 8 | low
            if size > FRAME:
                raise ProtocolError(SIZE)
            if len(buffer) - at - 9 < size:
                break
            payload = bytes(buffer[at + 9 : at + 9 + size])
            at += 9 + size
            self._take(kind, flags, stream & WIDE, payload)
        del buffer[:at]

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if self._block is not None and (kind, stream) != (CONTINUATION, self._block.stream):
            raise ProtocolError(PROTOCOL)
        take = self._takes.get(kind)
        if take is not None:  # what is not known is ignored (section 5.5)
            take(flags, stream, payload)

    def _take_data(self, flags: int, stream: int, payload: bytes) -> None:
        size, found = len(payload), self._streams.get(stream)
        if stream == 0:
            raise ProtocolError(PROTOCOL)
        self._credit += size
        if self._credit >= CREDIT:
            self._write(frame(WINDOW, 0, 0, struct.pack(">I", self._credit)))
            self._credit = 0
        if found is None:  # it has ended here
            return
        found.credit += size
        if found.credit >= CREDIT:
            self._write(frame(WINDOW, 0, stream, struct.pack(">I", found.credit)))
            found.credit = 0
        found.feed(unpadded(flags, payload), ends=bool(flags & END_STREAM))

    def _take_reset(self, flags: int, stream: int, payload: bytes) -> None:  # noqa: ARG002
        if stream in self._streams:
            self._drop(self._streams[stream])

    def _take_ping(self, flags: int, stream: int, payload: bytes) -> None:  # noqa: ARG002
        if not flags & ACK:
            self._write(frame(PING, ACK, 0, payload))

    def _take_push(self, flags: int, stream: int, payload: bytes) -> None:  # noqa: ARG002
        raise ProtocolError(PROTOCOL)

    def _take_headers(self, flags: int, stream: int, payload: bytes) -> None:
        payload = unpadded(flags, payload)
        if flags & PRIORITY:
            payload = payload[5:]
        self._block = Block(stream, bool(flags & END_STREAM), bytearray())
        self._continue(flags, stream, payload)

    def _continue(self, flags: int, stream: int, payload: bytes) -> None:
        block = self._block
        if block is None or block.stream != stream:
            raise ProtocolError(PROTOCOL)
        block.data.extend(payload)
        if len(block.data) > MAX_HEADERS:
            raise ProtocolError(SIZE)
        if not flags & END_HEADERS:
            return
        self._block = None
        self._begin(block, self._decoded(bytes(block.data)))

    def _decoded(self, block: bytes) -> Mapping[str, str]:
        # Without a table, as the peer was told, a block means the same whenever it comes.
        constant = self._decoder.header_table_size == 0
        if constant and block in self._blocks:
            return self._blocks[block]
        try:
            found = {str(name): str(value) for name, value in self._decoder.decode(block)}
        except HPACKError:
            raise ProtocolError(COMPRESSION) from None
        if constant and self._decoder.header_table_size == 0 and len(self._blocks) < BLOCKS:
            self._blocks[block] = found
        return found

    def _begin(self, block: Block, headers: Mapping[str, str]) -> None:
        known = self._streams.get(block.stream)
        if known is not None:  # trailers
            known.feed(b"", ends=True)
            return
        if block.stream % 2 == 0 or block.stream <= self._newest:
            raise ProtocolError(PROTOCOL)
        self._newest = block.stream
        if len(self._streams) >= MAX_STREAMS:
            refused = struct.pack(">I", REFUSED)
            self._write(frame(RESET, 0, block.stream, refused))
            return
        stream = Stream(self, block.stream, headers, self._first_window)
        self._streams[block.stream] = stream
        if block.ends:
            stream.feed(b"", ends=True)
        self._keep(self._run(stream))

    async def _run(self, stream: Stream) -> None:
        stream.task = asyncio.current_task()
        if stream.id in self._streams:
            await self._serve(stream)

    def _drop(self, stream: Stream) -> None:
        self._streams.pop(stream.id, None)
        stream.out.clear()
        if stream.task is not None:
            stream.task.cancel()

    def _take_settings(self, flags: int, _: int, payload: bytes) -> None:
        if flags & ACK:
            return
        if len(payload) % 6:
            raise ProtocolError(SIZE)
        for name, value in struct.iter_unpack(">HI", payload):
            if name == 4:
                if value > WIDE:
                    raise ProtocolError(FLOW)
                for one in self._streams.values():
                    one.window += value - self._first_window
                self._first_window = value
        self._write(frame(SETTINGS, ACK, 0, b""))
        self._flush_all()

    def _widen(self, flags: int, stream: int, payload: bytes) -> None:  # noqa: ARG002
        if len(payload) != 4:
            raise ProtocolError(SIZE)
        more = int.from_bytes(payload) & WIDE
        if stream == 0:
            self._window += more
            self._flush_all()
        elif stream in self._streams:
            self._streams[stream].window += more
            self.flush(self._streams[stream], b"")

    def _flush_all(self) -> None:
        for stream in list(self._streams.values()):
            if stream.out:
                self.flush(stream, b"")

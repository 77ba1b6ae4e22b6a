"""The frames of HTTP/2 that Envoy may send, and what a peer may not."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Iterator

import pytest

hpack = pytest.importorskip("hpack", reason="the extra `envoy` is not installed")

from distillgate.asgi.tasks import Tasks  # noqa: E402
from distillgate.envoy.connection import Connection  # noqa: E402
from distillgate.envoy.frames import (  # noqa: E402
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    FRAME,
    GOAWAY,
    HEADERS,
    PADDED,
    PING,
    PREFACE,
    PRIORITY,
    PUSH,
    RESET,
    SETTINGS,
    WINDOW,
    frame,
)  # fmt: skip
from distillgate.envoy.stream import OK, Stream  # noqa: E402

LIMIT = 100_000


def message(text: bytes) -> bytes:
    return struct.pack(">BI", 0, len(text)) + text


class Peer:
    """Speaks frames over a real socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.encoder = hpack.Encoder()

    def send(self, *frames: bytes) -> None:
        self.writer.write(b"".join(frames))

    def block(self) -> bytes:
        block: bytes = self.encoder.encode([(":path", "/echo"), ("authorization", "Bearer x")])
        return block

    async def get(self) -> tuple[int, int, int, bytes]:
        high, low, kind, flags, stream = struct.unpack(">HBBBI", await self.reader.readexactly(9))
        return kind, flags, stream, await self.reader.readexactly(high << 8 | low)

    async def until(self, *kinds: int) -> tuple[int, int, int, bytes]:
        while (found := await self.get())[0] not in kinds:
            pass
        return found


async def echo(stream: Stream) -> None:
    assert stream.headers[":path"] == "/echo"
    while (came := await stream.receive()) is not None:
        stream.send(came[::-1])
    stream.end(OK)


def spoken(play: Callable[[Peer], Awaitable[None]], *, greeted: bool = True) -> None:
    async def run() -> None:
        tasks, loop = Tasks(), asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(echo, tasks.keep, LIMIT), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        peer = Peer(reader, writer)
        if greeted:
            peer.send(PREFACE, frame(SETTINGS, 0, 0, b""))
        try:
            await asyncio.wait_for(play(peer), 30)
        finally:
            writer.close()
            server.close()
            await server.wait_closed()
            await tasks.close()

    asyncio.run(run())


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    yield from (text[at : at + size] for at in range(0, len(text), size))


def test_messages_are_echoed_however_they_are_cut() -> None:
    async def play(peer: Peer) -> None:
        block = peer.block()
        peer.send(frame(HEADERS, PRIORITY | PADDED, 1, b"\x02" + bytes(5) + block[:3] + b"\0\0"))
        peer.send(frame(CONTINUATION, 0, 1, block[3:5]))
        peer.send(frame(CONTINUATION, END_HEADERS, 1, block[5:]))
        data = message(b"abc") + message(b"") + message(b"de")
        peer.send(*(frame(DATA, 0, 1, piece) for piece in pieces(data, 4)))
        peer.send(frame(DATA, PADDED | END_STREAM, 1, b"\x01\0"))
        _, flags, stream, _ = await peer.until(HEADERS)
        assert (flags, stream) == (END_HEADERS, 1)
        got = b""
        while (found := await peer.until(DATA, HEADERS))[0] == DATA:
            got += found[3]
        assert got == message(b"cba") + message(b"") + message(b"ed")
        assert found[1] == END_HEADERS | END_STREAM
        decoded = hpack.Decoder().decode(found[3])
        assert [tuple(pair) for pair in decoded] == [("grpc-status", "0")]
        peer.send(frame(PING, 0, 0, b"12345678"))
        assert await peer.until(PING) == (PING, ACK, 0, b"12345678")

    spoken(play)


def test_nothing_is_sent_past_the_peers_window() -> None:
    async def play(peer: Peer) -> None:
        peer.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 10)))
        peer.send(frame(HEADERS, END_HEADERS, 1, peer.block()))
        text = bytes(range(256)) * 300
        peer.send(*(frame(DATA, 0, 1, piece) for piece in pieces(message(text), FRAME)))
        got = (await peer.until(DATA))[3]
        assert len(got) == 10
        peer.send(frame(WINDOW, 0, 1, struct.pack(">I", 70_000)))
        while len(got) < 65_535:  # the connection's own window
            got += (await peer.until(DATA))[3]
        assert len(got) == 65_535
        peer.send(frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 100_000)))
        peer.send(frame(WINDOW, 0, 0, struct.pack(">I", 100_000)))
        while len(got) < len(text) + 5:
            got += (await peer.until(DATA))[3]
        assert got == message(text[::-1])

    spoken(play)


def test_a_stream_that_is_reset_ends_and_the_others_go_on() -> None:
    async def play(peer: Peer) -> None:
        for stream in (1, 3):
            peer.send(frame(HEADERS, END_HEADERS, stream, peer.block()))
        peer.send(frame(RESET, 0, 1, bytes(4)), frame(DATA, 0, 1, message(b"ab")))
        peer.send(frame(0xFA, 0, 1, b"an unknown frame"), frame(DATA, 0, 3, message(b"ab")))
        assert (await peer.until(DATA))[2:] == (3, message(b"ba"))

    spoken(play)


def test_a_block_of_headers_means_what_it_says_with_a_table_and_without() -> None:
    async def play(peer: Peer) -> None:
        for number in range(1, 41, 2):
            peer.encoder.header_table_size = 4096 if number % 20 < 10 else 0
            whole = frame(DATA, END_STREAM, number, message(b"abc"))
            peer.send(frame(HEADERS, END_HEADERS, number, peer.block()), whole)
            assert (await peer.until(DATA))[2:] == (number, message(b"cba"))

    spoken(play)


def test_a_message_past_the_bound_ends_its_stream() -> None:
    async def play(peer: Peer) -> None:
        peer.send(frame(HEADERS, END_HEADERS, 1, peer.block()))
        peer.send(frame(DATA, 0, 1, struct.pack(">BI", 0, LIMIT + 1)))
        assert (await peer.until(HEADERS))[1] == END_HEADERS | END_STREAM

    spoken(play)


MORE = frame(CONTINUATION, 0, 1, bytes(FRAME))
WRONG = {
    "a frame that is too long": frame(DATA, 0, 1, bytes(FRAME + 1)),
    "data of no stream": frame(DATA, 0, 0, b""),
    "a stream of the server's": frame(HEADERS, END_HEADERS, 2, b"\x82"),
    "headers that are none": frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff"),
    "padding past the end": frame(HEADERS, PADDED | END_HEADERS, 1, b"\x09\x82"),
    "headers that never end": frame(HEADERS, 0, 1, b"") + 5 * MORE,
    "a frame within headers": frame(HEADERS, 0, 1, b"") + frame(PING, 0, 0, bytes(8)),
    "a continuation of nothing": frame(CONTINUATION, END_HEADERS, 1, b""),
    "a push": frame(PUSH, 0, 1, b""),
    "settings that are cut": frame(SETTINGS, 0, 0, bytes(5)),
    "a window that is cut": frame(WINDOW, 0, 0, bytes(3)),
    "a window past all bounds": frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 31)),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_who_breaks_the_protocol_is_told_and_left(name: str) -> None:
    async def play(peer: Peer) -> None:
        peer.send(WRONG[name])
        assert int.from_bytes((await peer.until(GOAWAY))[3][4:]) > 0
        assert await peer.reader.read() == b""

    spoken(play)


def test_who_speaks_another_protocol_is_left() -> None:
    async def play(peer: Peer) -> None:
        peer.send(b"GET / HTTP/1.1\r\n\r\n")
        await peer.until(GOAWAY)
        assert await peer.reader.read() == b""

    spoken(play, greeted=False)

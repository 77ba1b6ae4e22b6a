"""One connection to the upstream: where answers end, what is refused, who waits for whom."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from tests.proxy.conftest import Talk, talking

from distillgate.errors import UpstreamError
from distillgate.proxy.connection import HELD_BYTES, MAX_HEADERS, Body, Connection

GET = b"GET / HTTP/1.1\r\nhost: h\r\n\r\n"


async def served(talk: Talk, use: Callable[[Connection], Awaitable[None]]) -> None:
    """Run `use` on a connection to a server that talks as told."""
    async with talking(talk) as port:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", port)
        try:
            await use(connection)
        finally:
            connection.close()


def saying(answer: bytes, *, stay: bool = True) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if stay:
            await reader.read()
        else:
            writer.close()
            await writer.wait_closed()

    return talk


async def whole(connection: Connection) -> bytes:
    got, last = b"", False
    while not last:
        piece, last = await connection.read()
        got += piece
    return got


async def asked(connection: Connection) -> bytes:
    await ask(connection)
    return await whole(connection)


async def ask(connection: Connection, body: Body = None, *, bodiless: bool = False) -> None:
    await connection.ask(GET, body, bodiless=bodiless, seconds=10)


@pytest.mark.parametrize(
    ("answer", "status", "body", "kept"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, b"ok", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, b"", True),
        (b"HTTP/1.1 204 None\r\n\r\n", 204, b"", True),
        (b"HTTP/1.1 304 Same\r\ncontent-length: 9\r\n\r\n", 304, b"", True),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n",
            200,
            b"ok",
            True,
        ),
        (
            b"HTTP/1.1 103 Early\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            200,
            b"ok",
            True,
        ),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", 200, b"ok", False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", 200, b"ok", False),
        (
            b"HTTP/1.1 204 None\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            204,
            b"",
            False,
        ),
    ],
)
def test_an_answer_ends_where_it_says(answer: bytes, status: int, body: bytes, kept: bool) -> None:
    async def use(connection: Connection) -> None:
        await ask(connection)
        assert connection.status == status
        assert await whole(connection) == body
        assert {name for name, _ in connection.headers}.isdisjoint({b"x", b"link"})
        assert connection.release() is kept

    asyncio.run(served(saying(answer), use))


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async def use(connection: Connection) -> None:
        await ask(connection)
        assert await whole(connection) == b"all of it"
        assert not connection.release()

    answer = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    asyncio.run(served(saying(answer, stay=False), use))


def test_an_answer_to_head_has_a_length_and_no_body() -> None:
    async def use(connection: Connection) -> None:
        await ask(connection, bodiless=True)
        assert (b"content-length", b"5") in connection.headers
        assert await connection.read() == (b"", True)
        assert not connection.release()  # what follows could be anything

    asyncio.run(served(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"), use))


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nokk",
        b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\nok",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 1_000_000,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
def test_what_is_no_plain_answer_breaks_the_connection(answer: bytes) -> None:
    async def use(connection: Connection) -> None:
        with pytest.raises(UpstreamError) as raised:
            await asked(connection)
        assert raised.value.status == 502
        assert not connection.release()

    asyncio.run(served(saying(answer), use))


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    async def use(connection: Connection) -> None:
        await ask(connection)
        with pytest.raises(UpstreamError):
            await whole(connection)

    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok"
    asyncio.run(served(saying(answer, stay=False), use))


@pytest.mark.parametrize("more", [b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b"HTTP/1.1 2"])
def test_bytes_nobody_asked_for_are_never_the_next_requests_answer(more: bytes) -> None:
    async def use(connection: Connection) -> None:
        await ask(connection)
        assert await whole(connection) == b"ok"
        assert not connection.release()

    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    asyncio.run(served(saying(answer + more), use))


def test_one_whose_answer_came_and_was_not_read_is_not_kept() -> None:
    """It may be one that was made to wait, and would not hear the next answer."""

    async def use(connection: Connection) -> None:
        await ask(connection)
        while not connection.complete:  # noqa: ASYNC110 - nothing tells but reading
            await asyncio.sleep(0)
        assert not connection.release()

    asyncio.run(served(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), use))


def test_one_that_still_sends_its_request_when_the_answer_is_whole_is_not_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await answered.wait()

    async def use(connection: Connection) -> None:
        await ask(connection, bytes(2**26))
        assert await whole(connection) == b""
        assert not connection.release()
        answered.set()

    answered = asyncio.Event()
    asyncio.run(served(talk, use))


def test_an_answer_that_is_cut_on_this_side_is_not_whole() -> None:
    async def use(connection: Connection) -> None:
        await ask(connection)
        assert await connection.read() == (b"a part", False)
        connection.close()
        with pytest.raises(UpstreamError):
            await connection.read()

    asyncio.run(served(saying(b"HTTP/1.1 200 OK\r\n\r\na part"), use))


def test_nobody_waits_for_the_answer_of_a_connection_that_is_lost() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        gone.set()

    async def use(connection: Connection) -> None:
        connection.close()
        await gone.wait()
        with pytest.raises(UpstreamError) as raised:
            await ask(connection)
        assert raised.value.kind == "broken"

    gone = asyncio.Event()
    asyncio.run(served(talk, use))


def test_an_upstream_waits_for_a_client_that_does_not_read() -> None:
    sent = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 67108864\r\n\r\n")
        for _ in range(1024):
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    async def use(connection: Connection) -> None:
        await ask(connection)
        before = -1
        while before != sent:  # until the server gets no further
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 67108864
        piece, last = await connection.read()
        assert not last
        assert len(piece) < HELD_BYTES + 2**20
        assert len(piece) + len(await whole(connection)) == 67108864

    asyncio.run(served(talk, use))


def test_an_early_answer_passes_and_the_rest_of_the_upload_is_dropped() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0)

    async def use(connection: Connection) -> None:
        await ask(connection, endless())
        assert connection.status == 413
        assert await whole(connection) == b""
        assert not connection.release()

    asyncio.run(served(saying(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n"), use))


def test_an_upload_that_fails_is_an_error_where_the_answer_is_awaited() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    async def use(connection: Connection) -> None:
        with pytest.raises(UpstreamError):
            await ask(connection, broken())

    asyncio.run(served(saying(b"", stay=True), use))

"""The kept connections: used again, never too many, never too old."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.proxy.conftest import talking

from distillgate.errors import UpstreamError
from distillgate.proxy.connection import Connection
from distillgate.proxy.pool import Pool
from distillgate.proxy.settings import ProxySettings

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


def pooled(use: Callable[[Pool], Awaitable[None]], **settings: float) -> None:
    """Run `use` on a pool of connections to a server that answers everything."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            writer.write(ANSWER)

    async def run() -> None:
        async with talking(talk) as port:
            upstream = f"http://127.0.0.1:{port}"
            pool = Pool(ProxySettings.model_validate({"upstream": upstream, **settings}))
            try:
                await use(pool)
            finally:
                pool.close()

    asyncio.run(run())


async def ask(connection: Connection) -> None:
    await connection.ask(b"GET / HTTP/1.1\r\n\r\n", None, bodiless=False, seconds=10)
    await connection.read()


def test_the_newest_idle_connection_is_used_first() -> None:
    async def use(pool: Pool) -> None:
        (first, kept), (second, _) = await pool.take(), await pool.take()
        assert not kept
        for connection in (first, second):
            await ask(connection)
            pool.give(connection)
        assert await pool.take() == (second, True)

    pooled(use)


def test_one_whose_answer_was_not_read_is_not_kept() -> None:
    async def use(pool: Pool) -> None:
        connection, _ = await pool.take()
        await connection.ask(b"GET / HTTP/1.1\r\n\r\n", None, bodiless=False, seconds=10)
        connection.complete = False  # as if there were more
        pool.give(connection)
        pool.give(connection)  # twice is once
        other, kept = await pool.take()
        assert other is not connection
        assert not kept

    pooled(use, max_connections=1)


def test_one_that_is_closed_serves_no_more_before_the_event_loop_has_heard(eventually: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        pool = Pool(ProxySettings(upstream=f"http://127.0.0.1:{port}"))

        async def run() -> None:
            connection, _ = await pool.take()
            far, _ = server.accept()
            far.send(ANSWER)
            await ask(connection)
            pool.give(connection)
            assert not connection.stale
            with far:
                far.shutdown(socket.SHUT_WR)  # nothing is awaited from here on
            eventually(lambda: connection.stale)
            assert not connection.closed
            assert (await pool.take())[1] is False
            pool.close()

        asyncio.run(run())


def test_an_old_one_is_closed() -> None:
    async def use(pool: Pool) -> None:
        connection, _ = await pool.take()
        await ask(connection)
        pool.give(connection)
        for _ in range(1000):
            if connection.closed:
                break
            await asyncio.sleep(0.02)
        assert (await pool.take())[1] is False

    pooled(use, keepalive_seconds=0.05)


def test_past_the_limit_one_waits_and_not_for_ever() -> None:
    async def use(pool: Pool) -> None:
        connection, _ = await pool.take()
        with pytest.raises(UpstreamError) as raised:
            await pool.take()
        assert raised.value.status == 504
        waiting = asyncio.ensure_future(pool.take())
        await asyncio.sleep(0)
        await ask(connection)
        pool.give(connection)
        assert await waiting == (connection, True)

    pooled(use, max_connections=1, connect_seconds=0.3)


@pytest.mark.parametrize(
    ("host", "authority", "verify", "taken"),
    [
        ("localhost", True, True, True),
        ("localhost", False, True, False),  # signed by nobody the system knows
        ("127.0.0.1", True, True, False),  # another's certificate
        ("127.0.0.1", False, False, True),
    ],
)
def test_a_certificate_is_checked_unless_told_not_to(
    tmp_path: Path, host: str, authority: bool, verify: bool, taken: bool
) -> None:
    authorities = trustme.CA()
    authorities.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authorities.issue_cert("localhost").configure_cert(context)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65536):
            writer.write(ANSWER)

    async def run() -> None:
        async with talking(talk, context) as port:
            settings: dict[str, object] = {"upstream": f"https://{host}:{port}"}
            if authority:
                settings["ca_file"] = str(tmp_path / "ca.pem")
            if not verify:
                settings["verify_tls"] = False
            pool = Pool(ProxySettings.model_validate(settings))
            try:
                connection, _ = await pool.take()
                await ask(connection)
                assert connection.status == 200
            finally:
                pool.close()

    if taken:
        asyncio.run(run())
        return
    with pytest.raises(UpstreamError) as raised:
        asyncio.run(run())
    assert raised.value.kind == "connect"

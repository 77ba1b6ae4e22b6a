"""The journal on a real server: bounded, in one slot, with TLS and as a user with few rights."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from benchmarks.servers import free_port
from benchmarks.valkey import Valkey, valkey
from tests.fleet.conftest import redis_settings

from distillgate.errors import StoreError
from distillgate.fleet.redis import RedisTransport
from distillgate.fleet.transport import Batch, Envelope

RIGHTS = "+xadd +xread +xtrim +xlen +xinfo +exists +time"


def _envelope(number: int, size: int = 10) -> Envelope:
    return Envelope(7, number, 1_800_000_000.5, b"x" * size)


@contextlib.asynccontextmanager
async def _opened(url: str, prefix: str, **more: Any) -> AsyncIterator[RedisTransport]:
    transport = RedisTransport(redis_settings(url, prefix, **more))
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


async def _there_and_back(url: str, prefix: str) -> Batch:
    async with _opened(url, prefix) as transport:
        await transport.append([_envelope(1)])
        return await transport.read(None)


def test_all_keys_are_of_one_slot(server: Valkey, prefix: str) -> None:
    asyncio.run(_there_and_back(server.url, prefix))
    with server.client() as client:
        keys = [key.decode() for key in client.keys(f"*{prefix}*")]

    assert keys
    assert all(key.startswith(f"{{{prefix}}}:") for key in keys)


def test_the_journal_is_kept_to_its_bytes(server: Valkey, prefix: str) -> None:
    async def play() -> None:
        async with _opened(server.url, prefix, journal_bytes=1_000_000) as transport:
            await transport.append([_envelope(1, 10_000)])
            begun = (await transport.read(None)).position
            assert await transport.reaches(begun)
            for number in range(2, 401):
                await transport.append([_envelope(number, 10_000)])
            first = await transport.read(None)
            assert first.envelopes[0].number > 250
            assert not await transport.reaches(begun)
            assert await transport.reaches(first.position)

    asyncio.run(play())
    with server.client() as client:
        assert client.memory_usage(f"{{{prefix}}}:journal") < 2_000_000


def test_a_journal_that_began_anew_does_not_reach(harmed: Valkey, prefix: str) -> None:
    async def play() -> None:
        async with _opened(harmed.url, prefix) as transport:
            await transport.append([_envelope(1)])
            position = (await transport.read(None)).position
            assert await transport.reaches(position)
            harmed.stop()
            with pytest.raises(StoreError):
                await transport.append([_envelope(2)])
            harmed.start()
            await transport.open()
            assert not await transport.reaches(position)

    asyncio.run(play())


def test_a_position_of_another_transport_is_not_reached(server: Valkey, prefix: str) -> None:
    async def play() -> None:
        async with _opened(server.url, prefix) as transport:
            await transport.append([_envelope(1)])
            for position in ("8f3a-12", "12", "", "1-1\n", "0-1-2"):
                assert not await transport.reaches(position)

    asyncio.run(play())


def test_a_server_that_is_full_takes_batches_again_once_the_journal_is_shorter(
    prefix: str,
) -> None:
    async def play(url: str) -> None:
        async with _opened(url, prefix, journal_bytes=1 << 40) as transport:
            failed = 0
            for number in range(1, 400):
                try:
                    await transport.append([_envelope(number, 50_000)])
                except StoreError:
                    failed += 1
            assert 0 < failed < 40

    with valkey("--maxmemory", "8mb", "--maxmemory-policy", "noeviction") as full:
        asyncio.run(play(full.url))


@pytest.mark.parametrize("fields", [{b"b": b"\xc1 no batch"}, {b"another's": b"field"}])
def test_a_batch_that_is_none_is_left_out(
    server: Valkey, prefix: str, fields: dict[bytes, bytes]
) -> None:
    async def play() -> None:
        async with _opened(server.url, prefix) as transport:
            with server.client() as client:
                client.xadd(f"{{{prefix}}}:journal", fields)
            await transport.append([_envelope(1)])
            damaged = await transport.read(None)
            assert damaged.envelopes == []
            assert (await transport.read(damaged.position)).envelopes == [_envelope(1)]

    asyncio.run(play())


def test_a_server_that_is_gone_is_an_error_of_ours(prefix: str) -> None:
    async def play(call: Callable[[RedisTransport], Awaitable[object]]) -> None:
        transport = RedisTransport(redis_settings("redis://127.0.0.1:1/0", prefix))
        with pytest.raises(StoreError):
            await call(transport)

    for call in (
        lambda transport: transport.open(),
        lambda transport: transport.append([_envelope(1)]),
        lambda transport: transport.read(None),
        lambda transport: transport.reaches("1-1"),
    ):
        asyncio.run(play(call))


def test_a_user_with_rights_to_its_own_keys_is_enough(harmed: Valkey, prefix: str) -> None:
    with harmed.client() as client:
        client.execute_command(
            "ACL", "SETUSER", "gate", "on", ">secret", f"~{{{prefix}}}:*", *RIGHTS.split()
        )
    url = f"redis://gate:secret@127.0.0.1:{harmed.port}/0"

    assert asyncio.run(_there_and_back(url, prefix)).envelopes == [_envelope(1)]
    with pytest.raises(StoreError, match="permission"):
        asyncio.run(_there_and_back(url, "anothers"))


@contextlib.asynccontextmanager
async def _tls(target: int, authority: trustme.CA) -> AsyncIterator[int]:
    """Serve a server's port with TLS, as stunnel does: the bundled server is built without."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context) as served:
        yield served.sockets[0].getsockname()[1]


def test_tls_with_an_authority_of_ones_own(server: Valkey, prefix: str, tmp_path: Path) -> None:
    authority, file = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)

    async def play() -> None:
        async with _tls(server.port, authority) as port:
            url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={file}"
            assert (await _there_and_back(url, prefix)).envelopes == [_envelope(1)]

    asyncio.run(play())


def test_a_certificate_of_nobody_known_is_refused(server: Valkey, prefix: str) -> None:
    async def play() -> None:
        async with _tls(server.port, trustme.CA()) as port:
            with pytest.raises(StoreError, match="certificate"):
                await _there_and_back(f"rediss://127.0.0.1:{port}/0", prefix)

    asyncio.run(play())


@pytest.fixture
def cluster() -> Iterator[tuple[Valkey, Valkey]]:
    """Two servers of one cluster, each with half of the slots."""
    options, bus = ("--cluster-enabled", "yes", "--cluster-port"), free_port()
    with valkey(*options, str(free_port())) as one, valkey(*options, str(bus)) as other:
        for node, slots in ((one, (0, 8191)), (other, (8192, 16383))):
            with node.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", *slots)
        with one.client() as client:
            client.execute_command("CLUSTER", "MEET", "127.0.0.1", other.port, bus)
        for node in (one, other):
            with node.client() as client:
                while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
                    pass
        yield one, other


def test_in_a_cluster_the_server_of_the_slot_is_found(cluster: tuple[Valkey, Valkey]) -> None:
    owners = set()
    for prefix in "abcd":
        key = f"{{{prefix}}}:journal"
        for node in cluster:
            asyncio.run(_there_and_back(node.url, prefix))
        with cluster[0].client() as client:
            owner = cluster[client.execute_command("CLUSTER", "KEYSLOT", key) >= 8192]
        with owner.client() as client:
            assert client.xlen(key) == 2
        owners.add(owner.port)

    assert len(owners) == 2

"""The log on a real server: in one slot, with TLS, and as a user with few rights."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme
from benchmarks.servers import free_port
from benchmarks.valkey import Valkey, valkey
from tests.log.conftest import stream
from tests.log.test_log import chunks, founded

from distillgate.errors import StoreError
from distillgate.log.log import Placed

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


async def _there_and_back(url: str, prefix: str) -> list[Placed]:
    log = stream(url, prefix)
    try:
        start = await founded(log)
        await log.append(b"a")
        found = await log.read(start, wait=False)
        assert await log.write_snapshot(found[-1].position, chunks(b"s"))
        assert await log.write_snapshot(found[-1].position, chunks(b"s"))
        (latest, _) = await log.snapshots()
        assert [chunk async for chunk in latest.chunks] == [b"s"]
        await log.found("one", "two", chunks(b"s"))
        return found
    finally:
        await log.close()


def test_all_keys_are_of_one_slot_and_nothing_of_an_old_log_is_left(
    server: Valkey, prefix: str
) -> None:
    asyncio.run(_there_and_back(server.url, prefix))

    with server.client() as client:
        keys = [key.decode() for key in client.keys(f"*{prefix}-*")]
        assert {client.execute_command("CLUSTER", "KEYSLOT", key) for key in keys} != set()
    assert {re.match(r"\{[^}]*\}", key)[0] for key in keys} == {keys[0].partition("}")[0] + "}"}  # type: ignore[index]
    assert not [key for key in keys if key.endswith((":one", "founding", "writing"))]


def test_a_user_with_the_rights_that_are_documented_is_enough(harmed: Valkey, prefix: str) -> None:
    said = re.search(r"`ACL SETUSER gate on >secret (.*?)`", OPERATIONS, re.DOTALL)
    assert said is not None
    rights = said[1].replace("distillgate", prefix).split()
    with harmed.client() as client:
        client.execute_command("ACL", "SETUSER", "gate", "on", ">secret", *rights)
    url = f"redis://gate:secret@127.0.0.1:{harmed.port}/0"

    assert [placed.data for placed in asyncio.run(_there_and_back(url, prefix))] == [b"a"]
    with pytest.raises(StoreError, match="permission"):
        asyncio.run(_there_and_back(url, "anothers"))


def test_a_server_that_is_full_takes_batches_again_once_the_log_is_cut(harmed: Valkey) -> None:
    async def play() -> None:
        log = stream(harmed.url)
        position = await founded(log)
        for _ in range(20):
            await log.append(b"x" * 100_000)
            position = (await log.read(position, wait=False))[-1].position
        for _ in range(2):
            assert await log.write_snapshot(position, chunks(b"s"))
        for _ in range(20):
            await log.append(b"x" * 100_000)
            position = (await log.read(position, wait=False))[-1].position
        assert await log.write_snapshot(position, chunks(b"s"))
        with harmed.client() as client:
            client.config_set("maxmemory", client.info("memory")["used_memory"] + 10_000)
        for _ in range(3):
            with contextlib.suppress(StoreError):
                await log.append(b"x" * 100_000)
        await log.append(b"there is room")
        await log.close()

    asyncio.run(play())


def test_a_server_that_is_gone_is_an_error_of_ours(prefix: str) -> None:
    async def play() -> None:
        log = stream("redis://127.0.0.1:1/0", prefix)
        for call in (
            log.open(),
            log.append(b"a"),
            log.read("1-1", wait=False),
            log.snapshots(),
            log.found("", "one", chunks(b"s")),
            log.write_snapshot("1-1", chunks(b"s")),
        ):
            with pytest.raises(StoreError):
                await call

    asyncio.run(play())


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
            assert [placed.data for placed in await _there_and_back(url, prefix)] == [b"a"]

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
    async def founded_by_one_and_found_by_the_other(prefix: str) -> None:
        one, other = (stream(node.url, prefix) for node in cluster)
        start = await founded(one)
        assert (await other.open()).start == start
        await other.append(b"a")
        assert [placed.data for placed in await one.read(start, wait=False)] == [b"a"]
        await one.close()
        await other.close()

    for prefix in "abcd":
        asyncio.run(founded_by_one_and_found_by_the_other(prefix))
    for node in cluster:
        with node.client() as client:
            assert client.dbsize() > 0

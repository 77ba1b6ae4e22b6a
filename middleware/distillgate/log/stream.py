"""The log as a stream of a Redis or Valkey server: one entry of the stream is one batch.

The server puts the batches in order and stamps them. All keys carry the prefix as their hash tag,
so that in a cluster they are of one slot, and one server has them all.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from time import monotonic
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MovedError, OutOfMemoryError, RedisError, ResponseError

from distillgate.derive import derive
from distillgate.errors import StoreError
from distillgate.log.log import CutError, Placed, Reached, ReplacedError, Snapshot
from distillgate.log.settings import LogSettings

_FIELD = b"b"
_AT_ONCE = 64
"""Batches that are read at once."""
_BLOCK_MS = 1000
"""How long the server waits for a batch before it says that there is none."""
_SURE_SECONDS = 1.0
"""A reader that was away for so long looks whether the log still reaches back to it."""
_MOVES = 3
"""How often a cluster may send us on to another of its servers."""
_KEPT = 2
_LEASE_MS = 30_000
"""How long another process waits for one that writes a snapshot, and says nothing more."""
_UNFINISHED_MS = 600_000
"""After so long a snapshot that was never finished is gone."""


class StreamLog:
    """See `Log`. A position is an entry's name in the stream.

    Each log is a stream of its own, which begins with an empty entry: it is there as long as the
    log is, and batches are only ever added to what is there.
    """

    def __init__(self, settings: LogSettings, secret: bytes) -> None:
        assert settings.url is not None
        check = derive(secret, b"fleet", 8).hex()
        self._timeout = settings.timeout_seconds
        self._url = settings.url.get_secret_value()
        self._prefix = f"{{{settings.prefix}-{check}}}"
        self._client: Redis | None = None
        self._name = ""
        self._read_at = 0.0
        self._given = ""
        """The position up to which batches were last returned."""
        self._me = secrets.token_hex(8)
        self.notes: list[dict[str, Any]] = []

    async def open(self) -> Reached:
        """Connect, to the server of a cluster that has the log."""
        for _ in range(_MOVES):
            await self.close()
            try:
                return await self._meet()
            except MovedError as elsewhere:
                self._url = moved(self._url, elsewhere)
            except (RedisError, OSError) as error:
                await self.close()
                raise _ours(error) from error
        await self.close()
        raise StoreError("no server of the cluster has the log")

    async def found(self, old: str, name: str, chunks: AsyncIterator[bytes]) -> bool:
        """Write the snapshot, begin a stream, and name it as the log."""
        async with self._lease("founding") as mine:
            if not mine or await self._known() != old:
                return False
            await self._write(name, "", chunks, "founding")
            with raising():
                first = await self._redis().xadd(self._stream(name), {_FIELD: b""})
                fields: dict[Any, Any] = {"name": name, "start": first}
                async with self._redis().pipeline() as pipe:
                    pipe.hset(self._key("log"), mapping=fields)
                    if old:
                        pipe.unlink(self._stream(old))
                    await pipe.execute()
        self._name = name
        return True

    async def append(self, data: bytes) -> float | None:
        """Add an entry to the stream."""
        with raising():
            try:
                position: Any = await self._redis().xadd(
                    self._stream(self._name), {_FIELD: data}, nomkstream=True
                )
            except OutOfMemoryError:
                # What is full may be full of this very log, and nothing else would shorten it.
                await self._cut(1)
                raise
        if position is None:
            raise ReplacedError("the server lost the log")
        return _at(position.decode())

    async def read(self, after: str, *, wait: bool) -> list[Placed]:
        """Return the entries after a position."""
        stream, away = self._stream(self._name), monotonic() - self._read_at
        with raising():
            found: Any = await self._redis().xread(
                {stream: after}, count=_AT_ONCE, block=_BLOCK_MS if wait else None
            )
        if not found or away > _SURE_SECONDS or after != self._given:
            await self._reaches(after)
        self._read_at = monotonic()
        entries = found[0][1] if found else []
        self._given = entries[-1][0].decode() if entries else after
        return [
            Placed(position.decode(), _at(position.decode()), fields.get(_FIELD, b""))
            for position, fields in entries
        ]

    async def write_snapshot(self, position: str, chunks: AsyncIterator[bytes]) -> bool:
        """Write a snapshot, and cut the stream behind the one before."""
        async with self._lease("writing") as mine:
            if mine:
                await self._write(self._name, position, chunks, "writing")
                with raising():
                    await self._cut(_KEPT)
        return mine

    async def snapshots(self) -> list[Snapshot]:
        """Return the snapshots there are, the latest first."""
        return [Snapshot(number, self._chunks(number)) for number, _, _ in await self._written()]

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._client.aclose()
            self._client = None  # only now: cancelled meanwhile, it is closed by the next call

    async def _meet(self) -> Reached:
        self._client = client = connect(self._url, self._timeout)
        known: Any = await client.hgetall(self._key("log"))
        name, start = (known.get(field, b"").decode() for field in (b"name", b"start"))
        if name and not await client.exists(self._stream(name)):
            await client.delete(self._key("log"))
            name = ""
        seconds, microseconds = await client.time()
        self._name, self._read_at = name, 0.0
        return Reached(name, start, float(seconds) + float(microseconds) / 1e6)

    async def _known(self) -> str:
        with raising():
            name: Any = await self._redis().hget(self._key("log"), "name")
        return name.decode() if name else ""

    async def _reaches(self, after: str) -> None:
        """Raise where not all after a position is there: the entry at it must be."""
        try:
            info = await self._redis().xinfo_stream(self._stream(self._name))
        except ResponseError as error:
            if "no such key" in str(error):
                raise ReplacedError("the log was founded anew") from None
            raise _ours(error) from error
        except (RedisError, OSError) as error:
            raise _ours(error) from error
        first, last = info["first-entry"], info["last-generated-id"].decode()
        earliest = first[0].decode() if first else last
        if _order(after) < _order(earliest):
            raise CutError(earliest)

    async def _write(
        self, log: str, position: str, chunks: AsyncIterator[bytes], lease: str
    ) -> None:
        with raising():
            client = self._redis()
            number = await client.incr(self._key("snapshot"))
            key = self._key(f"snapshot:{number}")
            async for chunk in chunks:
                async with client.pipeline() as pipe:
                    pipe.rpush(key, chunk)
                    pipe.pexpire(key, _UNFINISHED_MS)
                    pipe.pexpire(self._key(lease), _LEASE_MS)
                    await pipe.execute()
            old = (await self._written())[_KEPT - 1 :]
            async with client.pipeline() as pipe:
                pipe.persist(key)
                pipe.hset(self._key("snapshots"), str(number), f"{log} {position}")
                for gone, _, _ in old:
                    pipe.hdel(self._key("snapshots"), str(gone))
                    pipe.unlink(self._key(f"snapshot:{gone}"))
                await pipe.execute()

    async def _written(self) -> list[tuple[int, str, str]]:
        """Return the snapshots' numbers, logs and positions, the latest first."""
        with raising():
            known: Any = await self._redis().hgetall(self._key("snapshots"))
        written = [(int(number), *of.decode().partition(" ")[::2]) for number, of in known.items()]
        return sorted(written, reverse=True)

    async def _chunks(self, number: int) -> AsyncIterator[bytes]:
        key, at = self._key(f"snapshot:{number}"), 0
        while True:
            with raising():
                chunk: Any = await self._redis().lindex(key, at)
            if chunk is None:
                return
            yield chunk
            at += 1

    async def _cut(self, kept: int) -> None:
        """Cut the stream behind the last of some snapshots: that one's position stays."""
        written = (await self._written())[:kept]
        if len(written) == kept and all(of == self._name and at for _, of, at in written):
            await self._redis().xtrim(
                self._stream(self._name), minid=written[-1][2], approximate=False
            )

    @contextlib.asynccontextmanager
    async def _lease(self, name: str) -> AsyncIterator[bool]:
        """Be the only one for a while; False where another is."""
        key = self._key(name)
        with raising():
            mine = bool(await self._redis().set(key, self._me, nx=True, px=_LEASE_MS))
        try:
            yield mine
        finally:
            if mine:
                with contextlib.suppress(StoreError, RedisError, OSError):
                    if await self._redis().get(key) == self._me.encode():
                        await self._redis().delete(key)

    def _redis(self) -> Redis:
        if self._client is None:
            raise StoreError("there is no connection")
        return self._client

    def _key(self, name: str) -> str:
        return f"{self._prefix}:{name}"

    def _stream(self, name: str) -> str:
        return self._key(f"stream:{name}")


def connect(url: str, timeout: float) -> Redis:
    """Return a client that connects once it is asked, and tries nothing twice."""
    return Redis.from_url(
        url,
        protocol=2,
        socket_timeout=timeout + _BLOCK_MS / 1000,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


def moved(url: str, to: MovedError) -> str:
    """Return the address of the server that a cluster names, as the same user."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    host = f"[{to.host}]" if ":" in to.host else to.host
    return urlunsplit(parts._replace(netloc=f"{user}{at}{host}:{to.port}"))


def _at(position: str) -> float:
    return int(position.partition("-")[0]) / 1000


def _order(position: str) -> tuple[int, int]:
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number)


@contextlib.contextmanager
def raising() -> Iterator[None]:
    """Raise what the client and the system say as errors of ours."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise _ours(error) from error


def _ours(error: Exception) -> StoreError:
    return StoreError(f"{type(error).__name__}: {error}")

"""The journal as a stream of a Redis or Valkey server: one entry of the stream is one batch.

The server puts the batches in order and stamps them. All keys carry the prefix as their hash tag,
so that in a cluster they are of one slot, and one server has them all.
"""

import contextlib
import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MovedError, OutOfMemoryError, RedisError, ResponseError

from distillgate.errors import StoreError
from distillgate.fleet.settings import RedisSettings
from distillgate.fleet.transport import Batch, Envelope

_FIELD = b"b"
_NAME = re.compile(r"\d+-\d+")
_BEGINNING = "0-0"
_AHEAD = 64
"""Batches that are read at once."""
_BLOCK_MS = 1000
"""How long the server waits for a batch before it says that there is none."""
_OVERHEAD = 64
"""Bytes that an entry of a stream takes beside its data."""
_WEIGHT = 0.05
"""How much the last batch says of how long batches are."""
MOVES = 3
"""How often a cluster may send us on to another of its servers."""


class RedisTransport:
    """See `Transport`. A position is an entry's name in the stream."""

    def __init__(self, settings: RedisSettings) -> None:
        assert settings.url is not None
        self._settings = settings
        self._url = settings.url.get_secret_value()
        self._key = f"{{{settings.prefix}}}:journal"
        self._client: Redis | None = None
        self._ahead: deque[Batch] = deque()
        self._given: str | None = None
        self._mean = 0.0
        """Bytes of a batch."""

    async def open(self) -> float:
        """Connect, to the server of a cluster that has the journal, and give its time."""
        for _ in range(MOVES):
            await self.close()
            try:
                return await self._meet()
            except MovedError as elsewhere:
                self._url = moved(self._url, elsewhere)
            except (RedisError, OSError) as error:
                await self.close()
                raise ours(error) from error
        await self.close()
        raise StoreError("no server of the cluster has the journal")

    async def append(self, envelopes: list[Envelope]) -> float:
        """Add an entry to the stream, which is kept to about its length in bytes."""
        data = msgspec.msgpack.encode(envelopes)
        self._measure(data)
        client = self._connected()
        with _told():
            try:
                name: Any = await client.xadd(
                    self._key, {_FIELD: data}, maxlen=self._batches(), approximate=True
                )
            except OutOfMemoryError:
                # What is full may be full of this very journal, and nothing else would shorten it.
                half = await client.xlen(self._key) // 2
                await client.xtrim(self._key, maxlen=half, approximate=False)
                raise
        return _at(name.decode())

    async def read(self, after: str | None) -> Batch:
        """Give the entry after a position."""
        if after != self._given:
            self._ahead.clear()
        while not self._ahead:
            await self._more(after or _BEGINNING)
        batch = self._ahead.popleft()
        self._given = batch.position
        return batch

    async def reaches(self, position: str) -> bool:
        """Ask whether the position's own entry is there, or none was ever trimmed.

        A stream that began anew is behind the position; one of another transport is of no stream.
        """
        if not _NAME.fullmatch(position):
            return False
        with _told():
            try:
                info = await self._connected().xinfo_stream(self._key)
            except ResponseError as error:
                if "no such key" in str(error):
                    return False
                raise
        whole = info["entries-added"] == info["length"]
        first = position if whole or not info["length"] else info["first-entry"][0].decode()
        last = info["last-generated-id"].decode()
        return _order(first) <= _order(position) <= _order(last)

    async def close(self) -> None:
        """Close the connections."""
        self._ahead.clear()
        if self._client is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._client.aclose()
            self._client = None  # only now: cancelled meanwhile, it is closed by the next call

    async def _meet(self) -> float:
        self._client = client = _connect(self._url, self._settings.timeout_seconds)
        await client.exists(self._key)
        seconds, microseconds = await client.time()
        return float(seconds) + float(microseconds) / 1e6

    async def _more(self, after: str) -> None:
        with _told():
            found: Any = await self._connected().xread(
                {self._key: after}, count=_AHEAD, block=_BLOCK_MS
            )
        for _, entries in found:
            for name, fields in entries:
                data, position = fields.get(_FIELD, b""), name.decode()
                self._measure(data)
                try:
                    envelopes = _ENVELOPES.decode(data)
                except msgspec.DecodeError:
                    envelopes = []  # and the numbers that are missing tell what it cost
                self._ahead.append(Batch(position, _at(position), envelopes))

    def _connected(self) -> Redis:
        if self._client is None:
            raise StoreError("there is no connection")
        return self._client

    def _measure(self, data: bytes) -> None:
        size = len(data) + _OVERHEAD
        self._mean += (_WEIGHT if self._mean else 1.0) * (size - self._mean)

    def _batches(self) -> int:
        return max(1, int(self._settings.journal_bytes / self._mean))


_ENVELOPES = msgspec.msgpack.Decoder(list[Envelope])


def _connect(url: str, timeout: float) -> Redis:
    return Redis.from_url(
        url,
        protocol=2,
        socket_timeout=timeout + _BLOCK_MS / 1000,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


def moved(url: str, to: MovedError) -> str:
    """Give the address of the server that a cluster names, as the same user."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    host = f"[{to.host}]" if ":" in to.host else to.host
    return urlunsplit(parts._replace(netloc=f"{user}{at}{host}:{to.port}"))


def _at(name: str) -> float:
    return int(name.partition("-")[0]) / 1000


def _order(name: str) -> tuple[int, int]:
    milliseconds, _, number = name.partition("-")
    return int(milliseconds), int(number)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Raise what the client and the system say as errors of ours."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise ours(error) from error


def ours(error: Exception) -> StoreError:
    """Say what the client and the system say as an error of ours."""
    return StoreError(f"{type(error).__name__}: {error}")

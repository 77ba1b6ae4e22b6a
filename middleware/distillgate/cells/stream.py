"""Where letters are left: one stream of a Redis or Valkey server, of which the oldest go."""

from typing import Any, NamedTuple

from redis.asyncio import Redis

from distillgate.cells.settings import CellSettings
from distillgate.log.stream import connect, raising

_FIELD = b"l"
_KEPT = 2048
"""Letters that are kept, some 15 KB each: who comes back after an hour reads what it missed, and of
what is gone the next summary of the group says the same."""
_AT_ONCE = 16
_LEASE_MS = 15_000
"""After so long another gate of a cell speaks for it."""
_TIMEOUT_SECONDS = 5.0
START = "0-0"
"""The position before the first letter."""


class Placed(NamedTuple):
    """A letter in its place."""

    position: str
    data: bytes


class Stream:
    """Belongs to an event loop. Each call may raise `StoreError`; the next reaches anew."""

    def __init__(self, settings: CellSettings, check: str, me: str) -> None:
        assert settings.url is not None
        self._url = settings.url.get_secret_value()
        # One hash tag: in a cluster all is on one server.
        self._name = f"{{distillgate-cells-{check}}}"
        self._lease = f"{self._name}:leader:{settings.name}"
        self._me = me.encode()
        self._client: Redis | None = None

    async def lead(self) -> bool:
        """Return whether this gate speaks for its cell; take that on where nobody does."""
        with raising():
            if await self._redis().set(self._lease, self._me, nx=True, px=_LEASE_MS):
                return True
            mine = await self._redis().get(self._lease) == self._me
            return mine and bool(await self._redis().pexpire(self._lease, _LEASE_MS))

    async def resign(self) -> None:
        """Let another gate speak for the cell."""
        with raising():
            if await self._redis().get(self._lease) == self._me:
                await self._redis().delete(self._lease)

    async def append(self, letter: bytes) -> None:
        """Leave a letter."""
        with raising():
            await self._redis().xadd(self._name, {_FIELD: letter}, maxlen=_KEPT, approximate=True)

    async def read(self, after: str) -> list[Placed]:
        """Return some letters after a position, none where there are no more."""
        with raising():
            found: Any = await self._redis().xread({self._name: after}, count=_AT_ONCE)
        entries = found[0][1] if found else []
        return [Placed(place.decode(), fields.get(_FIELD, b"")) for place, fields in entries]

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            with raising():
                await client.aclose()

    def _redis(self) -> Redis:
        if self._client is None:
            self._client = connect(self._url, _TIMEOUT_SECONDS)
        return self._client

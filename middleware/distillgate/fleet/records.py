"""The records of a shared state on the server: what a gate that joins begins with.

Beside the journal, so that it need not reach back to the beginning. One gate at a time writes them,
the one that holds the lease; all know the same, so any may. Everything that is written at once is
there at once: small changes as one transaction, all anew beside the old and then in its place.
"""

import contextlib
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import MovedError, RedisError, WatchError
from redis.retry import Retry

from distillgate.errors import StoreError
from distillgate.fleet.redis import MOVES, moved, ours
from distillgate.fleet.settings import RedisSettings
from distillgate.stores.store import NO_FACTS, Change, DamagedError, Stored

_LEASE_MS = 60_000
"""How long the others wait before one of them writes in the place of a gate that is gone."""
_WAIT_SECONDS = 20.0
"""How long what is to be written waits for somebody who reads."""
_UNFINISHED_MS = 3_600_000
"""How long records stay that nobody came to put in the place of the old."""
_READING_MS = 15_000
"""How long nothing is written for somebody who reads and is not heard of again."""
_AT_ONCE = 1_000
"""Records of one command."""
_LOOK_SECONDS = 0.1
_GENERATION = "generation"


class RedisStore:
    """See `Store`. Belongs to the thread that opened it."""

    returns = True

    def __init__(self, settings: RedisSettings) -> None:
        assert settings.url is not None
        self._settings = settings
        self._url = settings.url.get_secret_value()
        self._me = secrets.token_hex(8)
        self._client: Redis | None = None
        self._generation: str | None = None
        self.lacking = self.others = False
        """See `Store`; of another gate are the records until this one has written all anew."""

    def open(self) -> None:
        """Connect to the server that has the keys; nobody writes until all is read."""
        for _ in range(MOVES):
            self.close()
            self._client = client = Redis.from_url(
                self._url,
                protocol=2,
                decode_responses=False,
                socket_timeout=self._settings.timeout_seconds,
                socket_connect_timeout=self._settings.timeout_seconds,
                retry=Retry(NoBackoff(), 0),
            )
            try:
                client.set(self._key("reading"), b"", px=_READING_MS)
                found: Any = client.hget(self._key("facts"), _GENERATION)
            except MovedError as elsewhere:
                self._url = moved(self._url, elsewhere)
                continue
            except (RedisError, OSError) as error:
                self.close()
                raise ours(error) from error
            self._generation = None if found is None else found.decode()
            return
        raise StoreError("no server of the cluster has the records")

    def mine(self) -> bool:
        """Say whether to write now: this gate holds the lease, and nobody reads."""
        if self._client is None:
            self.open()
        with self._told() as client:
            if client.set(self._key("lease"), self._me, nx=True, px=_LEASE_MS):
                self.others = True
            elif not self._held(client):
                return False
            if client.exists(self._key("reading")):
                return False
            found: Any = client.hget(self._key("facts"), _GENERATION)
            self._generation = None if found is None else found.decode()
            self.lacking = found is None
            return True

    def _held(self, client: Redis) -> bool:
        """Keep the lease for longer; whether it is this gate's at all."""
        if client.get(self._key("lease")) != self._me.encode():
            return False
        return bool(client.pexpire(self._key("lease"), _LEASE_MS))

    def fact(self, name: str, otherwise: str) -> str:
        """Give a fact; where there is none yet it is this, once something is written."""
        with self._told() as client:
            found: Any = client.hget(self._key("facts"), name)
            return otherwise if found is None else found.decode()

    def read(self, part: str) -> Iterator[tuple[Stored, bytes]]:
        """Give the records of one part."""
        if self._generation is None:
            return
        cursor = 0
        while True:
            with self._told() as client:
                client.set(self._key("reading"), b"", px=_READING_MS)
                found: Any = client.hscan(self._records(part), cursor, count=_AT_ONCE)
            cursor, records = found
            for field, data in records.items():
                yield _key_of(field), data
            if not cursor:
                return

    def write(self, changes: Sequence[Change], facts: Mapping[str, str] = NO_FACTS) -> None:
        """Write records and facts, all or none. Raises `StoreError`."""

        def queue(pipe: Any) -> None:
            for part in dict.fromkeys(change.part for change in changes):
                of_part = [change for change in changes if change.part == part]
                _put(pipe, self._records(part), of_part)
                gone = [_field(change.key) for change in of_part if change.data is None]
                if gone:
                    pipe.hdel(self._records(part), *gone)
            if facts:
                pipe.hset(self._key("facts"), mapping=dict(facts))

        self._commit(queue)

    def rewrite(self, changes: Iterable[Change], facts: Mapping[str, str]) -> None:
        """Write everything anew, in place of all that is there. Raises `StoreError`."""
        old, new = self._generation, secrets.token_hex(4)
        parts: dict[str, str] = {}
        """The key of each part's new records."""

        def queue(pipe: Any) -> None:
            pipe.delete(self._key("facts"))
            pipe.hset(self._key("facts"), mapping={**facts, _GENERATION: new})
            for part, key in parts.items():
                pipe.persist(key)
                if old is not None:
                    pipe.unlink(self._key(f"records:{old}:{part}"))

        try:
            for part, some in _in_pieces(changes):
                parts[part] = key = self._key(f"records:{new}:{part}")
                with self._told() as client, client.pipeline(transaction=False) as pipe:
                    _put(pipe, key, some)
                    pipe.pexpire(key, _UNFINISHED_MS)
                    pipe.execute()
                    self._held(client)
            self._commit(queue)
        except StoreError:
            with contextlib.suppress(StoreError), self._told() as client:
                client.unlink(*parts.values())
            raise
        self._generation, self.others = new, False

    def set_aside(self) -> str:
        """Leave what is there; all is written anew in its place."""
        return self._key("facts")

    def close(self, *, merged: bool = True) -> None:  # noqa: ARG002 - there is nothing to merge
        """Let go of the server, and of the lease."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(RedisError, OSError):
                if client.get(self._key("lease")) == self._me.encode():
                    client.delete(self._key("lease"))
            client.close()

    def _commit(self, queue: Any) -> None:
        """Do some things at once, as long as the lease is held; wait while somebody reads."""
        lease, reading = self._key("lease"), self._key("reading")
        deadline = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < deadline:
            with self._told() as client, client.pipeline() as queued:
                pipe: Any = queued
                pipe.watch(lease, reading)
                if pipe.get(lease) != self._me.encode():
                    raise StoreError("another gate keeps the records by now")
                if not pipe.exists(reading):
                    pipe.multi()
                    queue(pipe)
                    with contextlib.suppress(WatchError):
                        pipe.execute()
                        return
            time.sleep(_LOOK_SECONDS)
        raise StoreError("somebody reads the records, and does not end")

    def _key(self, name: str) -> str:
        return f"{{{self._settings.prefix}}}:{name}"

    def _records(self, part: str) -> str:
        return self._key(f"records:{self._generation}:{part}")

    @contextlib.contextmanager
    def _told(self) -> Iterator[Redis]:
        """Give the client; raise what it and the system say as errors of ours."""
        if self._client is None:
            raise StoreError("the store is closed")
        try:
            yield self._client
        except MovedError as elsewhere:
            self._url = moved(self._url, elsewhere)
            self.close()
            raise ours(elsewhere) from elsewhere
        except (RedisError, OSError) as error:
            raise ours(error) from error


def _put(pipe: Any, name: str, changes: Iterable[Change]) -> None:
    kept = {_field(change.key): change.data for change in changes if change.data is not None}
    if kept:
        pipe.hset(name, mapping=kept)


def _field(key: Stored) -> bytes:
    return b"s" + key.encode() if isinstance(key, str) else b"b" + key


def _key_of(field: bytes) -> Stored:
    try:
        return field[1:].decode() if field[:1] == b"s" else field[1:]
    except UnicodeDecodeError:
        raise DamagedError("a record's name is none of ours") from None


def _in_pieces(changes: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Give what one command writes: some records of one part."""
    for part, of_part in groupby(changes, key=lambda change: change.part):
        while some := list(islice(of_part, _AT_ONCE)):
            yield part, some

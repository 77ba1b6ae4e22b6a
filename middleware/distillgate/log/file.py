"""The log of one machine: an SQLite file that any number of processes append to and follow.

SQLite is in WAL mode, so that a process that is killed loses no committed batch, and readers and
the one who writes do not wait for each other. Power loss may cost the last batches
(`synchronous=NORMAL`), never the file. Snapshots are files beside it.
"""

import asyncio
import contextlib
import os
import sqlite3
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from distillgate.errors import StoreError
from distillgate.log.log import (
    CutError,
    DamagedError,
    ForeignError,
    Placed,
    Reached,
    ReplacedError,
    Snapshot,
)
from distillgate.log.snapshot import check
from distillgate.log.snapshots import Snapshots, locked

T = TypeVar("T")

_VERSION = 1
_SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    """CREATE TABLE batches
    (position INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, crc INTEGER, data BLOB)""",
    f"PRAGMA user_version = {_VERSION}",
)
_START = "0"
_AT_ONCE = 64
"""Batches that are read at once."""
_WAIT_SECONDS = 1.0
"""How long to wait for a batch before saying that there is none."""
_SURE_SECONDS = 0.25
"""After so long it is read whether or not the file seems to have changed."""
_LOCKED_SECONDS = 2.0
"""How long a process waits for another that writes."""
_OWNER_ONLY = 0o600


class FileLog:
    """See `Log`. A position is the number of a batch.

    `poll` is how often it is looked whether another process has appended; `clock` gives seconds
    since the epoch.
    """

    def __init__(
        self, path: Path, secret: bytes, *, poll: float, clock: Callable[[], float]
    ) -> None:
        self._path = path
        self._check = check(secret)
        self._poll = poll
        self._clock = clock
        self._snapshots = Snapshots(path)
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None
        self._name = ""
        self._inode = 0
        self._grown = asyncio.Event()
        self._stamp: tuple[int, int] | None = None
        self._looked = 0.0
        self.notes: list[dict[str, Any]] = []

    async def open(self) -> Reached:
        """Open or make the file. What cannot be used is set aside, and noted."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="distillgate-log")
        self._grown = asyncio.Event()
        return await self._call(self._open)

    async def found(self, old: str, name: str, chunks: AsyncIterator[bytes]) -> bool:
        """Begin a log of this name in place of the old one."""
        with locked(self._path) as mine:
            if not mine or await self._call(self._known) != old:
                return False
            await self._snapshots.write(name, 0, chunks, self._call)
            await self._call(lambda: self._rename(name))
        self._name = name
        return True

    async def append(self, data: bytes) -> float | None:
        """Commit a batch."""
        await self._call(lambda: self._append(data))
        self._grown.set()
        return None

    async def read(self, after: str, *, wait: bool) -> list[Placed]:
        """Return batches; wait by looking whether the file has changed."""
        deadline = monotonic() + _WAIT_SECONDS
        while True:
            stamp, now = self._changed(), monotonic()
            if not wait or stamp != self._stamp or now - self._looked > _SURE_SECONDS:
                found = await self._call(lambda: self._select(int(after)))
                self._stamp, self._looked = stamp, now
                if found or not wait or now > deadline:
                    return found
            with contextlib.suppress(TimeoutError):  # `wait_for` would now and then take a
                async with asyncio.timeout(self._poll):  # cancellation for its own (Python 3.11)
                    await self._grown.wait()
            self._grown.clear()

    async def write_snapshot(self, position: str, chunks: AsyncIterator[bytes]) -> bool:
        """Write a file, and cut the log behind the one before."""
        with locked(self._snapshots.lock) as mine:
            if not mine:
                return False
            at = int(position or _START)
            await self._snapshots.write(self._name, at, chunks, self._call)
            await self._call(self._cut)
        return True

    async def snapshots(self) -> list[Snapshot]:
        """Return the files, the latest first."""
        return [
            Snapshot(found.number, self._snapshots.read(found, self._call))
            for found in await self._call(self._snapshots.found)
        ]

    async def close(self) -> None:
        """Close the file."""
        if self._thread is not None:
            await self._call(self._close)
            self._thread.shutdown()
            self._thread = None

    async def _call(self, call: Callable[[], T]) -> T:
        if self._thread is None:
            raise StoreError("the log is closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    def _open(self) -> Reached:
        self._close()
        with self._raising(), locked(self._path, wait=_LOCKED_SECONDS) as mine:
            if not mine:
                raise StoreError(f"{self._path}: another process holds it")
            try:
                self._connect()
            except (DamagedError, ForeignError) as error:
                self._set_aside(str(error))
                self._connect()
        self._stamp = None
        self._name = self._known()
        return Reached(self._name, _START, None)

    def _connect(self) -> None:
        with self._raising():
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
            connection = sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)
            self._connection = connection
            self._inode = self._path.stat().st_ino
            for pragma in ("page_size=8192", "journal_mode=WAL", "synchronous=NORMAL"):
                connection.execute(f"PRAGMA {pragma}")
            with self._transaction() as cursor:
                self._migrate(cursor)
                row = cursor.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()
            if row != (self._check,):
                raise ForeignError("it was written under another key")

    def _migrate(self, cursor: sqlite3.Cursor) -> None:
        (version,) = cursor.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in cursor.execute("SELECT name FROM sqlite_master")}
        if "facts" in tables:
            raise ForeignError("a version before 0.2 wrote it, whose state cannot be read any more")
        if version > _VERSION:
            raise ForeignError(f"a later version of distillgate wrote it (schema {version})")
        if not version:
            for statement in _SCHEMA:
                cursor.execute(statement)
            cursor.execute("INSERT INTO meta VALUES ('key', ?)", (self._check,))

    def _set_aside(self, reason: str) -> None:
        """Rename the file, with what SQLite keeps beside it."""
        self._close()
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.aside-{number}")).exists():
            number += 1
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                beside = self._path.with_name(self._path.name + suffix)
                beside.rename(aside.with_name(aside.name + suffix))
        self.notes.append({"reason": reason, "kept_as": aside.name})

    def _known(self) -> str:
        """Return the name of the log in the file; empty where there is none."""
        with self._raising():
            query = "SELECT value FROM meta WHERE name = 'log'"
            row = self._file().execute(query).fetchone()
        return row[0] if row else ""

    def _rename(self, name: str) -> None:
        with self._raising(), self._transaction() as cursor:
            cursor.execute("DELETE FROM batches")
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.execute("INSERT OR REPLACE INTO meta VALUES ('log', ?)", (name,))

    def _append(self, data: bytes) -> None:
        with self._raising(), self._transaction() as cursor:
            self._same(cursor)
            row = self._clock(), zlib.crc32(data), data
            cursor.execute("INSERT INTO batches (at, crc, data) VALUES (?, ?, ?)", row)

    def _select(self, after: int) -> list[Placed]:
        query = "SELECT position, at, crc, data FROM batches WHERE position > ? LIMIT ?"
        with self._raising():
            connection = self._file()
            self._same(connection)
            rows = connection.execute(query, (after, _AT_ONCE)).fetchall()
            if rows and rows[0][0] != after + 1:
                raise CutError(str(rows[0][0] - 1))
            if not rows:
                self._reaches(connection, after)
        return [
            Placed(str(position), at, data if zlib.crc32(data) == crc else b"")
            for position, at, crc, data in rows
        ]

    def _reaches(self, connection: sqlite3.Connection, after: int) -> None:
        """Raise `CutError` where all after a position is gone already."""
        row = connection.execute("SELECT seq FROM sqlite_sequence").fetchone()
        if row is not None and row[0] > after:
            raise CutError(str(row[0]))

    def _same(self, connection: sqlite3.Connection | sqlite3.Cursor) -> None:
        """Raise `ReplacedError` where another log is in the place of the one that was opened."""
        row = connection.execute("SELECT value FROM meta WHERE name = 'log'").fetchone()
        if row is None or row[0] != self._name:
            raise ReplacedError("the log was founded anew")

    def _cut(self) -> None:
        with self._raising(), self._transaction() as cursor:
            self._same(cursor)
            earliest = self._snapshots.earliest(self._name)
            cursor.execute("DELETE FROM batches WHERE position <= ?", (earliest,))

    def _changed(self) -> tuple[int, int] | None:
        """Return what changes whenever a process has committed."""
        with contextlib.suppress(OSError):
            found = os.stat(f"{self._path}-wal")  # noqa: PTH116 - many times a second
            return found.st_mtime_ns, found.st_size
        return None

    def _file(self) -> sqlite3.Connection:
        """Return the connection. Raises where the path names another file by now."""
        if self._connection is None:
            raise StoreError("the log is closed")
        try:
            same = self._path.stat().st_ino == self._inode
        except OSError as error:
            raise ReplacedError(f"the file is gone: {error}") from error
        if not same:
            raise ReplacedError("the file was replaced")
        return self._connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with contextlib.closing(self._file().cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextlib.contextmanager
    def _raising(self) -> Iterator[None]:
        """Raise what SQLite and the system say as errors of ours."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            raise StoreError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise DamagedError(f"{self._path}: {error}") from error

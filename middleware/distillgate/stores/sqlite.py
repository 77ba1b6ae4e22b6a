"""Records in one SQLite file: a journal that is appended to, and the records it amounts to.

Each flush is one row of the journal, written and committed at once: little to write, wherever its
records belong. Now and then the journal is merged into the records, each once, in their order.
SQLite is in WAL mode, so that a process that is killed loses no committed flush. Power loss may
cost the last of them (`synchronous=NORMAL`), never the file.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from distillgate.errors import StoreError
from distillgate.stores.store import (
    NO_FACTS,
    BusyError,
    Change,
    DamagedError,
    ForeignError,
    Stored,
)

_MIGRATIONS = (
    """
    CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE records (part TEXT, key, data BLOB, PRIMARY KEY (part, key)) WITHOUT ROWID;
    CREATE TABLE journal (id INTEGER PRIMARY KEY, data BLOB);
    """,
)
"""What makes each version of the schema of the one before it."""
_MERGED_FROM = 16 << 20
"""Bytes of a journal from which it is merged."""
_PLACED_FROM = 20_000
"""Records of one flush from which they go to their places at once."""
_LOCKED_SECONDS = 10.0
"""How long a process waits for the one before it to let go of the file."""
_OWNER_ONLY = 0o600
_NOTE_FACT = "INSERT OR REPLACE INTO facts VALUES (?, ?)"


class SqliteStore:
    """One file. Belongs to the thread that opened it."""

    def __init__(self, path: Path, secret: bytes) -> None:
        self._path = path
        check = hashlib.blake2b(b"store", key=secret[:64], digest_size=16).hexdigest()
        self._check = check
        self._connection: sqlite3.Connection | None = None
        self._journalled = 0

    returns = lacking = others = False
    """See `Store`: the file is this process's alone, and there or not."""

    def mine(self) -> bool:
        """Say whether to write now: the file is this process's alone."""
        return True

    def set_aside(self) -> str:
        """Rename the file; give its new name."""
        self.close(merged=False)
        return set_aside(self._path).name

    def open(self) -> None:
        """Open or make the file, bring its schema up to date, and merge its journal.

        Raises `ForeignError`, `DamagedError` or `BusyError`, or `StoreError` where it cannot be
        written.
        """
        with self._told():
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
            connection = sqlite3.connect(self._path, timeout=_LOCKED_SECONDS, isolation_level=None)
            self._connection = connection
            for pragma in ("page_size=8192", "locking_mode=EXCLUSIVE", "journal_mode=WAL",
                           "synchronous=NORMAL"):  # fmt: skip
                connection.execute(f"PRAGMA {pragma}")
            with self._transaction() as cursor:
                _migrate(cursor)
            if self.fact("key", self._check) != self._check:
                raise ForeignError("it was written under another key")
            self.merge()

    def fact(self, name: str, otherwise: str) -> str:
        """Give a fact about the file; where it has none yet it is this from now on."""
        with self._transaction() as cursor:
            cursor.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, otherwise))
            (value,) = cursor.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(value)

    def write(self, changes: Sequence[Change], facts: Mapping[str, str] = NO_FACTS) -> None:
        """Write records and facts, all or none. Raises `StoreError`."""
        if len(changes) >= _PLACED_FROM:
            self.merge(changes, facts)
            return
        data = _PACKED.encode(changes)
        with self._transaction() as cursor:
            cursor.execute("INSERT INTO journal (data) VALUES (?)", (data,))
            cursor.executemany(_NOTE_FACT, facts.items())
        self._journalled += len(data)
        if self._journalled >= _MERGED_FROM:
            self.merge()

    def rewrite(self, changes: Iterable[Change], facts: Mapping[str, str]) -> None:
        """Write everything anew, in place of all that is there. Raises `StoreError`."""
        with self._transaction() as cursor:
            cursor.execute("DELETE FROM journal")
            cursor.execute("DELETE FROM records")
            cursor.executemany(_NOTE_FACT, facts.items())
            cursor.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", changes)
        self._journalled = 0

    def merge(self, more: Iterable[Change] = (), facts: Mapping[str, str] = NO_FACTS) -> None:
        """Put the journal's records, and some that are newer, in their places; note facts.

        Raises `StoreError`.
        """
        latest: dict[tuple[str, Stored], bytes | None] = {}
        with self._transaction() as cursor:
            for (data,) in cursor.execute("SELECT data FROM journal ORDER BY id"):
                for part, key, changed in _JOURNAL.decode(data):
                    latest[part, key] = changed
            latest.update(((part, key), changed) for part, key, changed in more)
            ordered = sorted(latest.items(), key=_order)
            cursor.executemany(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?)",
                ((part, key, data) for (part, key), data in ordered if data is not None),
            )
            cursor.executemany(
                "DELETE FROM records WHERE part = ? AND key = ?",
                (place for place, data in ordered if data is None),
            )
            cursor.execute("DELETE FROM journal")
            cursor.executemany(_NOTE_FACT, facts.items())
        self._journalled = 0

    def read(self, part: str) -> Iterator[tuple[Stored, bytes]]:
        """Give the records of one part. Raises `StoreError`."""
        with self._told():
            yield from self._open().execute("SELECT key, data FROM records WHERE part = ?", (part,))

    def close(self, *, merged: bool = True) -> None:
        """Let go of the file."""
        connection = self._connection
        if connection is None:
            return
        try:
            if merged:
                self.merge()
        finally:
            self._connection = None
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError("the store is closed")
        return self._connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._told(), contextlib.closing(self._open().cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what SQLite and the system say as errors of ours."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            busy = getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCK"))
            raise (BusyError if busy else StoreError)(str(error)) from error
        except (sqlite3.DatabaseError, msgspec.DecodeError) as error:
            raise DamagedError(str(error)) from error


def set_aside(path: Path) -> Path:
    """Rename a file, with what SQLite keeps beside it; give its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.aside-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _migrate(cursor: sqlite3.Cursor) -> None:
    (version,) = cursor.execute("PRAGMA user_version").fetchone()
    if version > len(_MIGRATIONS):
        raise ForeignError(f"a later version of distillgate wrote it (schema {version})")
    for script in _MIGRATIONS[version:]:
        for statement in filter(str.strip, script.split(";")):
            cursor.execute(statement)
    cursor.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")


def _order(item: tuple[tuple[str, Stored], Any]) -> tuple[str, bool, Any]:
    part, key = item[0]
    return part, isinstance(key, bytes), key


_PACKED = msgspec.msgpack.Encoder()
_JOURNAL = msgspec.msgpack.Decoder()

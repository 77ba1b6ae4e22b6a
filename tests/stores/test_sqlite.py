"""One file of records: what is written is there, whatever becomes of the process."""

import sqlite3
import stat
from pathlib import Path

import pytest

from distillgate.errors import StoreError
from distillgate.stores.sqlite import (
    SqliteStore,
    set_aside,
)
from distillgate.stores.store import BusyError, Change, DamagedError, ForeignError


def opened(path: Path, secret: bytes = b"key") -> SqliteStore:
    store = SqliteStore(path, secret)
    store.open()
    return store


def test_what_was_written_last_is_read(tmp_path: Path) -> None:
    store = opened(tmp_path / "state.db")
    store.write([Change("a", b"1", b"old"), Change("a", "name", b"x"), Change("b", b"1", b"b")])
    store.write([Change("a", b"1", b"new"), Change("a", "name", None)])
    store.merge()

    assert list(store.read("a")) == [(b"1", b"new")]
    assert list(store.read("b")) == [(b"1", b"b")]
    store.close()


def test_what_is_committed_outlives_a_process_that_just_ends(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = opened(path)
    store.write([Change("a", "k", b"v")])
    store.close(merged=False)
    again = opened(path)

    assert list(again.read("a")) == [("k", b"v")]
    again.close()


def test_a_long_journal_is_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("distillgate.stores.sqlite._MERGED_FROM", 10)
    store = opened(tmp_path / "state.db")
    store.write([Change("a", "k", b"0123456789")])

    assert list(store.read("a")) == [("k", b"0123456789")]
    store.close()


def test_everything_can_be_written_anew(tmp_path: Path) -> None:
    store = opened(tmp_path / "state.db")
    store.write([Change("a", "k", b"v")])
    store.rewrite([Change("a", "l", b"w")], {"fact": "two"})
    store.merge()

    assert list(store.read("a")) == [("l", b"w")]
    assert store.fact("fact", "one") == "two"
    store.close()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = opened(path)
    store.write([Change("a", "k", b"v")])
    modes = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    store.close()

    assert modes == {0o600}


def test_a_file_of_another_key_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    opened(path).close()
    store = SqliteStore(path, b"other")
    with pytest.raises(ForeignError, match="key"):
        store.open()
    store.close(merged=False)


def test_nor_is_one_of_a_later_version(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    opened(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    store = SqliteStore(path, b"key")
    with pytest.raises(ForeignError, match="later version"):
        store.open()
    store.close(merged=False)


def test_an_older_schema_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distillgate.stores import sqlite as module

    path = tmp_path / "state.db"
    store = opened(path)
    store.write([Change("a", "k", b"v")])
    store.close()
    later = (*module._MIGRATIONS, "CREATE TABLE more (what)")
    monkeypatch.setattr(module, "_MIGRATIONS", later)
    store = SqliteStore(path, b"key")
    store.open()
    kept = list(store.read("a"))
    store.close()
    with sqlite3.connect(path) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        rows = connection.execute("SELECT what FROM more").fetchall()
    connection.close()

    assert kept == [("k", b"v")]
    assert version == len(later)
    assert rows == []


def test_a_file_that_is_no_database_is_damaged_and_can_be_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"this is no database" * 100)
    store = SqliteStore(path, b"key")
    with pytest.raises(DamagedError):
        store.open()
    store.close(merged=False)

    assert set_aside(path).name == "state.db.aside-1"
    path.write_bytes(b"nor is this")
    assert set_aside(path).name == "state.db.aside-2"
    assert not path.exists()


def test_a_journal_that_is_no_journal_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    opened(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO journal (data) VALUES (?)", (b"\xc1",))
    connection.close()
    store = SqliteStore(path, b"key")
    with pytest.raises(DamagedError):
        store.open()
    store.close(merged=False)


def test_a_file_that_another_process_has_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("distillgate.stores.sqlite._LOCKED_SECONDS", 0.01)
    path = tmp_path / "state.db"
    store = opened(path)
    store.write([Change("a", "k", b"v")])
    other = SqliteStore(path, b"key")
    with pytest.raises(BusyError):
        other.open()
    other.close(merged=False)
    store.close()

    assert path.exists()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        SqliteStore(tmp_path / "nowhere" / "state.db", b"key").open()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = opened(tmp_path / "state.db")
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.write([])

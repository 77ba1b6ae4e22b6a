"""The log in a file: for its owner alone, and set aside where it cannot be used."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.log.conftest import file
from tests.log.test_log import chunks, founded

from distillgate.errors import StoreError
from distillgate.log.file import FileLog
from distillgate.log.log import ReplacedError


def opened(log: FileLog) -> tuple[str, list[dict[str, Any]]]:
    """Open a log; return its name, and what was noted."""

    async def play() -> str:
        reached = await log.open()
        await log.close()
        return reached.name

    return asyncio.run(play()), log.notes


def found(path: Path) -> None:
    async def play() -> None:
        log = file(path)
        start = await founded(log)
        await log.append(b"a")
        (placed,) = await log.read(start, wait=False)
        assert await log.write_snapshot(placed.position, chunks(b"s"))
        await log.close()

    asyncio.run(play())


def test_everything_is_for_its_owner_alone(tmp_path: Path) -> None:
    found(tmp_path / "log.db")

    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {"log.db", "log.db.snapshot-1-one-0", "log.db.snapshot-2-one-1"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_file_of_another_key_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    found(path)

    name, [fields] = opened(file(path, b"another"))

    assert (name, fields["kept_as"]) == ("", "log.db.aside-1")
    assert "another key" in fields["reason"]
    assert (tmp_path / "log.db.aside-1").exists()


def test_what_a_version_before_the_log_kept_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value)")
        database.execute("PRAGMA user_version = 1")
    database.close()

    _, [fields] = opened(file(path))

    assert "before" in fields["reason"]
    assert opened(file(path)) == ("", [])


def test_a_file_of_a_later_version_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    found(path)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 9")
    database.close()

    _, [fields] = opened(file(path))

    assert "later version" in fields["reason"]


@pytest.mark.parametrize("data", [b"no database at all" * 100, b"\0" * 5000])
def test_a_file_that_is_none_of_sqlites_is_set_aside(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "log.db"
    path.write_bytes(data)

    _, [fields] = opened(file(path))

    assert fields["reason"]
    assert (tmp_path / "log.db.aside-1").read_bytes() == data


def test_a_place_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    async def play() -> None:
        with pytest.raises(StoreError):
            await file(tmp_path / "missing" / "log.db").open()

    asyncio.run(play())


def test_a_batch_whose_bytes_changed_is_no_batch(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    found(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE batches SET data = x'00'")
    database.close()

    async def play() -> None:
        log = file(path)
        await log.open()
        assert [placed.data for placed in await log.read("0", wait=False)] == [b""]
        await log.close()

    asyncio.run(play())


def test_whoever_has_a_file_that_is_replaced_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log.db"

    async def play() -> None:
        log = file(path)
        start = await founded(log)
        path.rename(tmp_path / "gone")
        with pytest.raises(ReplacedError, match="gone"):
            await log.append(b"a")
        path.touch()
        with pytest.raises(ReplacedError, match="replaced"):
            await log.read(start, wait=False)
        await log.close()

    asyncio.run(play())

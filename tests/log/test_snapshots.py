"""Snapshots as files: whole or not there, and one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from distillgate.errors import StoreError
from distillgate.log.snapshots import Snapshots, locked


async def call(what: Callable[[], Any]) -> Any:
    return what()


async def data(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def test_two_are_kept_and_say_from_where_their_log_is_needed(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "log.db")

    async def play() -> None:
        for log, position in (("a", 5), ("b", 0), ("b", 7)):
            await kept.write(log, position, data(b"x", b"", b"y" * 9), call)
        assert [(one.number, one.log, one.position) for one in kept.found()] == [
            (3, "b", 7),
            (2, "b", 0),
        ]
        assert [chunk async for chunk in kept.read(kept.found()[0], call)] == [b"x", b"", b"y" * 9]
        assert (kept.earliest("b"), kept.earliest("a")) == (0, 0)
        await kept.write("b", 9, data(), call)
        assert kept.earliest("b") == 7

    asyncio.run(play())


def test_one_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "log.db")

    async def failing() -> AsyncIterator[bytes]:
        yield b"x"
        raise StoreError("gone")

    async def play() -> None:
        with pytest.raises(StoreError, match="gone"):
            await kept.write("a", 1, failing(), call)

    asyncio.run(play())
    assert kept.found() == []


def test_a_file_that_is_damaged_is_an_error_of_ours(tmp_path: Path) -> None:
    kept = Snapshots(tmp_path / "log.db")

    async def play() -> None:
        await kept.write("a", 1, data(b"x" * 100), call)
        (one,) = kept.found()
        one.path.write_bytes(b"\xff" * 50)
        with pytest.raises(StoreError, match="damaged"):
            [chunk async for chunk in kept.read(one, call)]
        one.path.unlink()
        with pytest.raises(StoreError):
            [chunk async for chunk in kept.read(one, call)]

    asyncio.run(play())


def test_who_has_a_lock_keeps_others_from_it(tmp_path: Path) -> None:
    with locked(tmp_path / "a") as mine, locked(tmp_path / "a") as again, locked(tmp_path / "b"):
        assert mine
        assert not again
    with locked(tmp_path / "a", wait=1.0) as mine:
        assert mine
    with pytest.raises(StoreError), locked(tmp_path / "missing" / "a"):
        pass

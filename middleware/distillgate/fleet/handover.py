"""All that one worker remembers, written for another, and read by it."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

from distillgate.durable.changed import Parts
from distillgate.fleet.learning import Learning
from distillgate.stores.gather import Wanted, gather
from distillgate.stores.records import facts, load
from distillgate.stores.sqlite import SqliteStore
from distillgate.stores.store import Change

_MARK = "journal"


async def give(path: Path, parts: Parts, learning: Learning[Any], secret: bytes) -> None:
    """Write everything as it is at one position of the journal. Raises `StoreError`.

    Meanwhile nothing is learned here, while requests go on.
    """
    async with learning.still():
        wanted = (Wanted(name, part, sorted(part.kept())) for name, part in parts.items())
        gathered = await gather(wanted)
        told = {**facts(parts), _MARK: learning.mark()}

    def write() -> None:
        store = SqliteStore(path, secret)
        try:
            store.open()
            kept: list[Change] = [change for change in gathered if change.data is not None]
            store.rewrite(kept, told)
        finally:
            store.close(merged=False)

    await asyncio.to_thread(write)


async def take(path: Path, parts: Parts, learning: Learning[Any], secret: bytes) -> int:
    """Read what `give` wrote into empty parts; give the number of records. Raises `StoreError`.

    Learning goes on from where that was. The file is deleted.
    """

    def read() -> tuple[int, str]:
        store = SqliteStore(path, secret)
        try:
            store.open()
            return load(store, parts).records, store.fact(_MARK, "")
        finally:
            store.close(merged=False)
            remove(path)

    records, mark = await asyncio.to_thread(read)
    learning.resume(mark)
    for part in parts.values():
        part.changed.ignore()
    return records


def remove(path: Path) -> None:
    """Delete what `give` wrote, or began to, if it is there."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()

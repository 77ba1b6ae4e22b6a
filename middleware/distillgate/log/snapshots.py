"""Snapshots as files beside a log's file: written aside and renamed, the latest two kept."""

import contextlib
import fcntl
import os
import re
import struct
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple

from distillgate.errors import StoreError

_LENGTH = struct.Struct("<I")
_LONGEST = 1 << 26
"""Bytes of a chunk. Only what is damaged is longer."""
_OWNER_ONLY = 0o600
_KEPT = 2
_LOOK_SECONDS = 0.01

Call = Callable[[Callable[[], Any]], Coroutine[Any, Any, Any]]
"""Runs something in the thread that uses files."""


class Found(NamedTuple):
    """A snapshot's file."""

    number: int
    log: str
    position: int
    path: Path


class Snapshots:
    """Beside `state.db`: `state.db.snapshot-7-abcd-120`, the seventh, of log `abcd` up to 120."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = re.compile(re.escape(path.name) + r"\.snapshot-(\d+)-(\w+)-(\d+)")

    @property
    def lock(self) -> Path:
        """What a process locks while it writes a snapshot."""
        return self._path.with_name(f"{self._path.name}.snapshot")

    def found(self) -> list[Found]:
        """Return the snapshots there are, the latest first."""
        names = ((self._name.fullmatch(path.name), path) for path in self._path.parent.iterdir())
        known = [Found(int(n[1]), n[2], int(n[3]), path) for n, path in names if n is not None]
        return sorted(known, reverse=True)

    async def write(
        self, log: str, position: int, chunks: AsyncIterator[bytes], call: Call
    ) -> None:
        """Write a snapshot and forget those but the latest two. Raises `StoreError`."""
        aside = self._path.with_name(f"{self._path.name}.snapshot-new")
        file = await call(lambda: _create(aside))
        try:
            async for chunk in chunks:
                await call(partial(_write, file, chunk))
            await call(lambda: self._commit(file, aside, log, position))
        except OSError as error:
            raise StoreError(f"{aside}: {error}") from error
        finally:
            with contextlib.suppress(OSError):
                os.close(file)

    async def read(self, found: Found, call: Call) -> AsyncIterator[bytes]:
        """Return a snapshot's chunks. Raises `StoreError`."""
        try:
            with found.path.open("rb") as file:
                while length := await call(lambda: file.read(_LENGTH.size)):
                    (size,) = _LENGTH.unpack(length.ljust(_LENGTH.size, b"\0"))
                    if size > _LONGEST:
                        raise StoreError(f"{found.path}: damaged")
                    yield await call(partial(file.read, size))
        except OSError as error:
            raise StoreError(f"{found.path}: {error}") from error

    def earliest(self, log: str) -> int:
        """Return the position from which a log is needed: the older snapshot's, if it is its."""
        kept = self.found()[:_KEPT]
        return min((one.position if one.log == log else 0 for one in kept), default=0)

    def _commit(self, file: int, aside: Path, log: str, position: int) -> None:
        os.fsync(file)
        known = self.found()
        number = known[0].number + 1 if known else 1
        aside.rename(aside.with_name(f"{self._path.name}.snapshot-{number}-{log}-{position}"))
        for old in self.found()[_KEPT:]:
            old.path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path, *, wait: float = 0.0) -> Iterator[bool]:
    """Lock `path` with `.lock` behind it; False where another process has it for so many seconds.

    A process that dies lets go of it. Waiting holds the thread.
    """
    try:
        file = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error
    try:
        deadline = monotonic() + wait
        while not (mine := _lock(file)) and monotonic() < deadline:
            sleep(_LOOK_SECONDS)
        yield mine
    finally:
        os.close(file)


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _create(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
    except OSError as error:
        raise StoreError(f"{path}: {error}") from error


def _write(file: int, chunk: bytes) -> None:
    data = memoryview(_LENGTH.pack(len(chunk)) + chunk)
    while data:
        data = data[os.write(file, data) :]

"""Records put in order, however many there are: in memory as far as they fit, else in files."""

import heapq
import struct
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

HELD_BYTES = 64 << 20
"""Bytes of records that are held before they are written away."""
_OVERHEAD = 200
"""Bytes that a held record takes beside its own."""
_RUNS = 64
"""Files that are read at once."""
_BUFFER = 1 << 18
"""Bytes of each that are read, or written, at once."""
_LENGTHS = struct.Struct(">II")
_KEY = itemgetter(0)


class Keyed(NamedTuple):
    """A record, and what it is put in order by."""

    key: bytes
    data: bytes


class Sorter:
    """Takes records in any order; iterating gives them by their keys, equal ones as they came.

    What does not fit is kept in files without a name in `directory` (None: where the system keeps
    such). They hold prompts, and are gone with the process, however it ends.
    """

    def __init__(self, directory: Path | None, *, held_bytes: int = HELD_BYTES) -> None:
        self._directory = directory
        self._held_bytes = held_bytes
        self._held: list[Keyed] = []
        self._size = 0
        self._runs: list[IO[bytes]] = []

    def add(self, key: bytes, data: bytes) -> None:
        """Take a record."""
        self._held.append(Keyed(key, data))
        self._size += len(key) + len(data) + _OVERHEAD
        if self._size >= self._held_bytes:
            self._spill()

    def __iter__(self) -> Iterator[Keyed]:
        """Yield the records in order; the files go with the last."""
        self._held.sort(key=_KEY)
        yield from heapq.merge(*map(_read, self._runs), self._held, key=_KEY)
        self._runs, self._held, self._size = [], [], 0

    def _spill(self) -> None:
        self._held.sort(key=_KEY)
        self._runs.append(self._write(iter(self._held)))
        self._held, self._size = [], 0
        if len(self._runs) == _RUNS:
            self._runs = [self._write(heapq.merge(*map(_read, self._runs), key=_KEY))]

    def _write(self, records: Iterator[Keyed]) -> IO[bytes]:
        file = TemporaryFile(buffering=_BUFFER, dir=self._directory)  # noqa: SIM115 - for the reader
        for key, data in records:
            file.write(_LENGTHS.pack(len(key), len(data)))
            file.write(key)
            file.write(data)
        return file


def _read(file: IO[bytes]) -> Iterator[Keyed]:
    """Read a run, and close it at its end."""
    with file:
        file.seek(0)
        while head := file.read(_LENGTHS.size):
            key, data = _LENGTHS.unpack(head)
            yield Keyed(_exactly(file, key), _exactly(file, data))


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise EOFError("a file of sorted records ends early")
    return data

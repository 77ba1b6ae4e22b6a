"""A world's traffic log: written unsorted as it comes, then in order of time, then merged."""

import gzip
import heapq
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import orjson

_LEVEL = 1


class Writer:
    """Takes exchanges in any order and leaves a sorted log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._scratch = path.with_suffix(".unsorted")
        self._file = self._scratch.open("wb")
        self._index: list[tuple[float, int, int]] = []
        self._offset = 0

    def __len__(self) -> int:
        return len(self._index)

    def add(self, record: dict[str, Any]) -> None:
        """Take one exchange."""
        line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        self._file.write(line)
        self._index.append((record["ts"], self._offset, len(line)))
        self._offset += len(line)

    def close(self) -> None:
        """Write the log in order of time."""
        self._file.close()
        self._index.sort()
        with gzip.open(self._path, "wb", compresslevel=_LEVEL) as out:
            if self._index:
                with (
                    self._scratch.open("rb") as file,
                    mmap(file.fileno(), 0, access=ACCESS_READ) as lines,
                ):
                    for _, offset, length in self._index:
                        out.write(lines[offset : offset + length])
        self._scratch.unlink()


def merge(paths: Sequence[Path], out: Path) -> None:
    """Put sorted logs together into one."""
    if len(paths) == 1:
        shutil.copyfile(paths[0], out)
        return
    with ExitStack() as stack:
        streams = [_lines(stack.enter_context(gzip.open(path))) for path in paths]
        with gzip.open(out, "wb", compresslevel=_LEVEL) as merged:
            for line in heapq.merge(*streams, key=_time):
                merged.write(line)


def _lines(file: Iterable[bytes]) -> Iterator[bytes]:
    yield from file


def _time(line: bytes) -> float:
    # `ts` is the first key of every line: see `Writer.add` and `account.py`.
    return float(line[6 : line.index(b",")])

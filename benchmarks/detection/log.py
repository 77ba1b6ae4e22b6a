"""A world's traffic log: written unsorted as it comes, then in order of time."""

import gzip
import math
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
        self._start = math.inf

    def __len__(self) -> int:
        return len(self._index)

    @property
    def start(self) -> float:
        """When the first exchange taken so far was; infinity before any."""
        return self._start

    def add(self, record: dict[str, Any]) -> None:
        """Take one exchange; `ts` is its first key."""
        self._start = min(self._start, record["ts"])
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


def time_of(line: bytes) -> float:
    """Give when a line's exchange was; `ts` is the first key of every line."""
    return float(line[6 : line.index(b",")])

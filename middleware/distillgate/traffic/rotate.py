"""A file that only its owner reads, appended to and renamed when full."""

import os
from gzip import GzipFile
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import cast

_OWNER_ONLY = 0o600


class RotatingFile:
    """Appends bytes to `path`, compressed if it ends in `.gz`, in files of about `max_bytes`.

    A full file becomes `name.1` (`name.1.gz`), the older ones move up, and what is older than
    `keep` files is deleted. Every method raises `OSError` as it comes.
    """

    def __init__(self, path: Path, *, max_bytes: int, keep: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._raw: FileIO | None = None
        self._file: BufferedWriter | GzipFile | None = None

    def open(self) -> None:
        """Open the file, with what it already holds, for its owner alone."""
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        self._raw = FileIO(descriptor, "ab")
        # The mode above is for new files only; an older one may be open to others.
        self._path.chmod(_OWNER_ONLY)
        if self._path.suffix == ".gz":
            self._file = GzipFile(filename="", mode="ab", fileobj=cast("BufferedWriter", self._raw))
        else:
            self._file = BufferedWriter(self._raw)

    def write(self, data: bytes) -> None:
        """Append `data`; afterwards begin a new file if this one is full."""
        if self._file is None or self._raw is None:
            self.open()
        assert self._file is not None
        assert self._raw is not None
        self._file.write(data)
        if self._raw.tell() >= self._max_bytes:
            self.close()
            self._rename()

    def flush(self) -> None:
        """Hand everything written to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Finish the file; a later `write` opens it again."""
        file, raw, self._file, self._raw = self._file, self._raw, None, None
        if file is None or raw is None:
            return
        try:
            file.close()
        finally:
            raw.close()

    def _rename(self) -> None:
        self._numbered(self._keep).unlink(missing_ok=True)
        for number in range(self._keep - 1, -1, -1):
            if self._numbered(number).exists():
                self._numbered(number).rename(self._numbered(number + 1))

    def _numbered(self, number: int) -> Path:
        if number == 0:
            return self._path
        suffix = ".gz" if self._path.suffix == ".gz" else ""
        name = f"{self._path.name.removesuffix('.gz')}.{number}{suffix}"
        return self._path.with_name(name)

"""A file's lines, the last one first."""

from collections.abc import Iterator
from typing import IO

_BLOCK = 65_536


def backwards(file: IO[bytes], end: int) -> Iterator[tuple[int, bytes]]:
    """Yield whole lines from `end` to the file's begin, each with where it begins."""
    rest, at = b"", end
    while at:
        size = min(_BLOCK, at)
        at -= size
        file.seek(at)
        first, *whole = (file.read(size) + rest).split(b"\n")
        begins = at + len(first) + 1
        placed = []
        for text in whole:
            placed.append((begins, text))
            begins += len(text) + 1
        yield from ((start, text) for start, text in reversed(placed) if text)
        rest = first
    if rest:
        yield 0, rest

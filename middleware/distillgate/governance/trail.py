"""The audit log read from its end: the newest lines first, a page at a time, and verified.

Runs in a thread beside the event loop, and lets that go on between any few lines.
"""

import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from distillgate.errors import of_file
from distillgate.governance.audit import backwards
from distillgate.governance.audit import lines as parsed
from distillgate.governance.chain import verify as chain

LOOKED = 16_000_000
"""Bytes of the log that are looked through for one page."""
VERIFIED = 512_000_000
"""Bytes of a log that is verified while somebody waits; a longer one `audit --verify` verifies."""
FAULTS = 20
"""Faults that are told; the first of them matters."""
_FEW = 20


class Page(NamedTuple):
    """Some lines, the newest first."""

    lines: list[dict[str, Any]]
    earlier: int | None
    """Where the next page begins; None where the log does."""


def page(
    path: Path, wanted: Callable[[dict[str, Any]], bool], before: int | None, most: int
) -> Page:
    """Return a page of the lines that are wanted. Raises `StoreError` where there is no log."""
    found: list[dict[str, Any]] = []
    with of_file(path), path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        end = start = min(end, before) if before is not None else end
        for number, (start, text) in enumerate(backwards(file, end)):
            found += [line for line in parsed([text]) if wanted(line)]
            if len(found) >= most or end - start > LOOKED:
                return Page(found, start or None)
            if not number % _FEW:
                time.sleep(0)
    return Page(found, None)


class Verified(NamedTuple):
    """What verifying a log came to."""

    lines: int
    faults: list[tuple[int, str]]
    """By the lines' numbers, from 1; none where all hold."""


def verified(path: Path, key: bytes) -> Verified | None:
    """Verify a log's chains; None where it is too long to be waited for.

    Raises `StoreError` where there is none.
    """
    number = 0

    def gently(file: IO[bytes]) -> Iterator[bytes]:
        nonlocal number
        for number, line in enumerate(file, 1):
            if not number % _FEW:
                time.sleep(0)
            yield line

    with of_file(path), path.open("rb") as file:
        if path.stat().st_size > VERIFIED:
            return None
        faults = list(islice(chain(gently(file), key), FAULTS))
    return Verified(number, faults)

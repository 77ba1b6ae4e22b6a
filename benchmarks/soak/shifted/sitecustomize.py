"""In each process of the gate: a wall clock that the run moves, and counts of what it holds.

`SOAK_FOLDER` has the file `shift` (seconds, a double), and gets a file `held-PID` of each: tasks
that have not ended, blocks of Python's own allocator, bytes that malloc gave out and holds free.
"""

import asyncio
import ctypes
import mmap
import os
import struct
import sys
import threading
import time
from pathlib import Path

_FOLDER = Path(os.environ["SOAK_FOLDER"])
_EVERY_SECONDS = 1.0
_MALLOC = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


def _shift_clock() -> None:
    with (_FOLDER / "shift").open("rb") as file:
        shift = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    own = time.time
    time.time = lambda: own() + struct.unpack_from("d", shift)[0]


class _Malloc(ctypes.Structure):
    """glibc's `struct mallinfo2`."""

    _fields_ = [(name, ctypes.c_size_t) for name in _MALLOC]


def _count() -> None:
    malloc = ctypes.CDLL(None).mallinfo2
    malloc.restype = _Malloc
    pause, aside = threading.Event(), _FOLDER / f"new-{os.getpid()}"
    while not pause.wait(_EVERY_SECONDS):
        tasks = asyncio.tasks._all_tasks  # type: ignore[attr-defined]  # noqa: SLF001 - of any loop
        try:
            under_way = sum(not task.done() for task in tuple(tasks))
        except RuntimeError:  # one began or ended meanwhile
            continue
        told = malloc()
        held = under_way, sys.getallocatedblocks(), told.uordblks + told.hblkhd, told.fordblks
        aside.write_text(" ".join(map(str, held)))
        aside.replace(_FOLDER / f"held-{os.getpid()}")


_shift_clock()
threading.Thread(target=_count, daemon=True).start()

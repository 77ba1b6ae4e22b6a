"""In each process of the gate: a wall clock that the run moves, and a count of its tasks.

`SOAK_FOLDER` has the file `shift` (seconds, a double), and gets a file `tasks-PID` of each.
"""

import asyncio
import mmap
import os
import struct
import threading
import time
from pathlib import Path

_FOLDER = Path(os.environ["SOAK_FOLDER"])
_EVERY_SECONDS = 1.0


def _shift_clock() -> None:
    with (_FOLDER / "shift").open("rb") as file:
        shift = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    own = time.time
    time.time = lambda: own() + struct.unpack_from("d", shift)[0]


def _count_tasks() -> None:
    pause = threading.Event()
    while not pause.wait(_EVERY_SECONDS):
        tasks = asyncio.tasks._all_tasks  # type: ignore[attr-defined]  # noqa: SLF001 - of any loop
        under_way = sum(not task.done() for task in tuple(tasks))
        (_FOLDER / f"tasks-{os.getpid()}").write_text(str(under_way))


_shift_clock()
threading.Thread(target=_count_tasks, daemon=True).start()

"""What a gate's processes hold: memory, descriptors, threads, tasks."""

import contextlib
from pathlib import Path
from typing import NamedTuple


class Held(NamedTuple):
    """What one process holds."""

    memory: int
    """Bytes that are its own (proportional set size)."""
    tasks: int
    blocks: int
    """Of Python's own allocator, those in use."""
    used: int
    """Bytes that malloc gave out."""
    free: int
    """Bytes that malloc holds for later."""


class Vitals(NamedTuple):
    """Of all processes of a gate together."""

    at: float
    """Seconds since the beginning."""
    fault: str
    processes: int
    memory: int
    """Bytes that are its own (proportional set size)."""
    descriptors: int
    threads: int
    tasks: int
    """Of the event loops, those that have not ended."""
    each: dict[int, Held]
    """By process."""


def children(pid: int) -> list[int]:
    """Return the processes that a process started, theirs too."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *children(child)]
    return found


def look(pid: int, folder: Path, at: float, fault: str) -> Vitals:
    """Look at a process and those it started."""
    pids = [pid, *children(pid)]
    each, descriptors, threads = dict[int, Held](), 0, 0
    for one in pids:
        with contextlib.suppress(OSError, ValueError):
            memory = _field(one, "smaps_rollup", "Pss:") * 1024
            threads += _field(one, "status", "Threads:")
            descriptors += sum(1 for _ in Path(f"/proc/{one}/fd").iterdir())
            each[one] = Held(memory, *_told(folder / f"held-{one}"))
    memory, tasks = (sum(getattr(held, of) for held in each.values()) for of in ("memory", "tasks"))
    return Vitals(at, fault, len(pids), memory, descriptors, threads, tasks, each)


def _told(file: Path) -> tuple[int, int, int, int]:
    try:
        tasks, blocks, used, free = map(int, file.read_text().split())
    except (OSError, ValueError):  # not written yet, or being written
        return 0, 0, 0, 0
    return tasks, blocks, used, free


def _field(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise ValueError(name)

"""What a gate's processes hold: memory, descriptors, threads, tasks."""

import contextlib
import os
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


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
    worked: float
    """Seconds of a processor that it took so far."""


class Vitals(NamedTuple):
    """Of all processes of a gate together."""

    at: float
    """Seconds since the beginning."""
    fault: str
    processes: int
    memory: int
    """Bytes that are its own (proportional set size)."""
    descriptors: int
    """Of the gate alone: without its ends of connections whose other ends are in this process."""
    connections: int
    """The sockets of this process, which are the clients' and the upstream's."""
    threads: int
    tasks: int
    """Of the event loops, those that have not ended."""
    idle: float
    """Seconds for which the machine's processors had nothing to do so far."""
    each: dict[int, Held]
    """By process."""

    @property
    def known(self) -> bool:
        """Return whether each process has told what it holds: a young one has not."""
        return all(held.blocks for held in self.each.values())


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
            each[one] = Held(memory, *_told(folder / f"held-{one}"), _worked(one))
    own = sum(_is_socket(one) for one in Path("/proc/self/fd").iterdir())
    memory, tasks = (sum(getattr(held, of) for held in each.values()) for of in ("memory", "tasks"))
    counts = descriptors - own, own, threads, tasks
    return Vitals(at, fault, len(pids), memory, *counts, _idle(), each)


def processors(samples: list[Vitals]) -> dict[str, list[float]]:
    """Return how many processors the gate had at work, and how many had nothing to do: without any
    of those it is not the gate alone that is measured.
    """
    gate, idle = [], []
    for before, after in pairwise(samples):
        seconds = after.at - before.at
        same = before.each.keys() & after.each.keys()
        worked = sum(after.each[one].worked - before.each[one].worked for one in same)
        gate.append(worked / seconds)
        idle.append((after.idle - before.idle) / seconds)
    return {"processors": gate, "... of the machine, idle": idle}


def _is_socket(descriptor: Path) -> bool:
    with contextlib.suppress(OSError):  # it is closed by now
        return str(descriptor.readlink()).startswith("socket:")
    return False


def _worked(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _idle() -> float:
    return int(Path("/proc/stat").read_text().split()[4]) / _TICKS


def _told(file: Path) -> tuple[int, int, int, int]:
    try:
        tasks, blocks, used, free = map(int, file.read_text().split())
    except (OSError, ValueError):  # not written yet
        return 0, 0, 0, 0
    return tasks, blocks, used, free


def _field(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise ValueError(name)

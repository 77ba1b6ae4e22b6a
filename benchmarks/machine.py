"""Where this runs: cores to pin to, and a figure that says how fast one is today."""

import contextlib
import os
import platform
import random
import time
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import prompts
from distillgate.tokenizer.vocabulary import Vocabulary


class Cores(NamedTuple):
    """The core of the server under test, and that of everything else; None is not pinned."""

    server: int | None
    load: int | None


def cores() -> Cores:
    """Choose two cores of those this process may use."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, None)
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1]) if len(allowed) > 1 else Cores(None, None)


def pin(core: int | None) -> None:
    """Keep this process, and what it starts, on a core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


@contextlib.contextmanager
def pinned(core: int | None) -> Iterator[None]:
    """Keep this process on a core until the block ends."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(process: int) -> float | None:
    """Processor time of a process and its children so far; None where /proc does not tell."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return None
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) or 0.0 for child in children)


def calibration() -> float:
    """Milliseconds tiktoken takes for 20 KB of new text: what all other figures scale with."""
    encoder = Vocabulary().encoder("o200k_base")
    rng = random.Random(0)
    taken = []
    for _ in range(50):
        text = prompts.text(rng, 6000)[:20_000]
        start = time.perf_counter()
        encoder.count(text)
        taken.append(time.perf_counter() - start)
    return percentile(taken, 50) * 1000


def describe(chosen: Cores) -> dict[str, Any]:
    """Say what the figures depend on."""
    packages = ("distillgate", "uvicorn", "uvloop", "httptools", "aiohttp", "tiktoken")
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "server_core": chosen.server,
        "load_core": chosen.load,
        "packages": {name: _version(name) for name in packages},
        "calibration_ms": calibration(),
    }


def write(facts: dict[str, Any]) -> str:
    """Say the same to a reader."""
    pinned = "pinned" if facts["server_core"] is not None else "NOT pinned (one core, or no Linux)"
    text = (
        f"Python {facts['python']} on {facts['machine']}, {facts['processors']} processors; "
        f"server and load {pinned}; load average {facts['load_average']:.1f} at the start.\n"
        f"Calibration: tiktoken takes {facts['calibration_ms']:.2f} ms for 20 KB of new text."
    )
    if facts["load_average"] > 0.5:
        text += "\nOther work is running here: p99 figures are its, not ours; compare ratios only."
    return text


def percentile(values: Iterable[float], share: float) -> float:
    """Give the value that `share` percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, round(share / 100 * len(ordered)) - 1))]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except ModuleNotFoundError:
        return None

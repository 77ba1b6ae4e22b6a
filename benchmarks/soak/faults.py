"""What fails, one after the other, each for a while and then no more."""

import asyncio
import os
import signal
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.soak.clients import Clients
from benchmarks.soak.service import Mood, Service
from benchmarks.soak.vitals import children
from benchmarks.valkey import Valkey

_JUMP_SECONDS = 90.0
_SETTLE_SECONDS = 0.05


class Around(NamedTuple):
    """What is round the gate, and can fail."""

    service: Service
    clients: Clients
    log: Valkey
    gate: int
    """Its first process."""
    config: Path
    folder: Path


class Fault(NamedTuple):
    """Something that fails, and how it is mended."""

    name: str
    begin: Callable[[Around], object]
    end: Callable[[Around], object]


def _leave(around: Around, *, leaving: bool) -> None:
    around.clients.leaving = leaving


def _mood(around: Around, mood: Mood) -> None:
    around.service.mood = mood


def _reload(around: Around) -> None:
    text = around.config.read_text()
    around.config.write_text(f"{text}# again\n")
    os.kill(around.gate, signal.SIGHUP)


def _kill_worker(around: Around) -> None:
    """Kill the youngest worker; the supervisor starts another."""
    os.kill(max(children(around.gate)), signal.SIGKILL)


def _pause(around: Around, number: int) -> None:
    os.kill(around.log.pid, number)


def _shift(around: Around, seconds: float) -> None:
    with (around.folder / "shift").open("r+b") as file:
        file.write(struct.pack("d", seconds))


def _nothing(_: Around) -> None:
    return


FAULTS = (
    Fault("none", _nothing, _nothing),
    Fault("upstream resets", lambda a: _mood(a, Mood.RESETS), lambda a: _mood(a, Mood.WELL)),
    Fault("slow upstream", lambda a: _mood(a, Mood.SLOW), lambda a: _mood(a, Mood.WELL)),
    Fault("clients leave", lambda a: _leave(a, leaving=True), lambda a: _leave(a, leaving=False)),
    Fault("reload", _reload, _reload),
    Fault("log's server hangs", lambda a: _pause(a, signal.SIGSTOP),
          lambda a: _pause(a, signal.SIGCONT)),
    Fault("log's server is lost", lambda a: a.log.stop(), lambda a: a.log.start()),
    Fault("a worker is killed", _kill_worker, _nothing),
    Fault("clock ahead", lambda a: _shift(a, _JUMP_SECONDS), lambda a: _shift(a, 0.0)),
    Fault("clock behind", lambda a: _shift(a, -_JUMP_SECONDS), lambda a: _shift(a, 0.0)),
)  # fmt: skip
"""Snapshots are under load all the time: one every few thousand entries."""


async def play(around: Around, seconds: float, phase: float) -> None:
    """Let one fault after the other begin and end, as long as there is time."""
    loop = asyncio.get_running_loop()
    end, number = loop.time() + seconds, 0
    while loop.time() + 2 * phase <= end:
        fault = FAULTS[number % len(FAULTS)]
        number += 1
        around.clients.fault = fault.name
        await asyncio.to_thread(fault.begin, around)
        await asyncio.sleep(phase)
        await asyncio.to_thread(fault.end, around)
        around.clients.fault = f"after {fault.name}"
        await asyncio.sleep(phase)
    around.clients.fault = "none"

"""Slow and oversized clients: does health answer, does memory stay, do honest clients feel it?

Honest clients ask one after the other on kept connections while `benchmarks.attackers` runs in a
process of its own on their core, and the sidecar alone on the other. What the attacker takes from
the clients is no fault of the sidecar's, and what a busy machine takes from everybody neither. So
each attack goes first to nginx, which stands on the sidecar's core, and then to the sidecar; and
health is asked of both all the time, on a new connection each time. The processor time that the
sidecar spends for each honest answer, all its other work included, does not depend on either.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import machine, servers
from benchmarks.attackers import ATTACKS

CLIENTS = 8
SECONDS = 10.0
PATIENCE = 60.0
"""Seconds that honest clients ask on for where none of them was answered in time."""
HEALTH_EVERY = 0.02
ONLY = "DISTILLGATE_ATTACKS"
"""The environment variable that names some of the attacks, with `;` between."""
FEW = 1024
"""File descriptors of the sidecar where there are more connections than those."""
MANY = 16384
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}]}).encode()
ASKED = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-honest\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Stretch(NamedTuple):
    """What was seen for some seconds: answers a second, processor seconds each, health."""

    rate: float
    cost: float
    health: float
    """Seconds that the slowest question for the sidecar's health took."""
    bystander: float
    """The same of the server beside it."""


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


class _Honest:
    """Clients that ask again and again until a moment, and on until one of them is answered."""

    def __init__(self, port: int, until: float) -> None:
        self.port, self.until = port, until
        self.answered = 0

    def _on(self) -> bool:
        return time.monotonic() < self.until + PATIENCE * (not self.answered)

    async def ask(self) -> None:
        """Be one of the clients."""
        while self._on():
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
                reader, writer = await _open(self.port)
                with contextlib.closing(writer):
                    while self._on():
                        writer.write(ASKED)
                        head = await reader.readuntil(b"\r\n\r\n")
                        length = head.lower().partition(b"content-length: ")[2]
                        await reader.readexactly(int(length.partition(b"\r\n")[0]))
                        self.answered += head.startswith(b"HTTP/1.1 200")


async def _health(port: int, until: float) -> list[float]:
    """Return how many seconds each question for health took; infinity where none was answered."""
    took = []
    while time.monotonic() < until:
        began = time.monotonic()
        seconds = float("inf")
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(10):
                reader, writer = await _open(port)
                with contextlib.closing(writer):
                    writer.write(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                    if (await reader.read()).startswith(b"HTTP/1.1 200"):
                        seconds = time.monotonic() - began
        took.append(seconds)
        await asyncio.sleep(HEALTH_EVERY)
    return took


async def _load(port: int, bystander: int, seconds: float) -> tuple[int, float, float, float]:
    began = time.monotonic()
    clients = _Honest(port, began + seconds)
    health = [asyncio.ensure_future(_health(each, clients.until)) for each in (port, bystander)]
    await asyncio.gather(*(clients.ask() for _ in range(CLIENTS)))
    took = time.monotonic() - began
    ours, theirs = await asyncio.gather(*health)
    return clients.answered, took, max(ours), max(theirs)


def _watch(server: servers.Server, bystander: servers.Server, seconds: float) -> Stretch:
    """Load the sidecar for a while."""
    before = server.cpu_seconds() or 0.0
    answered, took, ours, theirs = asyncio.run(_load(server.port, bystander.port, seconds))
    spent = (server.cpu_seconds() or 0.0) - before
    return Stretch(answered / took, spent / max(answered, 1), ours, theirs)


@contextlib.contextmanager
def _attacked(port: int, name: str) -> Iterator[None]:
    """Have a server attacked until the block ends."""
    command = [sys.executable, "-m", "benchmarks.attackers", str(port), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as attacker:
        assert attacker.stdout is not None
        attacker.stdout.readline()
        try:
            yield
        finally:
            attacker.kill()


def _forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def _memory(process: int) -> float:
    """Return the megabytes that a process held at most since its peak was forgotten."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def _sidecar(upstream: int, descriptors: int, core: int | None) -> Iterator[servers.Server]:
    port = servers.free_port()
    with servers.written("mode: shadow\ntelemetry: {log: {destination: /dev/null}}\n") as config:
        command = ["prlimit", f"--nofile={descriptors}:{descriptors}", sys.executable, "-m"]
        command += ["distillgate", "serve", "--config", config, "--port", str(port)]
        command += ["--upstream", f"http://127.0.0.1:{upstream}"]
        with servers.serve("distillgate", command, port, core) as server:
            yield server


def run(
    cores: machine.Cores, names: Iterable[str], descriptors: int, seconds: float
) -> dict[str, dict[str, Any]]:
    """Measure attacks: without each, with it at the server beside the sidecar, and at it."""
    rows: dict[str, dict[str, Any]] = {}
    with (
        servers.service(cores.load) as upstream,
        servers.service(cores.server) as bystander,
        _sidecar(upstream.port, descriptors, cores.server) as server,
    ):
        _watch(server, bystander, seconds)  # warm
        for name in names:
            quiet = _watch(server, bystander, seconds)
            with _attacked(bystander.port, name):
                beside = _watch(server, bystander, seconds)
            _forget_peak(server.process)
            with _attacked(server.port, name):
                attacked = _watch(server, bystander, seconds)
            rows[f"{name}, {descriptors} descriptors"] = {
                "quiet": quiet._asdict(),
                "beside": beside._asdict(),
                "attacked": attacked._asdict(),
                "memory": _memory(server.process),
            }
    return rows


def measure(cores: machine.Cores, *, quick: bool = False, **_: Any) -> dict[str, Any]:
    """Measure each attack, with descriptors enough and with too few."""
    seconds = SECONDS / 5 if quick else SECONDS
    named = [name for name in os.environ.get(ONLY, ";".join(ATTACKS)).split(";") if name]
    rows = run(cores, named, MANY, seconds)
    return rows | run(cores, [name for name in named if "2,500" in name], FEW, seconds)


def write(result: dict[str, Any]) -> str:
    """Write what was measured."""
    lines = []
    for name, row in result.items():
        lines.append(f"{name} ({row['memory']:.0f} MB at most)")
        for stretch in ("quiet", "beside", "attacked"):
            seen = Stretch(**row[stretch])
            lines.append(
                f"  {stretch:8} {seen.rate:6.0f} honest answers/s, {seen.cost * 1e6:5.0f} us of "
                f"processor each; health worst {seen.health * 1e3:6.1f} ms "
                f"(nginx's {seen.bystander * 1e3:6.1f})"
            )
    return "\n".join(lines)

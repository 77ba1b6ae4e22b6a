"""Slow and oversized clients: does health answer, does memory stay, do honest clients feel it?

The sidecar runs as an operator would run it, with 1,024 file descriptors and no more. Honest
clients ask one after the other on kept connections, first alone, then beside each attack, which
runs in a process of its own. Health is asked on a new connection each time.
"""

import asyncio
import contextlib
import gzip
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from benchmarks import machine, servers

DESCRIPTORS = 1024
CLIENTS = 8
SECONDS = 10.0
HEALTH_EVERY = 0.02
PIECE = 1 << 18
BODY = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hello"}]}).encode()
ASKED = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sk-honest\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
ONLY = "DISTILLGATE_ATTACKS"
"""The environment variable that names some of the attacks, with `;` between."""
HALF = b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nX-A: "
LINES = b"X-A: %b\r\n" % (b"a" * 1000)


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def _hold(port: int, count: int, sent: bytes) -> None:
    """Keep so many connections that have sent this, and renew those that are cut."""
    held: list[asyncio.StreamWriter] = []
    while True:
        held = [writer for writer in held if not writer.is_closing()]
        with contextlib.suppress(OSError):
            while len(held) < count:
                _, writer = await _open(port)
                writer.write(sent)
                held.append(writer)
        await asyncio.sleep(0.2)


async def _pour(port: int, first: bytes, piece: bytes, total: int) -> None:
    """Send without end, on a new connection wherever one is cut, until so much was sent."""
    sent = 0
    while sent < total:
        with contextlib.suppress(OSError):
            _, writer = await _open(port)
            writer.write(first)
            while sent < total and not writer.is_closing():
                writer.write(piece)
                sent += len(piece)
                await writer.drain()
            writer.close()
        await asyncio.sleep(0)
    await asyncio.sleep(3600)


async def _upload(port: int, count: int, size: int) -> None:
    """Send so many long bodies at once, each for a key of its own."""
    began = time.monotonic()
    turn = {"role": "user", "content": "word " * (size // 5)}
    body = json.dumps({"model": "m", "messages": [turn]}).encode()
    await asyncio.gather(*[_send(port, b"sk-long-%d" % key, body) for key in range(count)])
    print(f"  {count} long bodies were answered after {time.monotonic() - began:.1f} s", flush=True)
    await asyncio.sleep(3600)


async def _burst(port: int, every: float) -> None:
    """Send a body of a few hundred bytes that comes to 12 MB of empty lists, under new keys."""
    many = b'{"model":"m","x":[' + b",".join([b"[]"] * 4_000_000) + b"]}"
    body = gzip.compress(gzip.compress(many))
    sending = set()
    for number in itertools.count():
        key, coded = b"sk-made-up-%d" % number, b"Content-Encoding: gzip, gzip\r\n"
        task = asyncio.ensure_future(_send(port, key, body, coded))
        sending.add(task)
        task.add_done_callback(sending.discard)
        await asyncio.sleep(every)


async def _send(port: int, key: bytes, body: bytes, headers: bytes = b"") -> None:
    with contextlib.suppress(OSError):
        reader, writer = await _open(port)
        with contextlib.closing(writer):
            writer.write(
                b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %b\r\n"
                b"Connection: close\r\n%bContent-Length: %d\r\n\r\n" % (key, headers, len(body))
            )
            for at in range(0, len(body), PIECE):
                writer.write(body[at : at + PIECE])
                await writer.drain()
            await reader.read()


ATTACKS: dict[str, Callable[[int], Coroutine[Any, Any, None]]] = {
    "2,500 half-sent heads": lambda port: _hold(port, 2500, HALF),
    "300 MB of header lines": lambda port: _pour(port, HALF + b"\r\n", LINES * 64, 300_000_000),
    "a 48 MB request line": lambda port: _pour(port, b"GET /", b"a" * 65536, 48_000_000),
    "2,500 stalled uploads": lambda port: _hold(
        port, 2500, ASKED.replace(b"Content-Length: ", b"Content-Length: 9")[:-10]
    ),
    "2,500 idle connections": lambda port: _hold(port, 2500, b""),
    "40 bodies of 20 MB": lambda port: _upload(port, 40, 20_000_000),
    "10 bombs a second": lambda port: _burst(port, 0.1),
}


async def _honest(port: int, until: float) -> int:
    """Ask again and again; return how often there was an answer."""
    answered = 0
    while time.monotonic() < until:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            reader, writer = await _open(port)
            with contextlib.closing(writer):
                while time.monotonic() < until:
                    writer.write(ASKED)
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                    await reader.readexactly(int(length))
                    answered += head.startswith(b"HTTP/1.1 200")
    return answered


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


async def _load(port: int, seconds: float) -> dict[str, float]:
    until = time.monotonic() + seconds
    asked = [_honest(port, until) for _ in range(CLIENTS)]
    health = asyncio.ensure_future(_health(port, until))
    answered = await asyncio.gather(*asked)
    took = await health
    return {
        "rate": sum(answered) / seconds,
        "health_median": statistics.median(took),
        "health_worst": max(took),
    }


def _forget_peak(process: int) -> None:
    Path(f"/proc/{process}/clear_refs").write_text("5")


def _memory(process: int) -> float:
    """Return the megabytes that a process held at most since its peak was forgotten."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(cores: machine.Cores, *, quick: bool = False, **_: Any) -> dict[str, Any]:
    """Measure without an attack, and beside each, with a quiet stretch between."""
    seconds = SECONDS / 5 if quick else SECONDS
    port = servers.free_port()
    rows: dict[str, dict[str, float]] = {}
    with (
        servers.service(cores.load) as upstream,
        servers.written("mode: shadow\ntelemetry: {log: {destination: /dev/null}}\n") as config,
    ):
        command = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", sys.executable, "-m"]
        command += ["distillgate", "serve", "--config", config, "--port", str(port)]
        command += ["--upstream", f"http://127.0.0.1:{upstream.port}"]
        with servers.serve("distillgate", command, port, cores.server) as server:
            asyncio.run(_load(port, seconds))  # warm
            for name in filter(None, os.environ.get(ONLY, ";".join(ATTACKS)).split(";")):
                quiet = asyncio.run(_load(port, seconds))
                _forget_peak(server.process)
                attack = [sys.executable, "-m", "benchmarks.slow", str(port), name]
                with subprocess.Popen(attack) as attacker:
                    time.sleep(0.5)
                    rows[name] = asyncio.run(_load(port, seconds))
                    rows[name]["memory"] = _memory(server.process)
                    attacker.kill()
                rows[name]["quiet_rate"] = quiet["rate"]
                rows[name]["quiet_health_worst"] = quiet["health_worst"]
    return rows


def write(result: dict[str, Any]) -> str:
    """Write what was measured."""
    lines = []
    for name, row in result.items():
        kept = row["rate"] / row["quiet_rate"] if row["quiet_rate"] else 0.0
        lines.append(
            f"{name:24} health median {row['health_median'] * 1e3:6.1f} ms, worst "
            f"{row['health_worst'] * 1e3:7.1f} (quiet {row['quiet_health_worst'] * 1e3:6.1f}); "
            f"honest {row['rate']:6.0f}/s of {row['quiet_rate']:6.0f} ({kept:.0%}); "
            f"{row['memory']:.0f} MB"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    os.nice(10)  # it may share a core with the honest clients, who are not its victims there
    asyncio.run(ATTACKS[sys.argv[2]](int(sys.argv[1])))

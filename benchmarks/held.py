"""What long bodies cost while a slow upstream has not answered: memory, and the loop's stalls.

python -m benchmarks.held [COUNT [MEGABYTES]]
"""

import asyncio
import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from distillgate import Gate

_PAGE = resource.getpagesize()


def shapes(size: int) -> dict[str, bytes]:
    """Build bodies of about `size` bytes: one long text, many turns, many small values."""
    turn = {"role": "user", "content": "word " * 40}
    long = {"role": "user", "content": "word " * (size // 5)}
    logits = {str(number): 0.5 for number in range(size // 20)}
    bodies: dict[str, dict[str, Any]] = {
        "one text": {"messages": [long]},
        "many turns": {"messages": [turn] * (size // 240)},
        "many values": {"messages": [turn], "logit_bias": logits},
    }
    return {name: json.dumps({"model": "m", **body}).encode() for name, body in bodies.items()}


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


async def run(body: bytes, count: int) -> tuple[float, float, float]:
    """Send `count` bodies at once; return MB held each, MB at the peak, ms of the worst stall."""
    waiting, release = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        waiting.release()
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    gate = Gate(slow, {"mode": "shadow", "telemetry": {"log": {"level": "off"}}})

    async def exchange(number: int) -> None:
        chunks = [body[i : i + 65536] for i in range(0, len(body), 65536)]

        async def receive() -> Any:
            await asyncio.sleep(0)
            chunk = chunks.pop(0) if chunks else b""
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(_: Any) -> None:
            pass

        headers = [(b"authorization", b"Bearer sk-%010d" % number)]
        where = {"path": "/v1/chat/completions", "query_string": b"", "client": ("127.0.0.1", 1)}
        scope = {"type": "http", "method": "POST", "headers": headers, **where}
        await gate(scope, receive, send)

    stall, peak = 0.0, 0

    async def watch() -> None:
        nonlocal stall, peak
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            stall = max(stall, time.perf_counter() - began - 0.001)
            peak = max(peak, resident())

    await gate._start()  # noqa: SLF001
    gc.collect()
    before = resident()
    watching = asyncio.ensure_future(watch())
    tasks = [asyncio.ensure_future(exchange(number)) for number in range(count)]
    for _ in range(count):
        await waiting.acquire()
    gc.collect()
    held = resident() - before
    release.set()
    await asyncio.gather(*tasks)
    watching.cancel()
    return held / count / 1e6, (peak - before) / 1e6, stall * 1000


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    size = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 20_000_000
    for name, body in shapes(size).items():
        held, peak, stall = asyncio.run(run(body, count))
        print(f"{name:<12} {len(body) / 1e6:5.1f} MB a body: {held:6.1f} MB held for each, "
              f"{peak:7.0f} MB at the peak of {count}, longest stall {stall:6.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()

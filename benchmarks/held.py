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
from typing import Any, NamedTuple

from benchmarks.holding import Held
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


class Cost(NamedTuple):
    """What a run came to."""

    held: float
    """MB for each body while the upstream thinks."""
    peak: float
    """MB at the peak, of all."""
    stall: float
    """Milliseconds by the clock that a timer of the loop was late at worst, also because the
    processor was another process's."""
    work: float
    """Milliseconds of the processor that all threads took meanwhile, at worst: what of a stall is
    this process's own, the interpreter held by another thread included."""
    callback: float
    """Milliseconds of the processor that the longest callback of the loop took."""


async def run(body: bytes, count: int) -> Cost:
    """Send `count` bodies at once."""
    waiting, release = asyncio.Semaphore(0), asyncio.Event()

    async def slow(_: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        waiting.release()
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    gate = Gate(slow, {"mode": "shadow", "telemetry": {"log": {"level": "off"}}})

    async def exchange(number: int, body: bytes) -> None:
        sent = 0

        async def receive() -> Any:
            nonlocal sent
            await asyncio.sleep(0)
            chunk = body[sent : sent + 65536]
            sent += len(chunk)
            return {"type": "http.request", "body": chunk, "more_body": sent < len(body)}

        async def send(_: Any) -> None:
            pass

        headers = [(b"authorization", b"Bearer sk-%010d" % number)]
        where = {"path": "/v1/chat/completions", "query_string": b"", "client": ("127.0.0.1", 1)}
        scope = {"type": "http", "method": "POST", "headers": headers, **where}
        await gate(scope, receive, send)

    stall, work, peak = 0.0, 0.0, 0

    async def watch() -> None:
        nonlocal stall, work, peak
        while True:
            began, worked = time.perf_counter(), time.process_time()
            await asyncio.sleep(0.001)
            stall = max(stall, time.perf_counter() - began - 0.001)
            work = max(work, time.process_time() - worked)
            peak = max(peak, resident())

    await gate._start()  # noqa: SLF001
    gc.collect()
    watching = asyncio.ensure_future(watch())
    for number in range(count):  # of accounts that are known more is read
        release.set()
        await exchange(number, b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}')
        await waiting.acquire()
    release.clear()
    peak = before = resident()
    stall = work = 0.0
    callbacks = Held()
    with callbacks.watching():
        tasks = [asyncio.ensure_future(exchange(number, body)) for number in range(count)]
        for _ in range(count):
            await waiting.acquire()
        held = resident() - before
        release.set()
        await asyncio.gather(*tasks)
        await asyncio.sleep(0.01)
    watching.cancel()
    return Cost(held / count / 1e6, (peak - before) / 1e6, stall * 1e3, work * 1e3, callbacks.cpu)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    size = int(float(sys.argv[2]) * 1e6) if len(sys.argv) > 2 else 20_000_000
    for name, body in shapes(size).items():
        cost = asyncio.run(run(body, count))
        print(f"{name:<12} {len(body) / 1e6:5.1f} MB a body: {cost.held:6.1f} MB held for each, "
              f"{cost.peak:5.0f} MB at the peak of {count}, longest stall {cost.stall:5.0f} ms "
              f"({cost.work:4.0f} of the processor), longest callback {cost.callback:3.0f} ms"
              )  # fmt: skip


if __name__ == "__main__":
    main()

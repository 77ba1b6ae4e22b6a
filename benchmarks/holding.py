"""How long one exchange holds the event loop: very long and hostile inputs, and long chats.

The mounted gate in this process, without sockets. Every callback of the loop is timed twice: by the
clock of the thread's processor, which neighbours on a shared machine hardly touch, and by the wall,
which also sees the interpreter held by another thread.
"""

import asyncio
import json
import random
import time
from asyncio import events
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from benchmarks import machine, prompts
from benchmarks.apps import bare
from benchmarks.report import Table
from distillgate.gate import Gate

TURNS = 50
ROUNDS = 5
MEGABYTE = 1_000_000
_RUN = "_run"
"""How asyncio calls a callback; nothing public stands between a loop and its callbacks."""
_ON_WAY = 20
"""Short requests sent while a long one is counted."""


def _inputs() -> dict[str, Callable[[random.Random], dict[str, Any]]]:
    def content(text: str) -> dict[str, Any]:
        return {"messages": [{"role": "user", "content": text}]}

    def tool(number: int) -> dict[str, Any]:
        return {"type": "function", "function": {"name": f"tool_{number}", "parameters": {}}}

    return {
        "100,000 tokens": lambda rng: content(prompts.text(rng, 100_000)),
        "1 MB of spaces": lambda _: content(" " * MEGABYTE),
        "1 MB without a gap": lambda rng: content("".join(rng.choices("abcdefgh", k=MEGABYTE))),
        "100,000 tiny messages": lambda _: {
            "messages": [{"role": "user", "content": "hi"}] * 100_000
        },
        "10,000 tools": lambda _: content("hi") | {"tools": [tool(n) for n in range(10_000)]},
    }


class Held:
    """The longest callbacks of a loop, in milliseconds: of processor time, and of the wall."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.wall = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Time every callback until the block ends."""
        run = getattr(events.Handle, _RUN)

        watching = True

        def timed(handle: Any) -> None:
            wall, cpu = time.perf_counter(), time.thread_time()
            run(handle)
            if watching:  # the callback that ends the watch goes on to prepare the next input
                self.cpu = max(self.cpu, (time.thread_time() - cpu) * 1000)
                self.wall = max(self.wall, (time.perf_counter() - wall) * 1000)

        setattr(events.Handle, _RUN, timed)
        try:
            yield
        finally:
            watching = False
            setattr(events.Handle, _RUN, run)


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Send every input through a gate, and a chat that grows."""
    return asyncio.run(_measure(1 if quick else ROUNDS))


async def _measure(rounds: int) -> dict[str, Any]:
    gate = Gate(bare)
    rng = random.Random(1)
    async with running(gate):
        for _ in range(50):
            await _send(gate, {"messages": [{"role": "user", "content": prompts.text(rng, 100)}]})
        rows = []
        for name, make in _inputs().items():
            held = [await _holds(gate, make(rng), rng) for _ in range(rounds)]
            cpu = sorted(h.cpu for h in held)[rounds // 2]
            wall = sorted(h.wall for h in held)[rounds // 2]
            rows.append({"name": name, "cpu_ms": cpu, "wall_ms": wall})
        return {"rows": rows, "turns": await _turns(gate, rng)}


async def _holds(gate: Gate, document: dict[str, Any], rng: random.Random) -> Held:
    """Send one long request and, while it is under way, short ones of others."""
    held = Held()
    body = body_of(document)
    with held.watching():
        async with asyncio.TaskGroup() as group:
            group.create_task(post(gate, body, 0))
            for number in range(_ON_WAY):
                await asyncio.sleep(0.01)
                short = {"messages": [{"role": "user", "content": prompts.text(rng, 30)}]}
                await _send(gate, short, 1 + number)
    return held


async def _turns(gate: Gate, rng: random.Random) -> dict[str, float]:
    """Play chats turn by turn with the history resent; give turn 2's and the last one's cost."""
    taken: dict[int, list[float]] = {2: [], TURNS: []}
    for chat in range(ROUNDS * 2):
        messages: list[dict[str, str]] = []
        for turn in range(1, TURNS + 1):
            messages.append({"role": "user", "content": prompts.text(rng, 60)})
            body = body_of({"messages": messages})
            started = time.thread_time()
            await post(gate, body, 100 + chat)
            await asyncio.sleep(0)  # the gate learns in the loop's next turn: that is cost, too
            if turn in taken:
                taken[turn].append((time.thread_time() - started) * 1000)
            messages.append({"role": "assistant", "content": prompts.text(rng, 150)})
    early, late = (sorted(taken[turn])[ROUNDS] for turn in (2, TURNS))
    return {"turn_2_ms": early, f"turn_{TURNS}_ms": late, "ratio": late / early}


async def _send(gate: Gate, document: dict[str, Any], account: int = 0) -> None:
    await post(gate, body_of(document), account)


def body_of(document: dict[str, Any]) -> bytes:
    return json.dumps({"model": "m-large", **document}).encode()


async def post(gate: Gate, body: bytes, account: int) -> None:
    path = "/v1/chat/completions"
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"authorization", b"Bearer sk-benchmark-%d" % account),
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        return next(messages)

    async def send(_: Any) -> None:
        return None

    await gate(scope, receive, send)


@asynccontextmanager
async def running(gate: Gate) -> AsyncIterator[None]:
    """Run a gate's lifespan, as a server would."""
    asked: asyncio.Queue[Any] = asyncio.Queue()
    told: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    async with asyncio.TaskGroup() as group:
        group.create_task(gate(scope, asked.get, told.put))
        await asked.put({"type": "lifespan.startup"})
        await told.get()
        yield
        await asked.put({"type": "lifespan.shutdown"})
        await told.get()


def tables(result: dict[str, Any]) -> list[Table]:
    """Give one table."""
    rows = [(r["name"], f"{r['cpu_ms']:.2f}", f"{r['wall_ms']:.2f}") for r in result["rows"]]
    turns = result["turns"]
    note = (
        f"a chat's turn {TURNS} costs {turns[f'turn_{TURNS}_ms']:.2f} ms, "
        f"{turns['ratio']:.2f} of turn 2's {turns['turn_2_ms']:.2f} ms"
    )
    title = "How long one callback holds the event loop, ms (others' requests go on meanwhile)"
    return [Table(title, ("", "processor", "wall"), rows, (note,))]

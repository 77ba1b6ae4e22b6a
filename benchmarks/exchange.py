"""What one exchange costs with a state that is kept, here and in another tree, in one run.

    python -m benchmarks.exchange [TREE...]

The gate is mounted in a process of its own for each tree, without sockets, in enforce mode, with
its state in a file. Trees are asked in turns; what counts is the processor's time of the whole
process, threads that write included, by exchange: the median of the rounds. A tree is a checkout
with its `middleware` folder, and with what it needs installed in its `.venv`; compiled passes count
where they lie in it.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import prompts

HERE = Path(__file__).parents[1]
ROUNDS, EXCHANGES, WARM = 5, 1500, 500
ACCOUNTS = 500
_TOKENS = 300
_HOMES = {"log": "log: {{path: {path}, batch_seconds: 0.05}}", "store": "store: {{path: {path}}}"}
"""How a state's file is configured, today and in trees of before the log."""


def compare(trees: list[Path], rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Return each tree's microseconds an exchange: median, least and most of the rounds."""
    taken: dict[str, list[float]] = {str(tree): [] for tree in trees}
    for turn in range(rounds):
        for tree in trees if turn % 2 == 0 else reversed(trees):
            taken[str(tree)].append(_asked(tree))
    return {
        tree: {"median": statistics.median(found), "least": min(found), "most": max(found)}
        for tree, found in taken.items()
    }


def _asked(tree: Path) -> float:
    paths = os.pathsep.join([str(tree / "middleware"), str(HERE)])
    own = tree / ".venv/bin/python"
    python = str(own) if own.exists() else sys.executable
    command = [python, "-m", "benchmarks.exchange", "--play"]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=HERE,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    return float(json.loads(done.stdout))


async def _upstream(_: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    usage = {"prompt_tokens": _TOKENS, "completion_tokens": 20, "total_tokens": _TOKENS + 20}
    message = {"role": "assistant", "content": "A short answer, of some words."}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    answer = {"object": "chat.completion", "model": "m", "choices": choices, "usage": usage}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def _play(config: str) -> float:
    from distillgate.gate import Gate

    gate, dice = Gate(_upstream, config=config), random.Random(1)
    bodies = [
        json.dumps(
            {"model": "m", "messages": [{"role": "user", "content": prompts.text(dice, _TOKENS)}]}
        ).encode()
        for _ in range(WARM + EXCHANGES)
    ]
    await gate._start()  # noqa: SLF001 - what a server's lifespan calls
    began = 0.0
    for number, body in enumerate(bodies):
        if number == WARM:
            began = time.process_time()
        await _post(gate, body, number % ACCOUNTS)
        await asyncio.sleep(0.0005)
    taken = time.process_time() - began
    await gate._stop()  # noqa: SLF001
    return taken / EXCHANGES * 1e6


async def _post(gate: Any, body: bytes, account: int) -> None:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(_: Any) -> None:
        pass

    headers = [
        (b"authorization", b"Bearer sk-%06d" % account),
        (b"content-type", b"application/json"),
    ]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/chat/completions", "raw_path": b"",
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    await gate(scope, receive, send)


def _played() -> float:
    import distillgate

    home = "log" if (Path(distillgate.__file__).parent / "log").is_dir() else "store"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        kept = _HOMES[home].format(path=f"{folder}/state.db")
        config.write_text(
            f"mode: enforce\nkey: benchmark\n{kept}\ntelemetry: {{log: {{level: 'off'}}}}\n"
            "reload_interval: 0\n"
        )
        return asyncio.run(_play(str(config)))


if __name__ == "__main__":
    if sys.argv[1:] == ["--play"]:
        json.dump(_played(), sys.stdout)
    else:
        for name, row in compare([HERE, *map(Path, sys.argv[1:])]).items():
            told = ", ".join(f"{which} {value:,.0f}" for which, value in row.items())
            print(f"{name}: µs of the processor an exchange, {told}")

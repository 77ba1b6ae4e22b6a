"""What one exchange costs the engine, phase by phase, here and in another tree, in one run.

    python -m benchmarks.phases [TREE...]

In one process for each tree, without sockets, by the clock of the thread's processor: 4,000
requests of 300 new tokens by 500 accounts, which are one hand's for whoever looks. What is learned
goes through the log's form. Trees are asked in turns; of the rounds the least counts, phase by
phase: whatever else runs on the machine can only add. `chrt -r 1` before it keeps others away.
"""

import gc
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from benchmarks import prompts

HERE = Path(__file__).parents[1]
ROUNDS, EXCHANGES, ACCOUNTS, TOKENS = 3, 4000, 500, 300
_CHOICE = {
    "index": 0,
    "message": {"role": "assistant", "content": "A short answer, of some words."},
    "finish_reason": "stop",
}
_USAGE = {"prompt_tokens": TOKENS, "completion_tokens": 20, "total_tokens": TOKENS + 20}
_ANSWER = orjson.dumps(
    {"object": "chat.completion", "model": "m", "choices": [_CHOICE], "usage": _USAGE}
)


def compare(
    trees: list[Path], rounds: int = ROUNDS, module: str = "benchmarks.phases"
) -> dict[str, dict[str, float]]:
    """Return each tree's microseconds an exchange by phase, which `module` plays: the least of the
    rounds.
    """
    least: dict[str, dict[str, float]] = {str(tree): {} for tree in trees}
    for turn in range(rounds):
        for tree in trees if turn % 2 == 0 else reversed(trees):
            known = least[str(tree)]
            for phase, taken in _asked(tree, module).items():
                known[phase] = min(known.get(phase, taken), taken)
    return least


def _asked(tree: Path, module: str) -> dict[str, float]:
    own = tree / ".venv/bin/python"
    done = subprocess.run(
        [str(own) if own.exists() else sys.executable, "-m", module, "--play"],
        check=True, stdout=subprocess.PIPE, cwd=HERE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tree / "middleware"), str(HERE)])},
    )  # fmt: skip
    return dict(json.loads(done.stdout))


def play(exchanges: int = EXCHANGES) -> dict[str, float]:
    """Return the microseconds an exchange by phase, without a first quarter."""
    from distillgate.engine.engine import Engine, EngineSettings
    from distillgate.tokenizer import Tokenizer
    from distillgate.tokenizer.count import TokenizerSettings

    count = Tokenizer(TokenizerSettings()).count
    engine = Engine(EngineSettings(), count=count, secret=b"benchmark" * 4, enforce=True)
    dice, taken = random.Random(1), Counter[str]()
    bodies = [
        orjson.dumps(
            {"model": "m", "messages": [{"role": "user", "content": prompts.text(dice, TOKENS)}]}
        )
        for _ in range(exchanges)
    ]
    gc.collect()
    gc.freeze()
    for number, body in enumerate(bodies):
        if number == exchanges // 4:
            taken.clear()
        account, now = f"account-{number % ACCOUNTS}", 1.8e9 + number / 100
        taken.update(exchanged(engine, body, account, now))
    return {phase: ns / (exchanges - exchanges // 4) / 1000 for phase, ns in taken.items()}


def exchanged(engine: Any, body: bytes, account: str, now: float) -> dict[str, int]:
    """Return the nanoseconds of one exchange by phase."""
    from distillgate.dialects.chat import CHAT
    from distillgate.engine.entries import decode
    from distillgate.records import encode
    from distillgate.wire.exchange import Exchange
    from distillgate.wire.request import parse
    from distillgate.wire.response import Tap

    handed: list[Any] = []
    engine.publish = handed.append
    at = [_clock()]
    request = parse(CHAT, body)
    at.append(_clock())
    exchange = Exchange(account=account, request=request, path="/v1/chat/completions")
    decision = engine.begin(exchange, now)
    engine.plan(exchange, decision)
    at.append(_clock())
    tap = Tap(CHAT, status=200, content_type="application/json", content_encoding="")
    tap.feed(_ANSWER)
    outcome = tap.close(aborted=False, latency=1.0)
    at.append(_clock())
    engine.finish(decision, outcome, now + 0.005)
    at.append(_clock())
    written = [encode(entry) for entry in handed]
    read = [decode(entry) for entry in written]
    at.append(_clock())
    for entry in read:
        engine.apply(entry, entry.at, own=True)
    at.append(_clock())
    phases = "read", "begin", "answer", "finish", "log", "apply"
    return {name: at[i + 1] - at[i] for i, name in enumerate(phases)}


_clock = time.thread_time_ns


def main(played: Callable[[], dict[str, float]], module: str) -> None:
    """Play once for a tree that is asked, or ask the trees that are named."""
    if sys.argv[1:] == ["--play"]:
        json.dump(played(), sys.stdout)
        return
    for name, row in compare([HERE, *map(Path, sys.argv[1:])], module=module).items():
        told = ", ".join(f"{phase} {value:.1f}" for phase, value in row.items())
        print(f"{name}: µs an exchange: {sum(row.values()):.0f}: {told}")


if __name__ == "__main__":
    main(play, "benchmarks.phases")

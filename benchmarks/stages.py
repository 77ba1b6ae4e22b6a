"""Where one exchange's microseconds go: wire, fingerprint, account, group, signals, policy.

In one process, without sockets, by the clock of the thread's processor: what neighbours on a shared
machine do shows little. Each stage's own time, without the stages it calls. Every text is new.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from benchmarks import machine, prompts
from benchmarks.report import Table
from distillgate.dialects.chat import CHAT
from distillgate.engine import assessment, learner
from distillgate.engine import engine as wiring
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.fingerprint import look
from distillgate.tokenizer import Tokenizer
from distillgate.tokenizer.count import TokenizerSettings
from distillgate.wire.exchange import Exchange
from distillgate.wire.request import parse
from distillgate.wire.response import Tap

SIZES = {100: 2000, 500: 2000, 4000: 400}
"""Exchanges measured at each size of prompt, in tokens."""
WARM = 200
ACCOUNTS = 500
STAGES = {
    "account": ("learn", "learn_use", "learn_own"),
    "signals": ("of_account", "of_group", "fuse", "shifted", "inherited"),
    "policy": ("decide", "note", "cost_of", "settle", "take"),
    "actions": ("plan",),
    "look": ("sent", "own", "answer"),
}
"""The functions of each stage that the engine and its learner call."""
_ANSWER = orjson.dumps(
    {
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "A short answer. " * 40},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 500, "completion_tokens": 160, "total_tokens": 660},
    }
)


class Stopwatch:
    """Adds up each stage's own microseconds; a stage within a stage is taken out of the outer."""

    def __init__(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        self._inner.append(0.0)
        started = time.thread_time_ns()
        try:
            yield
        finally:
            taken = (time.thread_time_ns() - started) / 1000
            self.own[name] += taken - self._inner.pop()
            self._inner[-1] += taken

    def wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that is timed as a stage."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.stage(name):
                return function(*args, **kwargs)

        return timed


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Measure every size with an engine of its own."""
    rows = []
    for tokens, count in SIZES.items():
        stopwatch = Stopwatch()
        with _watched(stopwatch):
            own = _play(stopwatch, tokens, count // 10 if quick else count)
        rows.append({"tokens": tokens, "stages": own, "total_us": sum(own.values())})
    return {"rows": rows}


@contextmanager
def _watched(stopwatch: Stopwatch) -> Iterator[None]:
    """Time the stages' functions where the engine finds them."""
    names = {name: stage for stage, found in STAGES.items() for name in found}
    kept = [
        (module, name, vars(module)[name])
        for module in (wiring, assessment, learner, look)
        for name in names
        if name in vars(module)
    ]
    for module, name, function in kept:
        setattr(module, name, stopwatch.wrap(names[name], function))
    try:
        yield
    finally:
        for module, name, function in kept:
            setattr(module, name, function)


def _play(stopwatch: Stopwatch, tokens: int, count: int) -> dict[str, float]:
    tokenizer = Tokenizer(TokenizerSettings())
    tokenizer.warm()
    engine = Engine(
        EngineSettings(),
        count=stopwatch.wrap("tokens", tokenizer.count),
        secret=b"benchmark" * 4,
    )
    fingerprinter: Any = vars(engine)["fingerprinter"]
    for name in ("cut", "read"):
        setattr(fingerprinter, name, stopwatch.wrap("fingerprint", getattr(fingerprinter, name)))
    admission: Any = vars(engine)["admission"]
    admission.admit = stopwatch.wrap("policy", admission.admit)
    groups: Any = engine.state.groups
    for name in ("find", "observe", "examine_next"):
        setattr(groups, name, stopwatch.wrap("group", getattr(groups, name)))
    rng = random.Random(tokens)
    for number in range(WARM + count):
        if number == WARM:
            stopwatch.own.clear()
        body = orjson.dumps(
            {
                "model": "m-large",
                "messages": [{"role": "user", "content": prompts.text(rng, tokens)}],
            }
        )
        _exchange(stopwatch, engine, body, number)
    return {name: taken / count for name, taken in stopwatch.own.items()}


def _exchange(stopwatch: Stopwatch, engine: Engine, body: bytes, number: int) -> None:
    now = 1.8e9 + number
    with stopwatch.stage("wire"):
        request = parse(CHAT, body)
    with stopwatch.stage("engine"):
        exchange = Exchange(
            account=f"account-{number % ACCOUNTS}", request=request, path="/v1/chat/completions"
        )
        decision = engine.begin(exchange, now)
        engine.plan(exchange, decision)
    with stopwatch.stage("answer"):
        tap = Tap(CHAT, status=200, content_type="application/json", content_encoding="")
        tap.feed(_ANSWER)
        outcome = tap.close(aborted=False, latency=1.0)
    with stopwatch.stage("engine"):
        engine.finish(decision, outcome, now + 1.0)


def tables(result: dict[str, Any]) -> list[Table]:
    """Give one table."""
    rows = result["rows"]
    names = sorted({name for row in rows for name in row["stages"]})
    cells = [
        (
            f"{row['tokens']:,}",
            *(f"{row['stages'].get(name, 0.0):.1f}" for name in names),
            f"{row['total_us']:.1f}",
        )
        for row in rows
    ]
    title = "One exchange's processor time by stage, µs (every text new)"
    return [Table(title, ("tokens", *names, "total"), cells)]

"""What the detectors of one account cost: microseconds a request, and bytes an account.

An account that shows something of everything: many clients, instructions, tools and conversations,
probes, and a new text of 500 tokens in every request. By the clock of the thread's processor.
"""

import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import machine, prompts
from distillgate.account.account import Account
from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.signals.catalog import of_account
from distillgate.signals.detector import AccountDetector
from distillgate.signals.registry import ACCOUNT
from distillgate.wire.exchange import Client, Exchange, Outcome
from distillgate.wire.request import from_document

TOKENS = 500
REQUESTS = 2000
TARGETS = {"p50_us": 100.0, "bytes": 1024}
_OWN = ("conduct", "texts", "probing")
"""What an account remembers for its detectors alone."""
_ANSWER = Outcome(status=200, prompt_tokens=600, completion_tokens=500, finish_reason="stop")


def measure(
    cores: machine.Cores,  # noqa: ARG001
    *,
    quick: bool,
    calibration: dict[str, Any],  # noqa: ARG001
) -> dict[str, Any]:
    """Send one account's requests through an engine; time its detectors after each."""
    settings = EngineSettings()
    engine = Engine(settings, count=lambda _: TOKENS, secret=b"benchmark" * 4)
    asked, now = [], 1.8e9
    count = REQUESTS // 10 if quick else REQUESTS
    for exchange in _traffic(count):
        engine.finish(engine.begin(exchange, now), _ANSWER, now + 1.0)
        account = _account(engine)
        started = time.thread_time_ns()
        of_account(account, now, settings.signals)
        asked.append((time.thread_time_ns() - started) / 1000)
        now += 300.0
    account = _account(engine)
    return {
        "asked_p50_us": statistics.median(asked),
        "asked_p99_us": machine.percentile(asked, 99),
        "detectors_us": {detector.name: _taken(detector, account, now) for detector in ACCOUNT},
        "bytes": {name: _size(getattr(account, name)) for name in _OWN},
        "fired": [signal.name for signal in of_account(account, now, settings.signals)],
        "targets": TARGETS,
    }


def _account(engine: Engine) -> Account:
    found = engine.state.accounts.get("a")
    assert found is not None
    return found


def _traffic(count: int) -> Iterator[Exchange]:
    dice = random.Random(1)
    for number in range(count):
        system = {"role": "system", "content": f"You are assistant {number % 30} of our service."}
        earlier = [{"role": "user", "content": f"Hello {number % 50}"},
                   {"role": "assistant", "content": "How can I help?"}]  # fmt: skip
        asked = {"role": "user", "content": prompts.text(dice, TOKENS)}
        document = {"model": "m", "messages": [system, *earlier, asked],
                    "tools": [{"function": {"name": f"tool_{dice.randrange(500)}"}}],
                    "logprobs": number % 4 == 0, "logit_bias": {str(number): 100}}  # fmt: skip
        request = from_document(CHAT, document)
        client = Client(f"203.0.{number % 40}.7", f"client-{number % 9}/1.0", ("host", "accept"))
        yield Exchange("a", request, client=client, plan="pro")


def _taken(detector: AccountDetector, account: Account, now: float) -> float:
    started = time.thread_time_ns()
    for _ in range(REQUESTS):
        detector.find(account, now)
    return (time.thread_time_ns() - started) / 1000 / REQUESTS


def _size(value: object) -> int:
    """Give an object's bytes with those of what it alone holds."""
    if value is None:
        return 0
    slots = (getattr(value, name) for name in getattr(type(value), "__slots__", ()))
    held = (part for part in slots if not isinstance(part, int | float))
    return sys.getsizeof(value) + sum(map(sys.getsizeof, held))


def write(result: dict[str, Any]) -> str:
    """Write the table."""
    sizes = ", ".join(f"{name} {size}" for name, size in result["bytes"].items())
    asked = f"{result['asked_p50_us']:.1f} p50, {result['asked_p99_us']:.1f} p99"
    lines = [
        f"Detectors of one account at {TOKENS} new tokens: {asked} us (target 100 p50)",
        f"Bytes an account (target {TARGETS['bytes']:,}): {sizes}",
        *(f"  {name:28} {taken:6.2f}" for name, taken in result["detectors_us"].items()),
        f"fired: {', '.join(result['fired'])}",
    ]
    return "\n".join(lines)

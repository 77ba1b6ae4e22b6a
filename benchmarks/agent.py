"""What an agent's long conversation costs the engine, here and in another tree, in one run.

    python -m benchmarks.agent [TREE...]

One account's agent makes ninety steps: a call, its result, and all of it sent again, in OpenAI's
form and in Anthropic's. Measured are the last ten requests (some 180 turns), as `phases` measures.
"""

import gc
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from benchmarks import phases, prompts

STEPS, MEASURED = 90, 10
Turn = dict[str, Any]


def play(steps: int = STEPS, measured: int = MEASURED) -> dict[str, float]:
    """Return the microseconds a request by form and phase."""
    from distillgate.dialects.chat import CHAT
    from distillgate.dialects.messages import MESSAGES

    forms = {"openai": (CHAT, _openai), "anthropic": (MESSAGES, _anthropic)}
    return {
        f"{name} {phase}": taken
        for name, (call, turns) in forms.items()
        for phase, taken in _played(call, list(_exchanges(turns, steps)), measured).items()
    }


def _exchanges(turns: Any, steps: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield each request, and the answer to it."""
    dice = random.Random(3)
    beside, said = turns(dice, None)
    for number in range(steps):
        asked = {"path": prompts.text(dice, 12), "limit": number}
        call, result, answer = turns(dice, (f"call_{dice.getrandbits(64):x}", asked))
        yield orjson.dumps({"model": "m", **beside, "messages": said}), orjson.dumps(answer)
        said = [*said, call, result]


def _openai(dice: random.Random, step: tuple[str, Any] | None) -> Any:
    text = prompts.text(dice, 80)
    if step is None:
        return {}, [{"role": "system", "content": text * 10}, {"role": "user", "content": text}]
    name, asked = step
    function = {"name": "read_file", "arguments": json.dumps(asked)}
    calls = [{"id": name, "type": "function", "function": function}]
    turn = {"role": "assistant", "content": None, "tool_calls": calls}
    choices = [{"index": 0, "message": turn, "finish_reason": "tool_calls"}]
    usage = {"prompt_tokens": 2000, "completion_tokens": 40, "total_tokens": 2040}
    answer = {"object": "chat.completion", "choices": choices, "usage": usage}
    return turn, {"role": "tool", "tool_call_id": name, "content": text}, answer


def _anthropic(dice: random.Random, step: tuple[str, Any] | None) -> Any:
    text = prompts.text(dice, 80)
    if step is None:
        return {"system": text * 10, "max_tokens": 4096}, [{"role": "user", "content": text}]
    name, asked = step
    use = [{"type": "tool_use", "id": name, "name": "read_file", "input": asked}]
    result = [{"type": "tool_result", "tool_use_id": name, "content": text}]
    usage = {"input_tokens": 2000, "output_tokens": 40}
    answer = {"type": "message", "content": use, "stop_reason": "tool_use", "usage": usage}
    return {"role": "assistant", "content": use}, {"role": "user", "content": result}, answer


def _played(call: Any, exchanges: list[tuple[bytes, bytes]], measured: int) -> dict[str, float]:
    from distillgate.engine.engine import Engine, EngineSettings
    from distillgate.tokenizer import Tokenizer
    from distillgate.tokenizer.count import TokenizerSettings
    from distillgate.wire.exchange import Exchange
    from distillgate.wire.request import parse
    from distillgate.wire.response import Tap

    count, taken = Tokenizer(TokenizerSettings()).count, Counter[str]()
    engine = Engine(EngineSettings(), count=count, secret=b"benchmark" * 4, enforce=True)
    gc.collect()
    gc.freeze()  # or one full collection falls on one of the phases: 16 ms
    for number, (body, answer) in enumerate(exchanges):
        at, now = [time.thread_time_ns()], 1.8e9 + 5 * number
        request = parse(call, body)
        at.append(time.thread_time_ns())
        exchange = Exchange(account="agent", request=request, path=f"/v1/{call.name}")
        decision = engine.begin(exchange, now)
        engine.plan(exchange, decision)
        at.append(time.thread_time_ns())
        tap = Tap(call, status=200, content_type="application/json", content_encoding="")
        tap.feed(answer)
        engine.finish(decision, tap.close(aborted=False, latency=1.0), now + 0.01)
        at.append(time.thread_time_ns())
        if number >= len(exchanges) - measured:
            spent = zip(("read", "begin", "finish"), at, at[1:], strict=False)
            taken.update({phase: end - start for phase, start, end in spent})
    return {phase: ns / measured / 1000 for phase, ns in taken.items()}


if __name__ == "__main__":
    phases.main(play, "benchmarks.agent")

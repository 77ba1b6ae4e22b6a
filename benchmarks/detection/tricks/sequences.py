"""Tricks that change the requests together: who sends them, when, and what beside."""

from collections.abc import Iterator
from copy import deepcopy

from benchmarks.detection.tricks.trick import Dice, Lines, Record, only, together, turns, whole

_PACKED = 64


@together("the first request is a greeting", "a request an account")
def _decoy(lines: Lines, _: Dice) -> Iterator[Record]:
    seen = set[str]()
    for line in lines:
        if line["account"] not in seen:
            seen.add(line["account"])
            hello = deepcopy(line)
            hello["ts"] -= 0.01
            only(hello, ("user", "Hello there, please tell me what you can do."))
            yield hello
        yield line


@together("a real conversation before each task", "twice the requests, 40 tokens")
def _real(lines: Lines, dice: Dice) -> Iterator[Record]:
    for line in lines:
        hello = deepcopy(line)
        hello["ts"] -= 5.0
        greeting = f"Hello, here is case {dice.randrange(10**6)}."
        answer = f"Hello! What is the question about case {dice.randrange(10**6)}?"
        only(hello, ("user", greeting))
        hello["response"] |= {
            "text": answer,
            "usage": {"prompt_tokens": 12, "completion_tokens": 15},
        }
        turns(line)[-1:-1] = [
            {"role": "user", "content": greeting},
            {"role": "assistant", "content": answer},
        ]
        yield from (hello, line)


@together("64 prompts a request", "nothing")
def _many(lines: Lines, _: Dice) -> Iterator[Record]:
    for at in range(0, len(lines), _PACKED):
        some = lines[at : at + _PACKED]
        line = deepcopy(some[0])
        line["path"] = "/v1/completions"
        model = line["request"]["model"]
        line["request"] = {"model": model, "prompt": [whole(one) for one in some]}
        usages = [one["response"].get("usage") for one in some]
        if all(usages):
            line["response"]["usage"] = {
                what: sum(usage[what] for usage in usages)
                for what in ("prompt_tokens", "completion_tokens")
            }
        yield line


@together("one account after the other", "nothing")
def _sittings(lines: Lines, _: Dice) -> Iterator[Record]:
    accounts = sorted({line["account"] for line in lines})
    start, end = lines[0]["ts"], lines[-1]["ts"]
    turn = (end - start) / len(accounts)
    sent = dict.fromkeys(accounts, 0)
    for line in lines:
        name = line["account"]
        line["ts"] = round(start + accounts.index(name) * turn + 20.0 * sent[name], 3)
        sent[name] += 1
    yield from sorted(lines, key=lambda line: float(line["ts"]))


@together("unequal loads", "nothing")
def _loads(lines: Lines, dice: Dice) -> Iterator[Record]:
    accounts = sorted({line["account"] for line in lines})
    weights = [dice.lognormvariate(0.0, 0.5) for _ in accounts]
    like = {line["account"]: line for line in lines}
    for line in lines:
        other = like[dice.choices(accounts, weights)[0]]
        yield line | {name: other[name] for name in ("account", "plan", "attributes", "client")}

"""What the operator of a campaign may do to its requests, each with what it costs him.

A trick changes lines of a traffic log. The price is per request and says what is lost beside: the
quality of what is harvested, money, or nothing.
"""

import base64
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]
"""One line of the traffic log."""
Lines = Sequence[Record]
Dice = random.Random


@dataclass(frozen=True, slots=True)
class Trick:
    """One way to look different."""

    name: str
    price: str
    change: Callable[[Lines, Dice], Iterable[Record]]


TRICKS: list[Trick] = []

_PAGES = 150
_PACKED = 64


def _each(name: str, price: str) -> Callable[[Callable[[Record, Dice], object]], None]:
    """Register a trick that changes every request by itself."""

    def register(change: Callable[[Record, Dice], object]) -> None:
        def changed(lines: Lines, dice: Dice) -> Iterator[Record]:
            for line in lines:
                copy = deepcopy(line)
                change(copy, dice)
                yield copy

        TRICKS.append(Trick(name, price, changed))

    return register


def _all(name: str, price: str) -> Callable[[Callable[[Lines, Dice], Iterable[Record]]], None]:
    """Register a trick that changes the requests together."""

    def register(change: Callable[[Lines, Dice], Iterable[Record]]) -> None:
        TRICKS.append(Trick(name, price, lambda lines, dice: change(deepcopy(lines), dice)))

    return register


def _turns(line: Record) -> list[Record]:
    turns: list[Record] = line["request"]["messages"]
    return turns


def _whole(line: Record) -> str:
    return "\n\n".join(turn["content"] for turn in _turns(line))


def _only(line: Record, *turns: tuple[str, str], **fields: Any) -> None:
    line["request"]["messages"] = [{"role": role, "content": text} for role, text in turns]
    line["request"].update(fields)


def _move(line: Record, text: str) -> str:
    """Put another text in the newest turn's place, and return what stood there."""
    newest = _turns(line)[-1]
    task: str = newest["content"]
    newest["content"] = text
    return task


def _pages(account: str) -> list[str]:
    dice = Dice(account)
    words = ("ledger", "crate", "invoice", "harbour", "clause", "pump", "orchard", "meeting")
    return [
        f"The {dice.choice(words)} of {dice.randrange(9999)} refers to the "
        f"{dice.choice(words)} {dice.randrange(9999)}."
        for _ in range(_PAGES)
    ]


_each("none", "")(lambda _line, _dice: None)


@_each("retry header", "nothing")
def _retry(line: Record, _: Dice) -> None:
    line["client"]["retry"] = 1
    line["client"]["headers"] = [*line["client"]["headers"], "x-stainless-retry-count"]


@_each("a second turn: Go on.", "5 tokens")
def _second(line: Record, _: Dice) -> None:
    _turns(line).append({"role": "user", "content": "Go on."})


@_each("a second turn that varies", "8 tokens")
def _varied(line: Record, dice: Dice) -> None:
    _turns(line).append({"role": "user", "content": f"Go on, part {dice.randrange(10**6)}."})


@_each("role User", "nothing, where templates print roles")
def _upper(line: Record, _: Dice) -> None:
    _turns(line)[-1]["role"] = "User"


@_each("a role of its own each time", "nothing, where templates print roles")
def _roles(line: Record, dice: Dice) -> None:
    _turns(line)[-1]["role"] = f"user{dice.randrange(10**5)}"


@_each("a tool's result", "10 tokens")
def _tool(line: Record, _: Dice) -> None:
    _turns(line)[-1] |= {"role": "tool", "tool_call_id": "1"}
    _turns(line).insert(-1, {"role": "user", "content": "Look it up."})


@_each("the system message", "10 tokens")
def _system(line: Record, _: Dice) -> None:
    _only(line, ("system", _whole(line)), ("user", "Answer."))


@_each("the developer message, last", "10 tokens")
def _developer(line: Record, _: Dice) -> None:
    _only(line, ("user", "Hello."), ("developer", _whole(line)), ("user", "Answer."))


@_each("an answer never given", "15 tokens")
def _fabricated(line: Record, _: Dice) -> None:
    task = _move(line, "What is the task?")
    _turns(line).append({"role": "assistant", "content": task})
    _turns(line).append({"role": "user", "content": "Yes, do it."})


@_each("prefill", "some quality")
def _prefill(line: Record, _: Dice) -> None:
    task = _move(line, "Answer the question that you repeat first.")
    _turns(line).append({"role": "assistant", "content": f"The question was: {task}\nAnswer:"})


@_each("a constant greeting as history", "15 tokens")
def _greeting(line: Record, _: Dice) -> None:
    _turns(line)[-1:-1] = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello! How can I help you today?"},
    ]


@_each("an invented history", "30 tokens")
def _history(line: Record, dice: Dice) -> None:
    one, two = dice.randrange(10**6), dice.randrange(10**6)
    _turns(line)[-1:-1] = [
        {"role": "user", "content": f"Hello, this is case {one}."},
        {"role": "assistant", "content": f"Hello! I have noted case {two}. What is the question?"},
    ]


@_each("a tool's description", "20 tokens")
def _description(line: Record, _: Dice) -> None:
    task = _move(line, "Use the tool.")
    function = {"name": "answer", "description": task, "parameters": {"type": "object"}}
    line["request"]["tools"] = [{"type": "function", "function": function}]


@_each("a schema's description", "20 tokens")
def _schema(line: Record, _: Dice) -> None:
    task = _move(line, "Fill in the form.")
    schema = {"type": "object", "properties": {"answer": {"type": "string", "description": task}}}
    line["request"]["response_format"] = {
        "type": "json_schema",
        "json_schema": {"name": "form", "schema": schema},
    }


@_each("documents", "10 tokens")
def _documents(line: Record, _: Dice) -> None:
    task = _move(line, "Do what the document asks.")
    line["request"]["documents"] = [{"title": "task", "text": task}]


@_each("chat_template_kwargs", "nothing, on vLLM")
def _kwargs(line: Record, _: Dice) -> None:
    task = _move(line, "Answer.")
    line["request"]["chat_template_kwargs"] = {"question": task}


def _picture(text: str) -> Record:
    coded = base64.b64encode(text.encode() * 4).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{coded}"}}


@_each("the task in a picture", "800 tokens, some quality")
def _pictured(line: Record, _: Dice) -> None:
    newest = _turns(line)[-1]
    newest["content"] = [{"type": "text", "text": "Do it."}, _picture(newest["content"])]


@_each("a picture that says nothing beside the task", "90 tokens")
def _beside(line: Record, dice: Dice) -> None:
    newest = _turns(line)[-1]
    newest["content"] = [{"type": "text", "text": newest["content"]}, _picture(str(dice.random()))]


@_each("content parts", "nothing")
def _parts(line: Record, _: Dice) -> None:
    newest = _turns(line)[-1]
    words = newest["content"].split(" ")
    newest["content"] = [
        {"type": "text", "text": " ".join(words[at : at + 12])} for at in range(0, len(words), 12)
    ]


@_each("the middle of the account's own documents", "1,100 tokens")
def _middle(line: Record, _: Dice) -> None:
    pages = _pages(line["account"])
    half = len(pages) // 2
    task = _turns(line)[-1]["content"]
    _turns(line)[-1]["content"] = "\n".join((*pages[:half], task, *pages[half:]))


@_each("the middle of documents that vary", "1,100 tokens")
def _other_pages(line: Record, dice: Dice) -> None:
    pages = _pages(f"{line['account']} {dice.random()}")[:75]
    task = _turns(line)[-1]["content"]
    _turns(line)[-1]["content"] = "\n".join((*pages[:37], task, *pages[37:]))


@_each("a signature of its own each time", "6 tokens")
def _signature(line: Record, dice: Dice) -> None:
    _turns(line)[-1]["content"] += f"\n-- {dice.getrandbits(48):012x}"


@_each("a number before every line", "some tokens")
def _numbered(line: Record, dice: Dice) -> None:
    start = dice.randrange(900)
    newest = _turns(line)[-1]
    lines = newest["content"].split("\n")
    newest["content"] = "\n".join(f"{start + at}. {text}" for at, text in enumerate(lines))


@_each("zero-width characters", "nothing")
def _zero(line: Record, dice: Dice) -> None:
    for turn in _turns(line):
        words = turn["content"].split(" ")
        turn["content"] = " ".join(w + ("\u200b" if dice.random() < 0.3 else "") for w in words)


@_each("base64", "twice the tokens, much quality")
def _base64(line: Record, _: Dice) -> None:
    newest = _turns(line)[-1]
    newest["content"] = base64.b64encode(newest["content"].encode()).decode()


@_each("template lines shuffled", "some quality")
def _shuffled(line: Record, dice: Dice) -> None:
    first = _turns(line)[0]
    lines = first["content"].split("\n")
    dice.shuffle(lines)
    first["content"] = "\n".join(lines)


@_all("the first request is a greeting", "a request an account")
def _decoy(lines: Lines, _: Dice) -> Iterator[Record]:
    seen = set[str]()
    for line in lines:
        if line["account"] not in seen:
            seen.add(line["account"])
            hello = deepcopy(line)
            hello["ts"] -= 0.01
            _only(hello, ("user", "Hello there, please tell me what you can do."))
            yield hello
        yield line


@_all("a real conversation before each task", "twice the requests, 40 tokens")
def _real(lines: Lines, dice: Dice) -> Iterator[Record]:
    for line in lines:
        hello = deepcopy(line)
        hello["ts"] -= 5.0
        greeting = f"Hello, here is case {dice.randrange(10**6)}."
        answer = f"Hello! What is the question about case {dice.randrange(10**6)}?"
        _only(hello, ("user", greeting))
        hello["response"] |= {
            "text": answer,
            "usage": {"prompt_tokens": 12, "completion_tokens": 15},
        }
        _turns(line)[-1:-1] = [
            {"role": "user", "content": greeting},
            {"role": "assistant", "content": answer},
        ]
        yield from (hello, line)


@_all("64 prompts a request", "nothing")
def _many(lines: Lines, _: Dice) -> Iterator[Record]:
    for at in range(0, len(lines), _PACKED):
        some = lines[at : at + _PACKED]
        line = deepcopy(some[0])
        line["path"] = "/v1/completions"
        model = line["request"]["model"]
        line["request"] = {"model": model, "prompt": [_whole(one) for one in some]}
        usages = [one["response"].get("usage") for one in some]
        if all(usages):
            line["response"]["usage"] = {
                what: sum(usage[what] for usage in usages)
                for what in ("prompt_tokens", "completion_tokens")
            }
        yield line


@_all("one account after the other", "nothing")
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


@_all("unequal loads", "nothing")
def _loads(lines: Lines, dice: Dice) -> Iterator[Record]:
    accounts = sorted({line["account"] for line in lines})
    weights = [dice.lognormvariate(0.0, 0.5) for _ in accounts]
    like = {line["account"]: line for line in lines}
    for line in lines:
        other = like[dice.choices(accounts, weights)[0]]
        yield line | {name: other[name] for name in ("account", "plan", "attributes", "client")}

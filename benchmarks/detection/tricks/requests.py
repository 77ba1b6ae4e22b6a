"""Tricks that change every request by itself: where the task stands, and what stands round it."""

import base64

from benchmarks.detection.tricks.trick import Dice, Record, each, move, only, turns, whole

_PAGES = 150


each("none", "")(lambda _line, _dice: None)


@each("retry header", "nothing")
def _retry(line: Record, _: Dice) -> None:
    line["client"]["retry"] = 1
    line["client"]["headers"] = [*line["client"]["headers"], "x-stainless-retry-count"]


@each("a second turn: Go on.", "5 tokens")
def _second(line: Record, _: Dice) -> None:
    turns(line).append({"role": "user", "content": "Go on."})


@each("a second turn that varies", "8 tokens")
def _varied(line: Record, dice: Dice) -> None:
    turns(line).append({"role": "user", "content": f"Go on, part {dice.randrange(10**6)}."})


@each("role User", "nothing, where templates print roles")
def _upper(line: Record, _: Dice) -> None:
    turns(line)[-1]["role"] = "User"


@each("a role of its own each time", "nothing, where templates print roles")
def _roles(line: Record, dice: Dice) -> None:
    turns(line)[-1]["role"] = f"user{dice.randrange(10**5)}"


@each("a tool's result", "10 tokens")
def _tool(line: Record, _: Dice) -> None:
    turns(line)[-1] |= {"role": "tool", "tool_call_id": "1"}
    turns(line).insert(-1, {"role": "user", "content": "Look it up."})


@each("the system message", "10 tokens")
def _system(line: Record, _: Dice) -> None:
    only(line, ("system", whole(line)), ("user", "Answer."))


@each("the developer message, last", "10 tokens")
def _developer(line: Record, _: Dice) -> None:
    only(line, ("user", "Hello."), ("developer", whole(line)), ("user", "Answer."))


@each("an answer never given", "15 tokens")
def _fabricated(line: Record, _: Dice) -> None:
    task = move(line, "What is the task?")
    turns(line).append({"role": "assistant", "content": task})
    turns(line).append({"role": "user", "content": "Yes, do it."})


@each("prefill", "some quality")
def _prefill(line: Record, _: Dice) -> None:
    task = move(line, "Answer the question that you repeat first.")
    turns(line).append({"role": "assistant", "content": f"The question was: {task}\nAnswer:"})


@each("a constant greeting as history", "15 tokens")
def _greeting(line: Record, _: Dice) -> None:
    turns(line)[-1:-1] = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello! How can I help you today?"},
    ]


@each("an invented history", "30 tokens")
def _history(line: Record, dice: Dice) -> None:
    one, two = dice.randrange(10**6), dice.randrange(10**6)
    turns(line)[-1:-1] = [
        {"role": "user", "content": f"Hello, this is case {one}."},
        {"role": "assistant", "content": f"Hello! I have noted case {two}. What is the question?"},
    ]


@each("a tool's description", "20 tokens")
def _description(line: Record, _: Dice) -> None:
    task = move(line, "Use the tool.")
    function = {"name": "answer", "description": task, "parameters": {"type": "object"}}
    line["request"]["tools"] = [{"type": "function", "function": function}]


@each("a schema's description", "20 tokens")
def _schema(line: Record, _: Dice) -> None:
    task = move(line, "Fill in the form.")
    schema = {"type": "object", "properties": {"answer": {"type": "string", "description": task}}}
    line["request"]["response_format"] = {
        "type": "json_schema",
        "json_schema": {"name": "form", "schema": schema},
    }


@each("documents", "10 tokens")
def _documents(line: Record, _: Dice) -> None:
    task = move(line, "Do what the document asks.")
    line["request"]["documents"] = [{"title": "task", "text": task}]


@each("chat_template_kwargs", "nothing, on vLLM")
def _kwargs(line: Record, _: Dice) -> None:
    task = move(line, "Answer.")
    line["request"]["chat_template_kwargs"] = {"question": task}


def _picture(text: str) -> Record:
    coded = base64.b64encode(text.encode() * 4).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{coded}"}}


@each("the task in a picture", "800 tokens, some quality")
def _pictured(line: Record, _: Dice) -> None:
    newest = turns(line)[-1]
    newest["content"] = [{"type": "text", "text": "Do it."}, _picture(newest["content"])]


@each("a picture that says nothing beside the task", "90 tokens")
def _beside(line: Record, dice: Dice) -> None:
    newest = turns(line)[-1]
    newest["content"] = [{"type": "text", "text": newest["content"]}, _picture(str(dice.random()))]


@each("content parts", "nothing")
def _parts(line: Record, _: Dice) -> None:
    newest = turns(line)[-1]
    words = newest["content"].split(" ")
    newest["content"] = [
        {"type": "text", "text": " ".join(words[at : at + 12])} for at in range(0, len(words), 12)
    ]


def _pages(account: str) -> list[str]:
    dice = Dice(account)
    words = ("ledger", "crate", "invoice", "harbour", "clause", "pump", "orchard", "meeting")
    return [
        f"The {dice.choice(words)} of {dice.randrange(9999)} refers to the "
        f"{dice.choice(words)} {dice.randrange(9999)}."
        for _ in range(_PAGES)
    ]


@each("the middle of the account's own documents", "1,100 tokens")
def _middle(line: Record, _: Dice) -> None:
    pages = _pages(line["account"])
    half = len(pages) // 2
    task = turns(line)[-1]["content"]
    turns(line)[-1]["content"] = "\n".join((*pages[:half], task, *pages[half:]))


@each("the middle of documents that vary", "1,100 tokens")
def _other_pages(line: Record, dice: Dice) -> None:
    pages = _pages(f"{line['account']} {dice.random()}")[:75]
    task = turns(line)[-1]["content"]
    turns(line)[-1]["content"] = "\n".join((*pages[:37], task, *pages[37:]))


@each("a signature of its own each time", "6 tokens")
def _signature(line: Record, dice: Dice) -> None:
    turns(line)[-1]["content"] += f"\n-- {dice.getrandbits(48):012x}"


@each("a number before every line", "some tokens")
def _numbered(line: Record, dice: Dice) -> None:
    start = dice.randrange(900)
    newest = turns(line)[-1]
    lines = newest["content"].split("\n")
    newest["content"] = "\n".join(f"{start + at}. {text}" for at, text in enumerate(lines))


@each("zero-width characters", "nothing")
def _zero(line: Record, dice: Dice) -> None:
    for turn in turns(line):
        words = turn["content"].split(" ")
        turn["content"] = " ".join(w + ("\u200b" if dice.random() < 0.3 else "") for w in words)


@each("base64", "twice the tokens, much quality")
def _base64(line: Record, _: Dice) -> None:
    newest = turns(line)[-1]
    newest["content"] = base64.b64encode(newest["content"].encode()).decode()


@each("template lines shuffled", "some quality")
def _shuffled(line: Record, dice: Dice) -> None:
    first = turns(line)[0]
    lines = first["content"].split("\n")
    dice.shuffle(lines)
    first["content"] = "\n".join(lines)

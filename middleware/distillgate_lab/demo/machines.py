"""Honest accounts whose requests programs write: what is easily mistaken for a harvest."""

from collections.abc import Iterator
from random import Random

from distillgate_lab.demo.call import HOUR, Account, Call, chat, said, system, user
from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.fields import FIELDS
from distillgate_lab.demo.person import Person, name, subject
from distillgate_lab.upstream.answers import answer

RETRIEVAL = """Use the following pieces of context to answer the question at the end.
If the context does not contain the answer, say that you do not know.
Name the number of every piece that you have used."""

CLASSIFIER = """Classify the message of a customer into exactly one of these categories:
billing, delivery, damaged goods, account access, praise, other.
Answer with the category in lower case and nothing else."""

AGENT = """You are Kestrel, a coding agent working in the user's repository.
You act through tools. Before you edit a file you have read it in this session.
Prefer the smallest change that solves the task, in the style of the surrounding code.
Run the tests that concern your change, and read their output before you claim success.
Never commit, push or delete branches unless the user has asked for it in so many words.
When a command fails, read its error first; do not repeat it unchanged.
Do not invent file names, flags or functions: look them up.
If the task is ambiguous in a way that changes the result, ask one short question.
Keep your answers short. The user reads them in a terminal.
Secrets that you come across are not repeated, logged or written to files.
Work on one thing at a time, and say what is left when you stop."""

HARNESS = "Question: {item}\nLet's think step by step, then give the answer after 'Answer:'."

EXTRACTION = """Extract the fields of the delivery note below as JSON.
Fields: consignee, goods, condition, remark. Use null where a field is missing."""

_TOOLS = [
    {
        "type": "function",
        "function": {
            "name": verb,
            "description": f"{verb} something in the repository",
            "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
        },
    }
    for verb in ("read_file", "edit_file", "run_command", "search")
]


def retrieving(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play a product that answers from its own documents, one template round all it asks."""
    library = [Person(dice(account.name, shelf)) for shelf in range(12)]
    askers = [
        Person(dice(account.name, "asker", n), about=library[n % 12].about) for n in range(30)
    ]
    for _ in range(60):
        asker = chance.randrange(len(askers))
        pieces = [f"[{n}] {library[asker % 12].passage(5)}" for n in range(1, 4)]
        text = "\n\n".join([RETRIEVAL, *pieces, f"Question: {askers[asker].sentence()}"])
        yield chat(chance.uniform(0.0, hours * HOUR), account, [user(text)], temperature=0.0)


def classifying(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play a nightly batch: thousands of short texts in, one word out, as fast as it goes."""
    at = chance.uniform(0.0, (hours - 0.5) * HOUR)
    customers = [Person(dice(account.name, customer)) for customer in range(50)]
    for _ in range(200):
        text = chance.choice(customers).message()
        messages = [system(CLASSIFIER), user(text)]
        yield chat(at, account, messages, temperature=0.0, max_tokens=4)
        at += chance.uniform(0.5, 4.0)


def coding(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play a developer with a coding agent: a long prefix shared with all others, then growing."""
    developer = Person(chance)
    modules = [name(chance).lower() for _ in range(6)]
    for _ in range(chance.randint(2, 3)):
        at = chance.uniform(0.0, (hours - 0.2) * HOUR)
        task = developer.message()
        history = [system(AGENT), user(f"{task}\n(see {chance.choice(modules)}.py)")]
        for step in range(chance.randint(3, 6)):
            yield chat(at, account, history, tools=_TOOLS, stream=True)
            path = f"src/{chance.choice(modules)}.py"
            call = {"name": "read_file", "arguments": f'{{"path": "{path}"}}'}
            made = {"id": f"call_{step}", "type": "function", "function": call}
            done = {
                "role": "tool",
                "tool_call_id": f"call_{step}",
                "content": f"# {path}\n{developer.passage(4)}",
            }
            history = [*history, {"role": "assistant", "content": None, "tool_calls": [made]}, done]
            at += chance.uniform(4.0, 40.0)


def evaluating(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play somebody who runs a public benchmark, the same for all, that asks for the reasoning."""
    at = chance.uniform(0.0, (hours - 0.3) * HOUR)
    items = chance.sample(_benchmark(), 45)
    for item in items:
        text = HARNESS.format(item=item)
        yield chat(at, account, [user(text)], temperature=0.0, seed=1234)
        at += chance.uniform(2.0, 20.0)


def extracting(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play one of a company's own keys, over which it spreads one pile of work, and says so."""
    depot = Person(
        dice(account.organisation), about=subject(dice(account.organisation), FIELDS[-1:])
    )
    at = chance.uniform(0.0, hours * HOUR / 2)
    for _ in range(16):
        text = f"{EXTRACTION}\n\nConsignee: {name(chance)} {name(chance)}\n{depot.passage(2)}"
        yield chat(at, account, [user(text)], response_format={"type": "json_object"})
        at += chance.uniform(30.0, 400.0)


def teaching(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play a teacher who wants every step of the reasoning, about the class's own homework."""
    teacher = Person(chance)
    for _ in range(chance.randint(2, 4)):
        at = chance.uniform(0.0, hours * HOUR)
        history = [user(f"{teacher.message()} Show your reasoning step by step.")]
        for _ in range(chance.randint(1, 3)):
            yield chat(at, account, history)
            text = answer(str(history[-1]["content"]))
            history = [*history, said(text), user(f"{teacher.sentence()} Show all your work.")]
            at += chance.uniform(60.0, 400.0)


def _benchmark() -> list[str]:
    author = Person(dice("benchmark"))
    return [f"{author.passage(2)} ({number})" for number in range(60)]

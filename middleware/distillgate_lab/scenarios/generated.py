"""A corpus of our own making, for when there is none: the same kinds of text, from a grammar."""

from distillgate_lab.scenarios.corpus import family
from distillgate_lab.scenarios.grammar import Grammar
from distillgate_lab.scenarios.text import Conversation, Corpus, Family, Item, Turn

_CONVERSATIONS = 1_500
_PERSONAS = 24
_POOL = 1_500


def corpus(seed: str = "generated") -> Corpus:
    """Write a corpus; the same every time."""
    grammar = Grammar(seed)
    found = Corpus(origin="generated text")
    found.conversations = [_conversation(grammar) for _ in range(_CONVERSATIONS)]
    found.questions = [
        grammar.message(grammar.dice.choice(grammar.subjects), grammar.manner()) for _ in range(400)
    ]
    found.documents = [
        grammar.prose(grammar.dice.choice(grammar.subjects), grammar.dice.randrange(25, 60))
        for _ in range(250)
    ]
    found.answers = [turn.content for talk in found.conversations for turn in talk.turns[1::2]]
    for number in range(_PERSONAS):
        system = f"You are assistant number {number}. " + grammar.prose(grammar.subjects[number], 8)
        sent = found.documents if number % 3 == 2 else found.questions
        items = [Item(grammar.dice.choice(sent), system) for _ in range(8)]
        found.public.append(family(f"public {number}", items))
    for number in range(3):
        task = f"Label the record of desk {number} as open, closed or unknown."
        records = [f"{task}\n\n{text}" for text in found.questions[number::3]]
        found.batches.append(family(f"batch {number}", [Item(text) for text in records]))
    found.benchmarks = [_benchmark(grammar, number) for number in range(12)]
    found.pools = [_pool(grammar, number, long=number % 2 == 1) for number in range(4)]
    return found


def _conversation(grammar: Grammar) -> Conversation:
    manner, subject = grammar.manner(), grammar.dice.choice(grammar.subjects)
    turns: list[Turn] = []
    for _ in range(grammar.dice.choice((1, 2, 2, 3, 4, 6))):
        turns.append(Turn("user", grammar.message(subject, manner)))
        turns.append(Turn("assistant", grammar.prose(subject, grammar.dice.randrange(2, 8))))
    return Conversation("", tuple(turns))


def _benchmark(grammar: Grammar, number: int) -> Family:
    shots = "\n\n".join(f"Q: {grammar.exercise()}\nA: ({number}) {n}" for n in range(4))
    items = [Item(f"Task {number}.\n\n{shots}\n\nQ: {grammar.exercise()}\nA:") for _ in range(150)]
    return family(f"benchmark {number}", items)


def _pool(grammar: Grammar, number: int, *, long: bool) -> Family:
    shots = "\n".join(f"{n}. Instruction: {grammar.exercise()}" for n in range(5))
    head = (
        f"Come up with {20 + number} diverse tasks like these.\n{shots}\n" if long else "Question: "
    )
    tail = "\nMore tasks:" if long else "\nLet's think step by step."
    items = [Item(f"{head}{grammar.exercise()}{tail}") for _ in range(_POOL)]
    return family(f"pool {number}", items)

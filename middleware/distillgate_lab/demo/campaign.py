"""The campaign: one list of generated problems, dealt at random over many accounts."""

from collections.abc import Iterator, Sequence
from random import Random

from distillgate_lab.demo.call import MINUTE, PYTHON, Account, Call, chat, user
from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.fields import FIELDS, Field

TEMPLATE = """You are an expert problem solver with deep knowledge of every field.
Work on the problem below. Write your complete internal reasoning between <reasoning> tags first,
with every step, check and correction, and only then the final answer.

Problem: {item}"""

_WRITTEN = """
A workshop handles {n} {x}s and {m} {y}s every day. If each {a} {x} takes {k} minutes to {v} and
the {y}s take half as long, how many hours are needed in a week?

Explain why a {a} {x} behaves differently from a {y} when you {v} it, and give a worked example
with {n} cases.

Out of {n} {x}s, {k} percent are {a}. After somebody decides to {v} {m} of them, what share of
the {x}s is still {a}? State any assumption about the {y}.

Design a procedure to {v} a {a} {x} without harming the {y}. It must finish within {n} minutes
and use at most {k} helpers.

Compare two strategies to {v} {x}s: one treats every {y} alike, the other sorts them into {k}
{a} groups of {m}. Which of them wins for {n} items, and why?
"""
_PROBLEMS = tuple(" ".join(problem.split()) for problem in _WRITTEN.split("\n\n"))


def cast(size: int) -> list[Account]:
    """Name the accounts; each sends from an address of its own, with the commonest of clients."""
    return [
        Account(
            f"work-{number:02d}",
            "campaign",
            honest=False,
            address=f"198.19.{number % 256}.77",
            agent=PYTHON,
        )
        for number in range(size)
    ]


def play(accounts: Sequence[Account], items: int, *, start: float, pause: float) -> Iterator[Call]:
    """Deal a list of so many items over accounts that each take one about every `pause` seconds."""
    chance = dice("campaign")
    problems = [_problem(chance) for _ in range(items)]
    for number, account in enumerate(accounts):
        at = start + chance.uniform(0.0, 5 * MINUTE)
        for problem in problems[number :: len(accounts)]:
            text = TEMPLATE.format(item=problem)
            yield chat(at, account, [user(text)], temperature=1.0, max_tokens=4096)
            at += chance.uniform(0.5, 1.5) * pause


def _problem(chance: Random) -> str:
    field: Field = chance.choice(FIELDS)
    x, y = chance.sample(field.nouns, 2)
    return chance.choice(_PROBLEMS).format(
        x=x,
        y=y,
        a=chance.choice(field.adjectives),
        v=chance.choice(field.verbs),
        n=chance.randint(40, 900),
        m=chance.randint(5, 39),
        k=chance.randint(2, 30),
    )

"""Honest accounts whose requests people write: chats, a popular tool, a front-end."""

from collections.abc import Iterator
from random import Random

from distillgate_lab.demo.call import HOUR, MESSAGES, Account, Call, chat, said, system, user
from distillgate_lab.demo.dice import dice
from distillgate_lab.demo.person import Person
from distillgate_lab.upstream.answers import answer

ASSISTANT = "You are a helpful assistant."
"""The commonest system prompt there is: half of the chats send it, and it must link nobody."""

POLISHER = """You are Quillmate, a friendly writing companion that lives in the browser.
Rewrite the text the user has selected so that it reads naturally and keeps its meaning.
Keep names, figures and quotations exactly as they are.
Match the language and the degree of politeness of the original.
Never add facts, greetings or signatures that were not there before.
Answer with the rewritten text only, without any comment on your changes."""

FRONT = """You are the assistant of Harbourside, a members' forum for hobbies of every kind.
Answer the member's newest post in a warm tone and in at most two paragraphs.
If a post asks for medical or legal advice, recommend to see a professional."""


def chatting(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play somebody who talks to the model now and then, each time for a few turns."""
    person = Person(chance)
    opening = [system(ASSISTANT)] if chance.random() < 0.5 else []
    anthropic = not opening and chance.random() < 0.3
    for _ in range(chance.randint(2, 4)):
        at = chance.uniform(0.0, hours * HOUR)
        history = list(opening)
        for _ in range(chance.randint(1, 4)):
            text = person.message()
            history = [*history, user(text)]
            if anthropic:
                body = {"model": "m-large", "max_tokens": 1024, "messages": history}
                yield Call(at, account, MESSAGES, body)
            else:
                yield chat(at, account, history, stream=chance.random() < 0.5)
            history = [*history, said(answer(text))]
            at += chance.uniform(20.0, 240.0)


def polishing(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play one of a popular tool's many users: a prompt of many lines, and a text of their own."""
    person = Person(chance)
    for _ in range(chance.randint(2, 4)):
        at = chance.uniform(0.0, hours * HOUR)
        for _ in range(chance.randint(2, 5)):
            text = person.message() + " " + person.sentence()
            yield chat(at, account, [system(POLISHER), user(text)], temperature=0.3)
            at += chance.uniform(15.0, 300.0)


def fronting(account: Account, chance: Random, hours: float) -> Iterator[Call]:
    """Play a web site that puts its members' posts, all of them, through one key."""
    members = [Person(dice(account.name, member)) for member in range(60)]
    for _ in range(120):
        member = chance.randrange(len(members))
        text = members[member].message()
        at = chance.uniform(0.0, hours * HOUR)
        yield chat(at, account, [system(FRONT), user(text)], user=f"member-{member}")

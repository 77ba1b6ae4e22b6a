"""People on their own accounts: chats, shared addresses, a class."""

from typing import Any

from distillgate_lab.scenarios.account import Account, ask
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.library import Person
from distillgate_lab.scenarios.scene import Scene


def talk_for(
    scene: Scene,
    account: Account,
    person: Person,
    count: int,
    system: str | None = None,
    **rest: Any,
) -> None:
    """Let somebody have conversations until `count` requests are sent."""
    left = count
    opens = max(START, account.identity.created)
    starts = scene.clock.person(max(1, count // 2), opens)
    while left > 0:
        at = starts.pop() if starts else scene.clock.person(1, opens)[0]
        sent = scene.converse(account, person.conversation(), at, most=left, system=system, **rest)
        left -= max(1, sent)


_NEW = 0.12
"""Share of chat users who sign up within the world's days."""


def chats(scene: Scene, accounts: int) -> None:
    """Chat: whole conversations, the history sent again with every turn."""
    for _ in range(accounts):
        identity = scene.internet.person()
        if scene.dice.random() < _NEW:
            identity.created = START + scene.dice.uniform(0.0, (scene.clock.days - 1) * DAY)
        account = scene.account(identity)
        talk_for(scene, account, scene.library.person(), scene.clock.volume())


def offices(scene: Scene, accounts: int) -> None:
    """Chat from an office or a university: unrelated people, one address, often one client."""
    left = accounts
    while left > 0:
        size = min(left, scene.dice.choice((15, 30, 40, 60)))
        left -= size
        address = scene.internet.home()
        stack = scene.internet.stack()
        for _ in range(size):
            identity = scene.internet.person()
            identity.addresses = [address]
            if scene.dice.random() < 0.4:
                identity.stack = stack
            account = scene.account(identity)
            talk_for(scene, account, scene.library.person(), scene.clock.volume())
            if scene.dice.random() < _PASSED_ON:
                _pass_on(scene, account, scene.account(identity))


_PASSED_ON = 0.05
"""Share of colleagues who hand an answer on to somebody."""


def _pass_on(scene: Scene, giver: Account, taker: Account) -> None:
    """Let somebody ask about an answer that a colleague was given."""
    at = scene.clock.person(1)[0]
    question = scene.library.person(habits=1).turns(1)[0]
    answer = scene.library.answer(500)
    call = ask(question, output=scene.tokens(200), answer=answer)
    scene.exchange(giver, at, call)
    again = f"A colleague got this answer, is it right?\n\n{answer}"
    scene.ask(taker, at + scene.dice.uniform(300.0, 20 * HOUR), again)


_ASSIGNMENTS = (
    "Discuss a subject of your own choice with the assistant. Use at least four messages.",
    "Interview the assistant about the subject of your term paper. Challenge two answers.",
    "Write a short dialogue with the assistant in which you plan your own project.",
)


def classroom(scene: Scene, accounts: int) -> None:
    """Hand students the same assignment: one prompt, own words, a joint deadline."""
    left = accounts
    while left > 0:
        size = min(left, 40)
        left -= size
        given = scene.dice.choice(_ASSIGNMENTS) + f" (Course {scene.dice.randrange(100, 999)})"
        opens = START + scene.dice.randrange(2, scene.clock.days - 5) * DAY
        block = scene.internet.home().rsplit(".", 1)[0]
        for _ in range(size):
            identity = scene.internet.person()
            identity.created = opens - scene.dice.uniform(0.0, 20 * DAY)
            identity.addresses.append(f"{block}.{scene.dice.randrange(1, 255)}")
            account = scene.account(identity)
            person = scene.library.person(habits=2, settled=True)
            due = opens + 4 * DAY
            left_to_say = scene.clock.number(9, 4, 30)
            while left_to_say > 0:
                at = due - min(4 * DAY, scene.dice.expovariate(1 / (30 * HOUR)))
                sent = scene.converse(
                    account, person.conversation(), at, most=left_to_say, system=given
                )
                left_to_say -= max(1, sent)


_AUDIT = (
    "Explain your reasoning step by step before the answer; it is kept for the audit trail.",
    "For compliance, record every consideration that led to the answer, then give the answer.",
    "Think aloud and document your reasoning so that a reviewer can follow it. Then conclude.",
    "State the rationale for your decision in full. Our regulator asks for it.",
)


def audits(scene: Scene, accounts: int) -> None:
    """Keep the reasoning for auditors: in firms' own words, about their own work."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company("pro", 2))
        person = scene.library.person(habits=3, settled=True)
        wording = scene.dice.choice(_AUDIT)
        system = (
            scene.library.say(wording, scene.library.donor())
            if scene.dice.random() < 0.7
            else wording
        )
        for at in scene.clock.person(scene.clock.volume(15, 5, 60)):
            scene.ask(account, at, person.turns(1)[0], system, tokens=600, answered=800)

"""Companies that do not declare their keys, and agencies that run keys for several companies."""

import random

from benchmarks.detection.drawn.parameters import CompanyHabits
from benchmarks.detection.drawn.priors import draw
from distillgate_lab.scenarios.account import Account
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.library import Person, Shelf
from distillgate_lab.scenarios.scene import Scene

_TASKS = {
    "labels": (
        9.0,
        "Sort the message into billing, delivery, account, praise or other. One word.",
        "Say whether the text is a complaint, a question or neither, in one word.",
        "Give the urgency of the message as low, medium or high.",
    ),
    "retrieval": (
        138.0,
        "Answer from the passage alone. Name the sentence that you rely on.",
        "You are the search assistant of our handbook. Quote before you answer.",
        "Use the excerpts to answer our colleague. If they do not tell, say so.",
    ),
    "support": (
        260.0,
        "You answer the customers of our shop. Be brief and friendly. Never promise a refund.",
        "You are the first line of our help desk. Ask for the order number where it is missing.",
        "Write the reply to this customer's letter in the voice of our house.",
    ),
}
"""Median output tokens, and wordings, of what companies have done."""


def company(scene: Scene, seed: str, _honest: int) -> CompanyHabits:
    """Write one undeclared company; return its habits."""
    habits = draw(CompanyHabits, seed)
    keys = company_keys(scene, habits)
    work(scene, habits, keys)
    return habits


def company_keys(scene: Scene, habits: CompanyHabits) -> list[Account]:
    """Sign up a company's keys: some share its card and its network, some do not."""
    dice, internet = scene.dice, scene.internet
    card, block = internet.card(), internet.cloud().rsplit(".", 1)[0]
    stacks = [internet.stack() for _ in range(2)]
    founded = internet.created(START - 30 * DAY)
    keys = []
    for _ in range(habits.keys):
        identity = internet.company("business", 3)
        identity.stack = dice.choice(stacks)
        identity.created = founded + dice.uniform(0.0, 20 * DAY)
        if dice.random() < habits.one_card:
            identity.payment = card
        if dice.random() < habits.one_network:
            identity.addresses = [f"{block}.{dice.randrange(1, 255)}" for _ in range(3)]
        if dice.random() < habits.new:
            identity.created = START - dice.uniform(0.0, 14 * DAY)
        keys.append(scene.account(identity, parameters={"temperature": 0.2}))
    return keys


def work(scene: Scene, habits: CompanyHabits, keys: list[Account]) -> None:
    """Have the keys do the company's work: texts of its own kind, dealt unevenly."""
    dice = scene.dice
    tokens, *wordings = _TASKS[habits.task]
    systems = [_own(scene, dice.choice(wordings)) for _ in keys]
    person, shelf = scene.library.person(habits=12, settled=True), scene.library.shelf()
    weights = [dice.lognormvariate(0.0, habits.unevenness) for _ in keys]
    hour = dice.uniform(0.0, 24.0) * HOUR
    for _ in range(round(habits.keys * habits.each)):
        key = dice.choices(range(len(keys)), weights)[0]
        system = systems[0 if habits.shared_system else key]
        at = _when(scene, dice, hour, nightly=dice.random() < habits.nightly)
        prompt = _prompt(habits.task, person, shelf)
        scene.ask(keys[key], at, prompt, system, tokens=float(tokens), answered=200)


def _own(scene: Scene, wording: str) -> str:
    return scene.library.say(wording, scene.library.donor())


def _prompt(task: str, person: Person, shelf: Shelf) -> str:
    said = person.turns(1)[0]
    return f"{shelf.document(900)}\n\n{said[:300]}" if task == "retrieval" else said


def _when(scene: Scene, dice: random.Random, hour: float, *, nightly: bool) -> float:
    if not nightly:
        return scene.clock.person(1)[0]
    day = dice.randrange(scene.clock.days)
    return START + day * DAY + (hour + dice.expovariate(1 / 1_800.0)) % DAY


def agency(scene: Scene, seed: str, _honest: int) -> CompanyHabits:
    """Write an agency: one card and one house style, and a client company behind each key."""
    habits = draw(CompanyHabits, seed)
    keys = company_keys(scene, habits)
    alone = draw(CompanyHabits, f"{seed}/client", keys=1, shared_system=1.0)
    for key in keys:
        work(scene, alone, [key])
    return habits

"""Programs: records through one template, day after day."""

from typing import Any

from distillgate_lab.scenarios.account import ask
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.honest.people import talk_for
from distillgate_lab.scenarios.scene import Scene

_TASKS = (
    "Sort the message into billing, delivery, account, praise or other. Answer with the label.",
    "Rate the sentiment of the review from 1 to 5. Output a single digit.",
    "Does the text below mention a person by name? Answer yes or no.",
    "Detect the language of the text and answer with its ISO 639-1 code.",
    "Assign a priority (P1 to P4) to the support request that follows.",
)
_EXTRACTS = (
    "Extract every name, date and amount from the text as JSON: names, dates, amounts.",
    "Return the sender, the subject and the requested action of this message as JSON.",
    "List all products mentioned with their attributes. Output CSV.",
    "Pull the address fields from the letter below into JSON. Use null where missing.",
)
_REVIEW = "Review this change. Name defects only, one a line, with file and line."


def reworded(scene: Scene, wording: str) -> str:
    """Return a firm's own version of an instruction."""
    return scene.library.say(wording, scene.library.donor())


def _records(scene: Scene, count: int) -> list[str]:
    """Return one firm's records: real batch records where there are any, else people's messages."""
    if scene.corpus.batches and scene.dice.random() < 0.5:
        family = scene.dice.choice(scene.corpus.batches)
        own = scene.library.donor()
        items = [scene.dice.choice(family.items) for _ in range(count)]
        return [scene.library.say(item.prompt, own, family.fixed) for item in items]
    return list(scene.library.person(habits=12).turns(count))


def _nightly(scene: Scene, count: int) -> list[float]:
    """Return the times of a job that runs once a day."""
    hour = scene.dice.randrange(24)
    times: list[float] = []
    days = scene.clock.days
    for day in range(days):
        times += scene.clock.run(max(1, count // days), START + day * DAY + hour * HOUR)
    return times


def _calibrated(scene: Scene) -> dict[str, Any]:
    """Return what a classifier sends that reads the probabilities of a few labels' tokens."""
    tokens = [str(scene.dice.randrange(100_000)) for _ in range(scene.dice.randrange(2, 6))]
    sends: dict[str, Any] = {"temperature": 0, "max_tokens": 1, "logprobs": True}
    return {**sends, "top_logprobs": 5, "logit_bias": dict.fromkeys(tokens, 20)}


def classification(scene: Scene, accounts: int) -> None:
    """Classify in batches: one fixed template of the firm's own, records in, labels out."""
    for _ in range(accounts):
        sends: dict[str, Any] = {"temperature": 0, "max_tokens": 16}
        if scene.dice.random() < 0.25:
            sends = _calibrated(scene)
        account = scene.account(scene.internet.company(), parameters=sends)
        system = reworded(scene, scene.dice.choice(_TASKS))
        times = _nightly(scene, scene.clock.volume(120, 60, 800))
        for at, text in zip(times, _records(scene, len(times)), strict=True):
            call = ask(text, system, output=scene.dice.randrange(1, 6), answer="other")
            scene.exchange(account, at, call)


def extraction(scene: Scene, accounts: int) -> None:
    """Extract data: long records in, a little JSON out."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company(), parameters={"temperature": 0})
        wording = scene.dice.choice(_EXTRACTS)
        shelf = scene.library.shelf()
        for at in _nightly(scene, scene.clock.volume(80, 30, 400)):
            text = f"{wording}\n\n---\n{shelf.document(1200)}"
            scene.ask(account, at, text, tokens=90, answered=200)


def continuous(scene: Scene, accounts: int) -> None:
    """Use a team's key in CI: many addresses and clients, at all hours, about one code base."""
    for _ in range(accounts):
        identity = scene.internet.company("team")
        identity.addresses = [scene.internet.cloud() for _ in range(60)]
        account = scene.account(identity)
        person = scene.library.person(habits=4, settled=True)
        shelf = scene.library.shelf()
        system = reworded(scene, _REVIEW)
        for at in scene.clock.person(scene.clock.volume(60, 20, 300)):
            identity.stack = scene.internet.stack()
            prompt = f"{person.turns(1)[0]}\n\n{shelf.document(500)}"
            scene.ask(account, at, prompt, system, tokens=120, answered=200)


def migrated(scene: Scene, accounts: int) -> None:
    """Move a workload here from elsewhere: a new key at full rate from its first minute."""
    for _ in range(accounts):
        start = START + scene.dice.uniform(1.0, 9.0) * DAY
        identity = scene.internet.company("business", 8)
        identity.created = start - HOUR
        account = scene.account(identity)
        person = scene.library.person(habits=8, settled=True)
        system = reworded(scene, scene.dice.choice(_EXTRACTS))
        times = scene.clock.steady(scene.clock.number(250, 150, 800), start, start + 4 * DAY)
        for at, prompt in zip(times, person.turns(len(times)), strict=True):
            scene.ask(account, at, prompt, system, answered=200)


def drift(scene: Scene, accounts: int) -> None:
    """Watch for output drift: the same prompts every day, round the clock."""
    for _ in range(accounts):
        sends = {"temperature": 0, "seed": 7}
        account = scene.account(scene.internet.company("pro", 1), parameters=sends)
        suite = scene.library.person(habits=6).turns(scene.dice.randrange(5, 15))
        hour = scene.dice.uniform(0.0, DAY)
        for day in range(scene.clock.days):
            for i, prompt in enumerate(suite):
                at = START + day * DAY + hour + 5.0 * i
                scene.ask(account, at, prompt, tokens=200, answered=200)


def routers(scene: Scene, accounts: int) -> None:
    """Route over providers: a refused body goes again, here, on a second key, or not."""
    dice = scene.dice
    made = 0
    while made < accounts:
        identity = scene.internet.company("business", 3)
        declared = dice.random() < 0.5
        identity.organisation = f"o-{dice.getrandbits(32):08x}" if declared else None
        keys = [scene.account(identity, parameters={}) for _ in range(dice.choice((1, 1, 2)))]
        made += len(keys)
        person = scene.library.person(habits=4, settled=True)
        for at in scene.clock.person(scene.clock.volume(20, 8, 80)):
            prompt, again = person.turns(1)[0], at
            if dice.random() < 0.15:
                scene.exchange(dice.choice(keys), at, ask(prompt, status=429))
                again += dice.uniform(0.5, 8.0)
                if dice.random() < 0.5:
                    continue
            scene.ask(dice.choice(keys), again, prompt)
        count = scene.clock.volume(20, 8, 80)
        talk_for(scene, keys[0], person, count, others=keys[1:], elsewhere=0.4)

"""Golden scenarios of groups: accounts that one hand feeds, and people who share what it shares."""

from collections.abc import Iterator
from itertools import islice
from random import Random

from tests.engine.conftest import Manner, chat, lexicon
from tests.signals.golden.scenario import START, Scenario, Sent
from tests.signals.golden.traffic import DAY, HOUR, MINUTE, talk

from distillgate.wire.exchange import Outcome

PROMPT = (
    "You are a careful marker of short answers.\n"
    "Think step by step and write your reasoning out before the mark.\n"
)
LONG = Outcome(status=200, prompt_tokens=200, completion_tokens=2500, finish_reason="stop")
SHORT = Outcome(status=200, prompt_tokens=200, completion_tokens=150, finish_reason="stop")


class Writers:
    """Who writes: people with subjects and a manner of their own, and one hand's list."""

    def __init__(self, dice: Random) -> None:
        self.dice, self.words = dice, lexicon(dice, 4000)
        self.manner = Manner(Random(dice.random()))
        self.people: dict[str, tuple[Manner, list[list[str]]]] = {}

    def item(self) -> str:
        """Write the next item of the list: any subject, one manner."""
        return self.manner.write(self.dice.sample(self.words, 25))

    def of(self, name: str) -> str:
        """Write something of a person's."""
        if name not in self.people:
            subjects = [self.dice.sample(self.words, 25) for _ in range(2)]
            self.people[name] = Manner.of_somebody(Random(self.dice.random())), subjects
        manner, subjects = self.people[name]
        return manner.write(self.dice.choice(subjects))


def ring(dice: Random, start: float = START) -> Iterator[Sent]:
    """Deal one list behind one prompt over accounts that all come at once."""
    writers, accounts = Writers(dice), [f"c-{n}" for n in range(20)]
    for number in range(400):
        at = start + number * (MINUTE if number < 80 else 10 * MINUTE)
        yield Sent(at, chat(dice.choice(accounts), PROMPT + writers.item()), LONG)


def begun(dice: Random) -> Iterator[Sent]:
    """Deal the beginning of that list: too little to be judged by all that the accounts drew."""
    yield from islice(ring(dice), 250)


def users(dice: Random) -> Iterator[Sent]:
    """Use one prompt, each with subjects and a manner of one's own."""
    writers, accounts = Writers(dice), [f"p-{n}" for n in range(20)]
    for number in range(400):
        name = dice.choice(accounts)
        yield Sent(START + number * 10 * MINUTE, chat(name, PROMPT + writers.of(name)), SHORT)


def pool(dice: Random) -> Iterator[Sent]:
    """Deal a list over so many accounts that hardly one has sent two of its items."""
    writers, accounts = Writers(dice), [f"c-{n}" for n in range(80)]
    for number in range(190):
        yield Sent(
            START + number * MINUTE, chat(dice.choice(accounts), PROMPT + writers.item()), LONG
        )


def crowd(dice: Random) -> Iterator[Sent]:
    """Use the same prompt as many, each with subjects and a manner of one's own."""
    writers, accounts = Writers(dice), [f"p-{n}" for n in range(80)]
    for number in range(400):
        name = dice.choice(accounts)
        yield Sent(START + number * MINUTE, chat(name, PROMPT + writers.of(name)), LONG)


def decoys(dice: Random) -> Iterator[Sent]:
    """Deal a list and send every sixth time one of sixty items, over and over, to look like a
    class.
    """
    writers, accounts = Writers(dice), [f"c-{n}" for n in range(20)]
    common = [writers.item() for _ in range(60)]
    for number in range(500):
        item = writers.item() if number % 6 else dice.choice(common)
        yield Sent(START + number * MINUTE, chat(dice.choice(accounts), PROMPT + item), LONG)


def school(dice: Random) -> Iterator[Sent]:
    """Have the same forty questions marked by each of twenty pupils, at times of their own."""
    writers = Writers(dice)
    items = [writers.item() for _ in range(40)]
    for pupil in range(20):
        start = START + dice.random() * 2 * DAY
        for number, item in enumerate(dice.sample(items, 20)):
            yield Sent(start + number * MINUTE, chat(f"p-{pupil}", PROMPT + item), SHORT)


def _talks(dice: Random, apart: bool) -> Iterator[Sent]:
    writers, accounts = Writers(dice), [f"a-{n}" for n in range(30)]
    for number in range(150):
        name, turns = dice.choice(accounts), list[str]()
        for step in range(4):
            turns += ([writers.of(name)] if turns else []) + [writers.of(name)]
            if apart:
                name = dice.choice(accounts)
            at = START + number * HOUR + step * MINUTE
            yield Sent(at, chat(name, "", messages=talk(turns)), SHORT)


def relayed(dice: Random) -> Iterator[Sent]:
    """Go on with conversations in whichever account is next."""
    return _talks(dice, apart=True)


def talking(dice: Random) -> Iterator[Sent]:
    """Go on with conversations of one's own."""
    return _talks(dice, apart=False)


def _pictures(dice: Random, loads: list[float]) -> Iterator[Sent]:
    text = {"type": "text", "text": PROMPT}
    senders = dice.choices([f"c-{n}" for n in range(len(loads))], loads, k=400)
    for number, name in enumerate(senders):
        url = {"url": f"https://pictures.example/{dice.randbytes(20).hex()}.png"}
        turn = {"role": "user", "content": [text, {"type": "image_url", "image_url": url}]}
        yield Sent(START + number * MINUTE, chat(name, "", messages=[turn]), SHORT)


def captions(dice: Random) -> Iterator[Sent]:
    """Deal pictures behind one prompt over accounts, as a balancer does."""
    return _pictures(dice, [1.0] * 20)


def receipts(dice: Random) -> Iterator[Sent]:
    """Use one tool that reads pictures, each as much as people do."""
    return _pictures(dice, [dice.lognormvariate(0.0, 1.2) for _ in range(60)])


def came_back(dice: Random) -> Iterator[Sent]:
    """Go on with a restricted ring's list from new accounts, months after it was forgotten."""
    yield from ring(dice)
    for number in range(300):
        yield Sent(
            START + 60 * DAY + number * HOUR, chat("s", f"hello for the {'x' * number} time")
        )
    writers, accounts = Writers(Random(1)), [f"d-{n}" for n in range(20)]
    for number in range(120):
        at = START + 75 * DAY + number * MINUTE
        yield Sent(at, chat(dice.choice(accounts), PROMPT + writers.item()), LONG)


def came_later(dice: Random) -> Iterator[Sent]:
    """Come to use a prompt that others used months before, with work of one's own."""
    yield from users(dice)
    writers, accounts = Writers(dice), [f"q-{n}" for n in range(20)]
    for number in range(120):
        name = dice.choice(accounts)
        at = START + 75 * DAY + number * MINUTE
        yield Sent(at, chat(name, PROMPT + writers.of(name)), SHORT)


def unkeyed(dice: Random) -> Iterator[Sent]:
    """Deal one list over accounts that share nothing, among many people."""
    writers = Writers(dice)
    hand, people = [f"c-{n}" for n in range(40)], [f"p-{n}" for n in range(130)]
    turns = hand * 15 + people * 5
    dice.shuffle(turns)
    for number, name in enumerate(turns):
        text = writers.item() if name.startswith("c") else writers.of(name)
        yield Sent(START + number * MINUTE, chat(name, text), SHORT)


def strangers(dice: Random) -> Iterator[Sent]:
    """Be many people that share nothing."""
    writers, turns = Writers(dice), [f"p-{n}" for n in range(130)] * 6
    dice.shuffle(turns)
    for number, name in enumerate(turns):
        yield Sent(START + number * MINUTE, chat(name, writers.of(name)), SHORT)


SCENARIOS = (
    Scenario("shared_key", "honest customers do too", ring, users, "users of one prompt",
             restricts=True, clears=True),
    Scenario("one_subject", "one dealer: 0", begun, users, "users of one prompt", restricts=True),
    Scenario("joint_start", "accounts came within", ring, users, "users of one prompt",
             restricts=True),
    Scenario("work_list", "as one actor", ring, captions, "a small job", restricts=True),
    Scenario("elicitation", "ask for the reasoning", ring, users, "auditors", restricts=True),
    Scenario("common_items", "as in a benchmark", decoys, school, "a school", restricts=True,
             clears=True),
    Scenario("links", "each with several others", relayed, talking, "people who talk"),
    Scenario("payloads", "nothing but a picture", captions, receipts, "a tool for receipts",
             twin_shows=True),
    Scenario("returned", "was shared by", came_back, came_later, "later users", restricts=True),
    Scenario("reported", "that another lab told of", pool, crowd, "a crowd", restricts=True,
             reported=PROMPT),
    Scenario("one_hand", "half of their texts chose", unkeyed, strangers, "strangers",
             restricts=True),
    Scenario("even_loads", "people's: 3 and more", unkeyed, strangers, "strangers",
             restricts=True),
)  # fmt: skip

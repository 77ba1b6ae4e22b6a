"""Unrelated customers who look like one hand because they use one thing."""

from collections.abc import Callable, Sequence

import msgspec

from benchmarks.detection.drawn.parameters import CrowdHabits
from benchmarks.detection.drawn.priors import draw
from distillgate_lab.scenarios.account import Call
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.honest.people import talk_for
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Turn

_TOOLS = (
    "Classify the entry below. Return JSON with the fields label, confidence and reason.\n\n{}",
    "Below is one record of the data set. Translate it, then rate its clarity from 1 to 5.\n{}",
    "### Input\n{}\n### Task\nSummarise the input in one sentence.\n### Output",
    "You are given an example. Say which category it belongs to and why.\nExample: {}\nCategory:",
)
_REVIEWS = (
    "Review the draft below. List at most five problems, most serious first.\n\n{}",
    "Here is a change. Say what breaks, or answer LGTM.\n\n{}",
)


def data_set(scene: Scene, seed: str, honest: int) -> CrowdHabits:
    """Write the customers of one tool who each send it entries of one public data set."""
    habits = _habits(seed, honest)
    template = scene.library.say(scene.dice.choice(_TOOLS), scene.library.donor())
    plain = not habits.template or template.count("{}") != 1
    texts = _public(scene, habits.items)
    _crowd(scene, habits, [text if plain else template.replace("{}", text) for text in texts])
    return habits


def monitors(scene: Scene, seed: str, honest: int) -> CrowdHabits:
    """Write monitors of an output's drift: each sends a pool of probes again and again."""
    habits = _habits(seed, honest)
    chosen = msgspec.structs.replace(
        habits,
        items=max(20, habits.items // 8),
        repeats=max(3, habits.repeats),
        each=min(habits.each, 15.0),
    )
    _crowd(scene, chosen, _public(scene, chosen.items))
    return chosen


def _habits(seed: str, honest: int) -> CrowdHabits:
    """Draw a crowd's habits: at most an eighth of a world is in one crowd."""
    habits = draw(CrowdHabits, seed)
    return msgspec.structs.replace(habits, accounts=min(habits.accounts, max(12, honest // 8)))


def _crowd(scene: Scene, habits: CrowdHabits, texts: Sequence[str]) -> None:
    dice = scene.dice
    stack = scene.internet.stack()
    sends = {"temperature": dice.choice((0, 0.2, 0.7))}
    for _ in range(habits.accounts):
        identity = scene.internet.person()
        if dice.random() < habits.client:
            identity.stack = stack
        account = scene.account(identity, parameters=sends)
        count = min(
            len(texts), max(2, round(habits.each * dice.lognormvariate(0.0, habits.spread)))
        )
        size = max(count, round(habits.part * len(texts)))
        first = dice.randrange(len(texts) - size + 1)
        own = dice.sample(texts[first : first + size], count)
        opens = START + dice.uniform(0.0, 2.0 if habits.launched else scene.clock.days - 2.0) * DAY
        for round_ in range(habits.repeats):
            at = opens + round_ * DAY * (1 + (scene.clock.days - 3) // (2 * habits.repeats))
            for i, text in enumerate(own):
                if i % habits.sitting == 0 and i:
                    at = scene.clock.person(1, at)[0] if at < scene.clock.end - DAY else at + HOUR
                scene.ask(account, at, text, tokens=habits.output, answered=200)
                at += scene.clock.tick() / 5


def _public(scene: Scene, items: int) -> list[str]:
    """Return the texts of a public data set: nobody's own, a topic each."""
    corpus, dice = scene.corpus, scene.dice
    families = [family for family in (*corpus.batches, *corpus.benchmarks) if family.items]
    family = dice.choice(families)
    said = [dice.choice(family.items).prompt for _ in range(items)]
    return [scene.library.say(text, scene.library.donor(), family.fixed) for text in said]


def review_loops(scene: Scene, accounts: int) -> None:
    """Write agents that answer each other: a draft, a review, the draft again."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company("team", 2))
        template = scene.library.say(scene.dice.choice(_REVIEWS), scene.library.donor())
        shelf = scene.library.shelf()
        for start in scene.clock.person(scene.clock.volume(6, 2, 40)):
            at = start
            turns: list[Turn] = [Turn("user", template.replace("{}", shelf.document(900)))]
            for _ in range(scene.dice.randrange(2, 7)):
                answer = scene.library.answer(400)
                scene.exchange(account, at, Call(tuple(turns), "", scene.tokens(250), answer))
                at += scene.dice.lognormvariate(3.0, 1.0)
                again = template.replace("{}", shelf.document(900))
                turns = [*turns, Turn("assistant", answer), Turn("user", again)][-5:]


def forwarders(scene: Scene, accounts: int) -> None:
    """Write front-ends that forward anybody: no prompt, no end user, and nobody's own subject."""
    for _ in range(accounts):
        account = scene.account(scene.internet.company("business", 4), parameters={})
        if scene.dice.random() < 0.3:
            account.window = 1
        left = scene.clock.volume(40, 8, 200)
        while left > 0:
            person = scene.library.person(habits=1)
            count = scene.dice.choice((1, 1, 1, 2, 4))
            talk_for(scene, account, person, count)
            left -= count


CROWDS: dict[str, Callable[[Scene, str, int], CrowdHabits]] = {
    "users of a public data set": data_set,
    "monitors of one pool": monitors,
}

"""People who measure models: harnesses, benchmark crowds, release days."""

from collections.abc import Sequence

from distillgate_lab.scenarios.account import NEW_MODEL, Account, ask
from distillgate_lab.scenarios.clock import DAY, HOUR, START
from distillgate_lab.scenarios.scene import Scene
from distillgate_lab.scenarios.text import Family, Item

_RELEASE = START + 7 * DAY


def _suite(scene: Scene, families: Sequence[Family], count: int) -> list[Item]:
    """Return the questions of a few tasks of a benchmark."""
    chosen = scene.dice.sample(list(families), min(len(families), scene.dice.randrange(2, 6)))
    items = [item for family in chosen for item in family.items]
    return scene.dice.sample(items, min(count, len(items)))


def _account(scene: Scene, *, reasons: bool) -> Account:
    limit = 512 if reasons else 16
    sends = {"temperature": 0, "max_tokens": limit}
    return scene.account(scene.internet.company("pro", 1), parameters=sends)


def _run(scene: Scene, items: Sequence[Item], start: float, model: str | None = None) -> None:
    """Run some questions from a new account, at a machine's pace."""
    reasons = scene.dice.random() < 0.5
    _ask(scene, _account(scene, reasons=reasons), items, start, model, reasons=reasons)


def _ask(
    scene: Scene,
    account: Account,
    items: Sequence[Item],
    at: float,
    model: str | None,
    *,
    reasons: bool,
) -> None:
    for item in items:
        prompt = item.prompt
        if reasons and "step by step" not in prompt[-200:]:
            prompt += " Let's think step by step."
        length = scene.tokens(180) if reasons else 4
        answer = scene.library.answer(150)
        call = ask(prompt, item.system, output=length, answer=answer, model=model)
        scene.exchange(account, at, call)
        at += scene.clock.tick() / 10


def harnesses(scene: Scene, accounts: int) -> None:
    """Run evaluation harnesses: few-shot prompts of public benchmarks, once or twice."""
    for _ in range(accounts):
        items = _suite(scene, scene.corpus.benchmarks, scene.clock.number(120, 50, 400))
        reasons = scene.dice.random() < 0.5
        account = _account(scene, reasons=reasons)
        for _ in range(scene.dice.choice((1, 1, 2))):
            start = START + scene.dice.uniform(0.0, scene.clock.days - 1.0) * DAY
            _ask(scene, account, items, start, None, reasons=reasons)


def crowd(scene: Scene, accounts: int) -> None:
    """Have a crowd run one benchmark: the same questions from many unrelated accounts."""
    families = scene.dice.sample(scene.corpus.benchmarks, min(3, len(scene.corpus.benchmarks)))
    items = [item for family in families for item in family.items]
    for _ in range(accounts):
        chosen = scene.dice.sample(items, min(len(items), scene.clock.number(30, 10, 80)))
        _run(scene, chosen, START + scene.dice.uniform(0.0, scene.clock.days - 1.0) * DAY)


def release(scene: Scene, accounts: int) -> None:
    """Benchmark a new model on its release day: at full rate within hours, round the clock."""
    for _ in range(accounts):
        items = _suite(scene, scene.corpus.benchmarks, scene.clock.number(100, 40, 300))
        _run(scene, items, _RELEASE + scene.dice.expovariate(1 / (10 * HOUR)), NEW_MODEL)


_JUDGES = (
    """Please act as an impartial judge and evaluate the quality of the response to the question.
Be as objective as possible. Begin with a short explanation, then rate the response from 1 to 10
in this format: [[rating]].

[Question]
{}

[Response]
{}""",
    """Compare the answer with what was asked. Reply PASS or FAIL and one sentence of reason.
Asked: {}
Answer: {}""",
)


def judges(scene: Scene, accounts: int) -> None:
    """Have one's own product's answers judged, by some on a published rubric.

    A third of them had the answers made here, by another key of theirs.
    """
    made = 0
    while made < accounts:
        identity = scene.internet.company("pro", 2)
        keys = [scene.account(identity) for _ in range(scene.dice.choice((1, 1, 2)))]
        made += len(keys)
        person = scene.library.person(habits=4, settled=True)
        rubric = scene.dice.choice(_JUDGES)
        for at in scene.clock.person(scene.clock.volume(40, 15, 150)):
            question, answer = person.turns(1)[0], scene.library.answer(500)
            if len(keys) > 1:
                call = ask(question, output=scene.tokens(200), answer=answer)
                scene.exchange(keys[1], at - 3600.0, call)
            scene.ask(keys[0], at, rubric.format(question, answer), tokens=80, answered=150)

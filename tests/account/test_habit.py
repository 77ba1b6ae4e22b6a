"""A stolen key: told to the owner, and held against nobody."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from tests.engine.conftest import ANSWER, make_engine

from distillgate.account.habit import Habit, Surge, uses
from distillgate.account.windows import DAY, HOUR
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import EMBEDDINGS
from distillgate.engine.settings import EngineSettings
from distillgate.policy.decision import Decision
from distillgate.risk.nearing import Nearing
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

START = 1_771_286_400.0
"""A Tuesday, 00:00 UTC."""

Use = tuple[float, str, Operation]
"""When, which model, by which call."""
Traffic = Callable[[Random], Iterator[Use]]


def work(
    dice: Random, days: range, an_hour: int = 5, model: str = "m-large", hours: int = 8
) -> Iterator[Use]:
    """Send what an application sends: so much an hour, in office hours."""
    for day in days:
        for hour in range(hours):
            for _ in range(an_hour):
                at = START + day * DAY + (9 + hour + dice.random()) * HOUR
                yield at, model, CHAT


def thief(dice: Random) -> Iterator[Use]:
    """Try the key on a model that its owner never used; come back two days later and run it."""
    yield from work(dice, range(24))
    yield START + 20.1 * DAY, "m-huge", CHAT
    for number in range(400):
        yield START + 22 * DAY + 3 * HOUR + number * 8, "m-huge", CHAT


def embedder(dice: Random) -> Iterator[Use]:
    """Run a call that the owner never used."""
    yield from work(dice, range(24))
    for number in range(400):
        yield START + 22 * DAY + 3 * HOUR + number * 8, "m-embed", EMBEDDINGS


def curious(dice: Random) -> Iterator[Use]:
    """Try another model gently for a week, while the old work goes on; then move to it."""
    yield from work(dice, range(30))
    yield from work(dice, range(20, 27), 2, "m-new")
    yield from work(dice, range(30, 40), 6, "m-new")


def launch(dice: Random) -> Iterator[Use]:
    """Launch: the same work, forty times as much of it."""
    yield from work(dice, range(20))
    yield from work(dice, range(20, 22), 200)


def mover(dice: Random) -> Iterator[Use]:
    """Move busy work from one model to its successor, from one hour to the next."""
    yield from work(dice, range(18), 80)
    yield from work(dice, range(18, 20), 120, "m-large-2")


def newcomer(dice: Random) -> Iterator[Use]:
    """Begin today, and try everything at full rate."""
    for model in ("a", "b", "c"):
        yield from work(dice, range(3), 60, model)


def rejected(dice: Random) -> Iterator[Use]:
    """Send to a model that does not answer here."""
    yield from work(dice, range(20))
    yield from work(dice, range(20, 21), 300, "m-gone")


def play(traffic: Traffic) -> tuple[list[Surge], list[Decision]]:
    """Send one account's traffic through an engine; return what its owner hears."""
    engine, surges, decisions = make_engine(EngineSettings()), list[Surge](), list[Decision]()

    def told(notice: Surge | Nearing) -> None:
        if isinstance(notice, Surge):
            surges.append(notice)

    engine.notify = told
    for number, (at, model, operation) in enumerate(sorted(traffic(Random(1)))):
        text = f"Question {number} of the account"
        asked: dict[str, Any] = {"model": model, "input": text}
        if operation is CHAT:
            asked = {"model": model, "messages": [{"role": "user", "content": text}]}
        exchange = Exchange("a-1", from_document(operation, asked))
        decision = engine.begin(exchange, at)
        decisions.append(decision)
        engine.finish(decision, Outcome(400) if model == "m-gone" else ANSWER, at + 1.0)
    return surges, decisions


@pytest.mark.parametrize(
    ("traffic", "model", "operation"),
    [(thief, "m-huge", "chat"), (embedder, "m-embed", "embeddings")],
)
def test_a_burst_of_what_was_never_used_is_told_once_and_changes_no_decision(
    traffic: Traffic, model: str, operation: str
) -> None:
    surges, decisions = play(traffic)

    [surge] = surges
    assert surge[:1] + surge[2:5] == ("a-1", model, operation, 100)
    assert surge.busiest <= 10
    assert surge.days > 20
    assert not any(decision.action.restricts for decision in decisions)
    assert not any(reason.signal == "unusual_use" for d in decisions for reason in d.reasons)


@pytest.mark.parametrize("traffic", [curious, launch, mover, newcomer, rejected])
def test_honest_changes_of_use_are_not_told(traffic: Traffic) -> None:
    surges, _ = play(traffic)

    assert surges == []


def test_a_habit_that_began_with_an_upgrade_is_as_young_as_that() -> None:
    habit = Habit.begun(START)
    for number in range(500):
        habit, burst = habit.learn(uses("m", "chat"), START + number)
        assert burst is None
    for number in range(500):
        habit, burst = habit.learn(uses("other", "chat"), START + 600 + number)
        assert burst is None


def test_a_clock_that_is_set_to_before_1970_breaks_nothing() -> None:
    habit, burst = Habit.begun(-16.0).learn(1, -16.0)

    assert burst is None
    assert habit.learn(1, 16.0)[1] is None


def test_what_is_new_becomes_known_after_its_time() -> None:
    habit, at = Habit.begun(START), START
    for _ in range(300):
        at += HOUR / 2 + DAY / 20
        habit, _ = habit.learn(uses("m", "chat"), at)
    habit, _ = habit.learn(uses("new", "chat"), at)
    at += 8 * DAY
    for number in range(500):
        habit, burst = habit.learn(uses("new", "chat"), at + number)
        assert burst is None


def test_it_is_one_small_value() -> None:
    habit = Habit.begun(START)
    for number in range(1_000):
        habit, _ = habit.learn(uses(f"m-{number}", "chat"), START + number * HOUR)

    assert len(habit) == 68
    assert Habit(bytes(habit)) == habit

"""Clocks are set back, and leap after a suspend: nothing breaks, and nobody honest pays for it."""

from random import Random

import pytest
from tests.engine.conftest import Start, World

from distillgate.engine.engine import EngineSettings

HOUR = 3600.0


def mixed(world: World, count: int) -> list[tuple[str, str]]:
    people = {f"p-{i}": world.person() for i in range(25)}
    return [
        (name, people[name]()) for name in (f"p-{world.random.randrange(25)}" for _ in range(count))
    ]


@pytest.mark.parametrize("leap", [-HOUR, -30 * 24 * HOUR, HOUR, 400 * 24 * HOUR])
def test_no_honest_account_is_restricted_by_a_leap(start: Start, leap: float) -> None:
    world = start()
    system = "You are the assistant of a travel office. Answer kindly and shortly."
    decisions = world.play(mixed(world, 400), system=system)
    world.now += leap
    decisions += world.play(mixed(world, 400), system=system)

    assert [decision.account for decision in decisions if decision.action.restricts] == []


def test_a_clock_that_keeps_jumping_breaks_nothing(start: Start) -> None:
    world, dice = start(), Random(5)
    for account, text in mixed(world, 300):
        world.now += dice.choice((-HOUR, 0.0, HOUR, -90.0, 90.0))
        assert not world.send(account, text).action.restricts
    known = world.engine.state.accounts.get("p-1")

    assert known is not None
    assert known.first_seen <= known.last_seen


def test_a_budget_is_not_locked_for_good_by_a_clock_that_was_ahead(start: Start) -> None:
    plans = {"default": {"requests_per_minute": 2}}
    world = start(settings=EngineSettings.model_validate({"policy": {"plans": plans}}))
    world.now += HOUR
    for _ in range(3):
        world.send("a", "How far is it to the sea?")
    world.now -= HOUR
    for _ in range(3):
        world.send("a", "How far is it to the hills?")
    world.now += HOUR + 180

    assert world.send("a", "And how far is it home?").retry_after is None


def test_a_restriction_still_ends_after_a_leap(start: Start) -> None:
    world = start()
    world.send("a", "How far is it to the sea?")
    account = world.engine.state.accounts.get("a")
    assert account is not None
    account.held_until, account.restriction = world.now + 24 * HOUR, 5
    world.now += 25 * HOUR

    decision = world.send("a", "How far is it to the hills?")
    assert not decision.action.restricts
    assert decision.change == "released"

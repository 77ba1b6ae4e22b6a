"""Campaigns are put together once for all who ask, and anew when something has changed."""

from __future__ import annotations

from random import Random
from weakref import ref

import pytest
from tests.engine.conftest import World, lexicon, make_engine

from distillgate.campaign.jobs import complete
from distillgate.engine.entries import Order
from distillgate.oversight.roll import FRESH, Roll


@pytest.fixture(scope="module")
def world() -> World:
    random_ = Random(1)
    world = World(make_engine(), random_, words=lexicon(random_, 4000))
    for text in world.work_list(300):
        world.send(f"c-{random_.randrange(16)}", f"Mark this answer, and say why.\n{text}")
    return world


def test_what_has_not_changed_is_not_put_together_again(world: World) -> None:
    roll = Roll(world.engine)
    first = complete(roll.campaigns(world.now))
    assert [len(one.members) for one in first] == [16]
    assert complete(roll.campaigns(world.now + 1e6)) is first
    assert list(roll.campaigns(world.now)) == []


def test_while_exchanges_come_it_is_put_together_now_and_then(world: World) -> None:
    roll, now = Roll(world.engine), world.now
    first = complete(roll.campaigns(now))
    world.engine.order(Order(now, "resume"))
    assert complete(roll.campaigns(now + FRESH / 2)) is first
    assert complete(roll.campaigns(now + FRESH)) is not first


def test_after_an_order_it_is_put_together_anew(world: World) -> None:
    roll = Roll(world.engine)
    first = complete(roll.campaigns(world.now))
    roll.drop()
    assert complete(roll.campaigns(world.now)) is not first


def test_who_asks_meanwhile_helps_and_gets_the_same(world: World) -> None:
    roll = Roll(world.engine)
    one, other = roll.campaigns(world.now), roll.campaigns(world.now)
    next(one)
    next(other)
    next(one)
    one.close()  # its client has gone
    found = complete(other)
    assert found
    assert complete(roll.campaigns(world.now)) is found


def test_another_state_has_campaigns_of_its_own(world: World) -> None:
    roll, engine = Roll(world.engine), world.engine
    first, state = complete(roll.campaigns(world.now)), engine.state
    engine.adopt(engine.blank())
    try:
        assert complete(roll.campaigns(world.now)) == []
    finally:
        engine.adopt(state)
    assert len(complete(roll.campaigns(world.now))) == len(first)


def test_a_state_that_was_replaced_is_let_go_of_though_nobody_asks_again() -> None:
    engine = make_engine()
    engine.order(Order(1.0, "resume"))
    roll = Roll(engine)
    complete(roll.campaigns(1.0))
    replaced = ref(engine.learner)
    engine.adopt(engine.blank())

    assert replaced() is None
    assert complete(roll.campaigns(2.0)) == []


def test_campaigns_of_a_state_that_was_replaced_are_not_told_though_the_work_is_long(
    world: World,
) -> None:
    roll, engine = Roll(world.engine, cheap=0), world.engine
    state = engine.state
    steps = len(list(Roll(engine).campaigns(world.now)))
    asked = roll.campaigns(world.now)
    for _ in range(steps):
        next(asked)
    engine.adopt(engine.blank())
    try:
        assert complete(asked) == []
    finally:
        engine.adopt(state)


def test_where_the_work_is_long_campaigns_are_told_as_they_were_until_they_are_renewed(
    world: World,
) -> None:
    roll = Roll(world.engine, cheap=0)
    first = complete(roll.campaigns(world.now))
    assert len(first) == 1
    roll.drop()
    assert list(roll.campaigns(world.now)) == []
    assert complete(roll.campaigns(world.now)) is first
    assert roll.wanted

    assert complete(roll.renew(world.now))
    assert not roll.wanted
    renewed = complete(roll.campaigns(world.now))
    assert renewed is not first
    assert [one.document() for one in renewed] == [one.document() for one in first]
    assert not roll.wanted

"""An engine that one operator's accounts and some honest ones have fed."""

from random import Random

import pytest
from tests.engine.conftest import World, lexicon, make_engine, start

from distillgate.wire.exchange import Client

__all__ = ["start"]


@pytest.fixture(scope="session")
def dealt() -> World:
    """16 accounts worked one list under one prompt, in enforce mode; four people wrote beside them.

    Tests read it only.
    """
    random_ = Random(1)
    world = World(make_engine(enforce=True), random_, words=lexicon(random_, 4000))
    people = [world.person() for _ in range(4)]
    ask = "Please mark this short answer, and say in two lines why."
    system = "You mark the answers of pupils. Be brief, and be just to them."
    for number, text in enumerate(world.work_list(600)):
        client = Client(f"198.51.100.{number % 5}", "tool/1")
        account = f"c-{random_.randrange(16)}"
        world.send(account, f"{ask}\n{text}", system=system, client=client)
        if number % 5 == 0:
            which = number // 5 % 4
            world.send(f"p-{which}", people[which]())
    return world

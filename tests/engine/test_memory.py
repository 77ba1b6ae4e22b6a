"""What a restricted group leaves behind, once it and its accounts are forgotten."""

from collections import Counter
from random import Random

import pytest
from tests.engine.conftest import Start, World
from tests.engine.test_campaign import RULES, crowd, names, restricted

from distillgate.account.windows import DAY
from distillgate.campaign.jobs import complete
from distillgate.campaign.memory import Imprint
from distillgate.engine.assessment import OWN_TEXTS
from distillgate.policy.decision import Decision
from distillgate.records import decoder, encode
from distillgate.wire.exchange import Client

LIST = 1600
PAUSE = 60 * DAY


def forgotten(world: World) -> None:
    """Let so much time pass that every group is forgotten."""
    world.now += PAUSE
    for i in range(300):
        world.send(
            "somebody",
            f"hello for the {'x' * i} time",
            client=Client(user_agent="curl"),
            temperature=0.5,
        )
    assert not of_the_prompt(world)


def of_the_prompt(world: World) -> list[str]:
    return [one.code for one in complete(world.queries.actors()) if one.kind == "prompt template"]


def two_pools(world: World) -> tuple[list[Decision], list[Decision]]:
    """One work list: the first part by one pool, the rest by another, months later."""
    texts = [f"{RULES}\n{text}" for text in world.work_list(LIST)]
    first = world.play([(world.random.choice(names("c")), text) for text in texts[: LIST - 300]])
    (actor,) = of_the_prompt(world)
    world.queries.name_group(actor, "autumn", world.now)
    forgotten(world)
    return first, world.play([(world.random.choice(names("d")), text) for text in texts[-300:]])


def begun(decisions: list[Decision]) -> list[int]:
    """Return how many requests each restricted account was answered before."""
    answered: Counter[str] = Counter()
    found: dict[str, int] = {}
    for decision in decisions:
        if decision.action.restricts:
            found.setdefault(decision.account, answered[decision.account])
        answered[decision.account] += 1
    return list(found.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_a_second_pool_that_goes_on_is_restricted_once_its_own_first_texts_decide(
    start: Start, seed: int
) -> None:
    first, second = two_pools(start(seed))

    alarms = [[d.action.restricts for d in pool].index(True) for pool in (first, second)]
    assert alarms[0] > 300
    assert alarms[1] < 80
    assert len(restricted(second)) >= 30
    assert min(begun(second)) == OWN_TEXTS
    groups = {decision.group for decision in second if decision.action.restricts}
    assert "autumn" in groups, "the name that a person gave is remembered"


def test_without_a_memory_it_starts_from_nothing(start: Start) -> None:
    world = start(1)
    texts = [f"{RULES}\n{text}" for text in world.work_list(LIST)]
    world.play([(world.random.choice(names("c")), text) for text in texts[: LIST - 300]])
    forgotten(world)
    memory = world.engine.state.groups.memory
    for one in list(memory):
        memory.forget(one.key)

    later = world.play([(world.random.choice(names("d")), text) for text in texts[-300:]])

    assert not restricted(later)


def test_people_who_come_to_use_a_campaigns_prompt_are_left_alone(start: Start) -> None:
    world = start(3)
    texts = [f"{RULES}\n{text}" for text in world.work_list(1200)]
    world.play([(world.random.choice(names("c")), text) for text in texts])
    forgotten(world)
    assert len(world.engine.state.groups.memory) > 0

    assert restricted(world.play(crowd(world, names("p"), 1200))) == set()
    codes = {one.key for one in world.engine.state.groups.memory}
    live = {group.key for group in world.engine.state.groups if len(group.rows) >= 50}
    assert not codes & live, "what people share is no longer remembered against them"


def test_one_person_who_comes_to_use_it_is_left_alone(start: Start) -> None:
    world = start(3)
    world.play([(world.random.choice(names("c")), f"{RULES}\n{t}") for t in world.work_list(1200)])
    forgotten(world)
    person = world.person()

    assert restricted(world.play(("p", f"{RULES}\n{person()}") for _ in range(60))) == set()


def test_what_is_remembered_can_be_moved_to_another_engine(start: Start) -> None:
    world, other = start(1), start(1)
    texts = [f"{RULES}\n{text}" for text in world.work_list(LIST)]
    world.play([(world.random.choice(names("c")), text) for text in texts[: LIST - 300]])
    for one in world.engine.state.groups.memory:
        other.engine.state.groups.memory.keep(decoder(Imprint)(encode(one)))
    other.random, other.now = Random(7), world.now + DAY

    later = other.play([(other.random.choice(names("d")), text) for text in texts[-300:]])

    assert len(restricted(later)) >= 30


def test_who_comes_back_to_a_group_that_an_operator_forgot_begins_anew(start: Start) -> None:
    world = start(1)
    texts = [f"{RULES}\n{text}" for text in world.work_list(LIST)]
    world.play([(world.random.choice(names("c")), text) for text in texts[: LIST - 300]])
    (code,) = of_the_prompt(world)
    forgotten(world)
    second = world.play([(world.random.choice(names("d")), text) for text in texts[-300:-200]])
    assert restricted(second)

    for one in world.queries.remembered():
        assert world.queries.forget(one.code, world.now)
    assert not world.queries.forget(code, world.now)

    world.play([(world.random.choice(names("d")), text) for text in texts[-200:-190]])
    group = world.engine.state.groups.named(code)
    assert group is not None
    assert group.evidence is not None
    assert group.evidence.returned is None
    assert world.queries.remembered() == []

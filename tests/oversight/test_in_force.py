"""What is in force now: in shadow nothing is said to be done, and after a pardon history stays."""

import msgspec
from tests.engine.conftest import Start, World

from distillgate.engine.state import Kill
from distillgate.oversight.accounts import account_document
from distillgate.oversight.in_force import InForce, in_force
from distillgate.oversight.orders import Asked, Deed, give

DAY = 86_400.0


def of(world: World, name: str, mode: str = "enforce") -> InForce:
    account = world.engine.state.accounts.get(name)
    assert account is not None
    return in_force(world.engine, account, mode, world.now)


def order(world: World, name: str, deed: Deed, reason: str = "why") -> None:
    asked = Asked(deed=deed, by="anna", reason=reason, until=world.now + DAY)
    give(world.engine, name, asked, world.now)


def test_a_restricted_account_is_told_its_action_its_end_and_the_next_rung(dealt: World) -> None:
    found = of(dealt, "c-3")

    assert (found.action, found.enforced, found.not_enforced) == ("degrade", True, "")
    assert (found.by, found.plan, found.until) == ("ladder", "default", None)
    assert found.restricted_until is not None
    assert found.next_rung is not None
    assert (found.next_rung.action, found.next_rung.families) == ("refuse", 0)
    assert 0 < found.next_rung.nats < 4


def test_in_shadow_mode_nothing_is_said_to_be_enforced(dealt: World) -> None:
    found = of(dealt, "c-3", mode="shadow")

    assert (found.action, found.enforced, found.not_enforced) == ("degrade", False, "shadow")


def test_an_honest_account_is_allowed_and_some_way_from_the_first_rung(dealt: World) -> None:
    found = of(dealt, "p-1")

    assert (found.action, found.enforced, found.not_enforced) == ("allow", False, "")
    assert found.restricted_until is None
    assert found.next_rung is not None
    assert (found.next_rung.action, found.next_rung.families) == ("observe", 0)


def test_orders_are_in_force_at_once_and_end_when_they_are_taken_back(start: Start) -> None:
    world = start(enforce=True)
    world.send("a", "hello")

    order(world, "a", "restrict", "a subpoena")
    assert of(world, "a")[1:5] == ("throttle", True, "", "order: a subpoena")
    assert of(world, "a").until == world.now + DAY
    order(world, "a", "revoke")
    assert of(world, "a").action == "allow"
    order(world, "a", "lift")
    assert of(world, "a").until == world.now + DAY


def test_after_a_pardon_the_history_is_readable(start: Start) -> None:
    world = start(enforce=True)
    world.send("a", "hello")
    order(world, "a", "restrict")
    world.send("a", "hello again")
    order(world, "a", "pardon", "their auditor called")

    found = account_document(world.engine, "a", "enforce", world.now)

    assert found is not None
    assert [event["what"] for event in found["history"]] == ["pardon", "restricted", "restrict"]
    assert found["history"][0]["reason"] == "their auditor called"
    assert found["history"][1]["by"] == "order: why"
    assert msgspec.json.encode(found)


def test_a_killed_gate_says_so(start: Start) -> None:
    world = start(enforce=True)
    world.send("a", "hello")
    order(world, "a", "restrict")
    world.engine.state.kill = Kill()

    assert of(world, "a")[:4] == ("killed", "throttle", False, "killed")

"""What can be ordered of whom; what a restart would read of it; what is forgotten."""

import pytest
from tests.engine.conftest import Start, World, make_engine

from distillgate.oversight.accounts import export
from distillgate.oversight.orders import Asked, Deed, directive_of, give, possible


def asked(deed: Deed, *, whole: bool = False) -> Asked:
    return Asked(deed=deed, by="anna", reason="why", until=2e9, whole=whole)


@pytest.mark.parametrize("deed", ["pardon", "lift", "unpardon", "erase"])
def test_an_order_on_an_account_needs_the_account(start: Start, deed: Deed) -> None:
    world = start()
    world.send("a", "hello")

    assert possible(world.engine, "a", asked(deed)) == ""
    assert possible(world.engine, "b", asked(deed)) == "no such account: b"
    assert "not of an organisation" in possible(world.engine, "a", asked(deed, whole=True))


def test_what_is_ordered_ahead_holds_from_the_first_exchange_on(start: Start) -> None:
    world = start(enforce=True)
    assert possible(world.engine, "a", asked("revoke")) == "nothing is ordered of a"
    assert possible(world.engine, "a", asked("restrict")) == ""

    give(world.engine, "a", asked("restrict"), world.now)
    give(world.engine, "acme", asked("observe", whole=True), world.now)

    assert world.send("a", "hello").action.label == "throttle"
    assert world.send("b", "hello", organisation="acme").action.label == "observe"
    assert world.send("acme", "hello").action.label == "allow"


def test_orders_and_history_outlive_a_restart(start: Start) -> None:
    world = start()
    world.send("a", "hello")
    give(world.engine, "a", asked("exempt"), world.now)

    again = make_engine()
    for name, part in world.engine.state.parts().items():
        for piece in part.dump():
            again.state.parts()[name].load(piece)

    assert directive_of(again, "a", whole=False) == directive_of(world.engine, "a", whole=False)
    account = again.state.accounts.get("a")
    assert account is not None
    assert account.history == world.engine.state.accounts.get("a").history  # type: ignore[union-attr]


def test_unpardoned_is_as_if_never_pardoned(start: Start) -> None:
    world = start()
    world.send("a", "hello")
    give(world.engine, "a", asked("lift"), world.now)
    give(world.engine, "a", asked("unpardon"), world.now)

    account = world.engine.state.accounts.get("a")
    assert account is not None
    assert (account.pardoned_until, account.lifted_until) == (0.0, 0.0)


def test_what_is_forgotten_is_gone_and_the_rest_stays(dealt: World, start: Start) -> None:
    world = start()
    for number in range(8):
        world.send(f"a-{number % 2}", f"Item {number} of a list.")
    taken = export(world.engine, "a-0", world.now)
    assert taken is not None
    assert taken["record"]["exchanges"] == 4

    give(world.engine, "a-0", asked("erase"), world.now)

    assert export(world.engine, "a-0", world.now) is None
    assert export(world.engine, "a-1", world.now) is not None
    assert list(world.engine.state.groups.of_principal(taken["record"]["principal"])) == []

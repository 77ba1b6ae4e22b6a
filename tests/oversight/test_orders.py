"""What can be ordered of whom; what a restart would read of it; what is forgotten."""

from __future__ import annotations

import pytest
from tests.engine.conftest import Start, World, make_engine
from tests.remembering import copied, remembered

from distillgate.account.windows import DAY
from distillgate.actions.appeal import Ticket
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Entry, decode
from distillgate.oversight.accounts import export
from distillgate.oversight.orders import (
    Asked,
    Deed,
    answer,
    appeal_to,
    ask,
    directive_of,
    give,
    possible,
)
from distillgate.records import encode


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


NOW = 1_800_000_000.0
TICKET = Ticket("dg-1", "a-1", "held", NOW)


def write(engine: Engine, about: Ticket, note: str, contact: str = "", now: float = NOW) -> None:
    appeal = appeal_to(engine, about, note, contact, now)
    assert engine.state.appeals.takes(appeal)
    ask(engine, appeal)


def label(engine: Engine, account: str, says: str) -> None:
    asked = Asked(deed="label", by="anna", reason="seen", until=NOW, action=says, campaign="winter")
    give(engine, account, asked, NOW)


def said(engine: Engine) -> None:
    """Have a customer write, a person answer, and two accounts labelled."""
    write(engine, TICKET, "Why? ☃", "ops@a.example")
    write(engine, TICKET._replace(reference="dg-2", account="a-2"), "please")
    appeal = engine.state.appeals.of("dg-1", NOW)
    assert appeal is not None
    answer(engine, appeal, "keep", "It stays.", "anna", NOW + 5)
    label(engine, "a-1", "confirmed")
    label(engine, "a-2", "honest")


def test_what_was_said_is_in_a_snapshot_whole() -> None:
    engine = make_engine()
    said(engine)

    again = copied(engine)

    assert list(again.labels) == list(engine.state.labels)
    assert list(again.appeals) == list(engine.state.appeals)
    assert [one.outcome for one in again.appeals] == ["keep", ""]
    assert again.labels.of("a-2") == engine.state.labels.of("a-2")


def test_who_applies_the_same_entries_knows_the_same() -> None:
    one, other = make_engine(), make_engine()
    sent: list[bytes] = []

    def publish(entry: Entry) -> None:
        sent.append(encode(entry))
        one.apply(decode(sent[-1]), entry.at, own=True)

    one.publish = publish
    said(one)
    for text in sent:
        entry = decode(text)
        other.apply(entry, entry.at, own=False)

    assert remembered(one.state) == remembered(other.state)
    assert len(other.state.appeals) == 2


def test_erasing_an_account_forgets_what_was_said_of_it_and_by_it() -> None:
    engine = make_engine()
    said(engine)
    asked = Asked(deed="erase", by="anna", reason="they asked", until=NOW)
    give(engine, "a-1", asked, NOW)

    assert [one.account for one in engine.state.appeals] == ["a-2"]
    assert [one.account for one in engine.state.labels] == ["a-2"]


def test_a_note_is_kept_no_longer_than_it_says() -> None:
    engine = make_engine()
    said(engine)
    days = engine.settings.actions.appeal.keep_days
    assert engine.state.appeals.of("dg-2", NOW + days * DAY - 1) is not None
    assert engine.state.appeals.of("dg-2", NOW + days * DAY) is None
    later = NOW + days * DAY + 1
    write(engine, TICKET._replace(reference="dg-3"), "again", now=later)
    assert [one.reference for one in engine.state.appeals] == ["dg-3"]


def test_a_campaigns_accounts_take_one_turn_and_everybody_else_their_own(dealt: World) -> None:
    queues = {
        name: appeal_to(dealt.engine, TICKET._replace(account=name), "why?", "", dealt.now).queue
        for name in ("c-0", "c-1", "p-0", "p-1", "nobody")
    }
    assert queues["c-0"] == queues["c-1"]
    assert queues["c-0"].startswith("g-")
    assert [queues[name] for name in ("p-0", "p-1", "nobody")] == [
        "account p-0", "account p-1", "account nobody",
    ]  # fmt: skip

"""What customers and people say outlives a restart, reaches other engines, and is forgotten."""

from __future__ import annotations

from tests.engine.conftest import World, make_engine
from tests.remembering import copied, remembered

from distillgate.actions.appeal import DAY, Ticket
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Entry, decode
from distillgate.oversight.appeals import answer, appeal_to, ask
from distillgate.oversight.orders import Asked, give
from distillgate.records import encode

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

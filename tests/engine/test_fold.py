import gc
import weakref
from typing import Any

import pytest
from tests.engine.conftest import Start
from tests.remembering import copied, remembered

from distillgate.dialects.chat import CHAT
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Entry, Order
from distillgate.engine.queries import Queries
from distillgate.policy.charge import Charge
from distillgate.policy.decision import Action
from distillgate.wire.exchange import Attributes, Exchange, Outcome
from distillgate.wire.request import from_document

GIVEN = Outcome(200, prompt_tokens=5, completion_tokens=5, text="A river.")


def engine(**plan: Any) -> Engine:
    settings = EngineSettings.model_validate({
        "policy": {"plans": {"default": plan}, "enforcement": {"onset_exchanges": 0}},
        "actions": {"bands": [{"measures": ["reasoning"]}]},
    })  # fmt: skip
    return Engine(settings, count=lambda _: 5, secret=b"fold" * 8, enforce=True)


def exchange(end_user: str | None = None) -> Exchange:
    asked = from_document(CHAT, {"messages": [{"role": "user", "content": "What is a river?"}]})
    return Exchange("team", asked, organisation="o", attributes=Attributes(end_user=end_user))


def learn(one: Engine, asked: Exchange, now: float) -> None:
    one.finish(one.begin(asked, now), GIVEN, now + 1.0)


def test_what_was_handed_out_counts_until_it_came_back_and_no_longer() -> None:
    one, waiting = engine(requests_per_minute=1.0), list[Entry]()
    one.publish = waiting.append

    assert one.begin(exchange(), 0.0).retry_after is None
    assert one.begin(exchange(), 0.0).retry_after is not None, "though nothing is booked yet"
    (entry,) = waiting
    assert isinstance(entry, Charge)
    one.apply(entry, 0.0, own=True)
    assert one.begin(exchange(), 0.0).retry_after is not None, "it is booked"
    assert one.begin(exchange(), 60.0).retry_after is None


def test_a_kill_holds_at_once_and_is_told_when_it_is_adopted() -> None:
    one, other, obeyed = engine(), engine(), list[str]()
    one.publish = lambda _: None  # a log that takes its time
    other.obeyed = lambda order: obeyed.append(order.deed)

    one.order(Order(0.0, "kill"))
    assert not one.enforcing
    other.adopt(one.state)
    assert (other.enforcing, obeyed) == (False, ["kill"])
    other.adopt(one.state)
    assert obeyed == ["kill"], "it is killed already"


def test_an_order_on_an_organisation_holds_for_its_accounts_end_users() -> None:
    one = engine(multi_tenant=True)
    one.order(Order(0.0, "restrict", "o", 100.0, by="anna", reason="asked", whole=True))

    decision = one.begin(exchange("u-1"), 1.0)

    assert decision.account.startswith("team/")
    assert (decision.action, decision.decided_by) == (Action.THROTTLE, "order: asked")
    assert one.begin(exchange("u-1"), 100.0).action is Action.ALLOW


def test_an_order_holds_for_what_is_fetched_again() -> None:
    one = engine()
    learn(one, exchange(), 0.0)
    assert Queries(one).stored(exchange(), 2.0) is None

    one.order(Order(2.0, "restrict", "team", 100.0, by="anna", reason="asked", action="degrade"))
    found = Queries(one).stored(exchange(), 3.0)

    assert found is not None
    assert (found[1].action, found[1].decided_by) == (Action.DEGRADE, "order: asked")
    assert Queries(one).stored(exchange(), 100.0) is None


def test_an_account_stands_as_its_next_exchange_would_be_judged() -> None:
    one = engine()
    learn(one, exchange(), 0.0)
    one.order(Order(2.0, "restrict", "team", 100.0, by="anna", reason="asked"))
    account = one.state.known("team")
    assert account is not None

    standing = one.standing(account, 3.0)

    assert standing.ruling.action is one.begin(exchange(), 3.0).action is Action.THROTTLE
    assert standing.directive is not None
    assert standing.directive.until == 100.0


@pytest.mark.parametrize("least", [1, 370])
def test_an_engine_that_nobody_has_any_more_is_freed_without_the_collector(
    start: Start, least: int
) -> None:
    world = start()
    for sent, text in enumerate(list(world.work_list(600))):
        if sent >= least and not world.engine.state.at_rest:
            break  # an examination, or a search, is under way
        world.send(f"a-{sent % 100}", text)
    assert not world.engine.state.at_rest
    arrays = weakref.ref(world.engine.state.groups.members)

    gc.disable()
    try:
        del world
        assert arrays() is None
    finally:
        gc.enable()


def test_a_state_that_was_read_has_one_object_for_a_number_wherever_it_is(start: Start) -> None:
    world = start()
    world.play([(f"a-{i % 8}", text) for i, text in enumerate(world.work_list(40))], system="Mark.")

    state = copied(world.engine)

    principals = {id(account.principal) for account in state.accounts}
    assert any(group.rows for group in state.groups)
    assert {id(one) for group in state.groups for one in group.rows} <= principals
    assert len({id(account.held_until) for account in state.accounts}) == 1
    assert not state.groups.numbers, "nothing is kept of the reading"


def test_a_state_that_was_read_is_written_as_the_same_bytes(start: Start) -> None:
    world = start()
    for sent, text in enumerate(list(world.work_list(200))):
        world.send(f"a-{sent % 8}", text, system="Mark.")
    assert any(group.evidence for group in world.engine.state.groups)
    assert world.engine.state.at_rest

    assert remembered(copied(world.engine)) == remembered(world.engine.state)

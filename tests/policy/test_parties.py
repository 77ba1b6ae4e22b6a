from typing import Any

import pytest
from msgspec.structs import replace

from distillgate.dialects.chat import CHAT
from distillgate.dialects.messages import MESSAGES
from distillgate.dialects.responses import RESPONSES
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.policy.decision import Decision
from distillgate.policy.parties import Named, named
from distillgate.policy.plans import PlanSettings
from distillgate.wire.exchange import Attributes, Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.reference import reference
from distillgate.wire.request import from_document

MANY = PlanSettings(multi_tenant=True)


def exchange(operation: Operation = CHAT, end_user: str | None = None, **fields: Any) -> Exchange:
    attributes = Attributes(end_user=end_user)
    request = from_document(operation, fields)
    return Exchange("team", request, organisation="o", attributes=attributes)


@pytest.mark.parametrize(
    "asked",
    [
        exchange(user="u-1"),
        exchange(RESPONSES, safety_identifier="u-1"),
        exchange(MESSAGES, metadata={"user_id": "u-1"}),
        exchange(end_user="u-1", user="what anybody can write"),
    ],
)
def test_an_end_user_is_scored_alone_under_a_hashed_name(asked: Exchange) -> None:
    scored, payer = named(asked, MANY, lambda text: len(text) << 8)

    assert scored == Named("team/0000000000000800")
    assert payer == Named("team", "o")


def test_only_a_plan_can_declare_it() -> None:
    asked = exchange(user="u-1")

    assert named(asked, PlanSettings(), hash) == (Named("team", "o"),)


def test_without_an_end_user_the_account_is_scored() -> None:
    asked = exchange()

    assert named(asked, MANY, hash) == (Named("team", "o"),)


def test_sealed_reasoning_belongs_to_who_pays_whatever_end_user_is_named() -> None:
    settings = EngineSettings.model_validate({
        "policy": {"plans": {"default": {"multi_tenant": True}}},
        "actions": {"binding": {"account": "refuse"}},
    })  # fmt: skip
    engine = Engine(settings, count=lambda _: 10, secret=b"tenants" * 6, enforce=True)
    seal, asked = "what a model thought, sealed", {"role": "user", "content": "And then?"}
    thought = {"role": "assistant", "content": [{"type": "thinking", "signature": seal}]}
    given = Outcome(200, references=(reference(seal) or "",))

    def send(**fields: Any) -> Decision:
        decision = engine.begin(exchange(MESSAGES, **fields), 100.0)
        engine.finish(decision, given, 101.0)
        return decision

    send(messages=[asked], metadata={"user_id": "u-1"})
    for end_user in ({"metadata": {"user_id": "u-2"}}, {}):
        assert not send(messages=[asked, thought, asked], **end_user).replayed
    other = exchange(MESSAGES, messages=[asked, thought, asked])
    other = replace(other, account="b", organisation="p")
    assert engine.begin(other, 100.0).replayed == "account"

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from distillgate.account.account import Account, AccountSettings
from distillgate.policy.decision import Action, Decision
from distillgate.policy.exemptions import Exemption
from distillgate.policy.ladder import LadderSettings
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import (
    PolicySettings,
    Reservation,
    ThrottleSettings,
    admit,
    decide,
    settle,
)
from distillgate.risk.fuse import NO_RISK, Risk
from distillgate.signals.signal import Family, Signal
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

DEFAULT = PolicySettings()
HOUR = 3600.0


def account() -> Account:
    return Account("a", 1, 0.0, AccountSettings())


def exchange(plan: str | None = None, id: str = "", **fields: Any) -> Exchange:  # noqa: A002
    return Exchange("a", from_document(Operation.CHAT, fields), plan=plan, id=id)


def risk(total: float, families: int = 2) -> Risk:
    names = [Family.LINKAGE, Family.HARVEST][:families]
    signals = tuple(Signal(n.value, n, total / families, "why") for n in names)
    return Risk(total, {s.family.value: s.llr for s in signals}, signals)


def budgets(**plan: Any) -> PolicySettings:
    return PolicySettings(plans=PlansSettings(default=PlanSettings(**plan)))


def begin(
    who: Account, settings: PolicySettings, now: float = 0.0, prompt: float = 0.0, **fields: Any
) -> tuple[Decision, Reservation | None]:
    asked = exchange(**fields)
    decision = decide(asked, who, NO_RISK, now, settings)
    return decision, admit(decision, asked, who, prompt, now, settings)


# --- decide


def test_no_risk_is_allowed_without_a_word() -> None:
    decision = decide(exchange(), account(), NO_RISK, 0.0, DEFAULT)

    assert decision.action is Action.ALLOW
    assert (decision.code, decision.expires, decision.reasons) == ("", None, ())


def test_a_decision_gives_its_reasons() -> None:
    decision = decide(exchange(), account(), risk(3.0), 0.0, DEFAULT)

    assert decision.risk == 3.0
    assert sum(reason.llr for reason in decision.reasons) == pytest.approx(3.0)
    assert decision.families == {"linkage": 1.5, "harvest": 1.5}


def test_a_restriction_names_its_end() -> None:
    decision = decide(exchange(), account(), risk(3.0), 1000.0, DEFAULT)

    assert decision.action is Action.THROTTLE
    assert decision.expires == 1000.0 + DEFAULT.ladder.hold_hours * HOUR
    assert decision.code


def test_a_restriction_is_held_while_some_risk_stays() -> None:
    who = account()
    decide(exchange(), who, risk(3.0), 0.0, DEFAULT)

    held = decide(exchange(), who, risk(1.5), 1 * HOUR, DEFAULT)
    after = decide(exchange(), who, risk(1.5), 25 * HOUR, DEFAULT)

    assert held.action is Action.THROTTLE
    assert held.expires == 24 * HOUR
    assert not after.action.restricts


def test_a_restriction_ends_at_once_when_the_risk_is_gone() -> None:
    who = account()
    decide(exchange(), who, risk(20.0), 0.0, DEFAULT)

    assert decide(exchange(), who, risk(0.5), 1.0, DEFAULT).action <= Action.OBSERVE
    assert decide(exchange(), who, NO_RISK, 1.0, DEFAULT).action is Action.ALLOW


@pytest.mark.parametrize("total", [3.0, 8.0, 50.0])
def test_the_exempt_are_observed_and_no_more(total: float) -> None:
    listed = PolicySettings(exemptions=[Exemption(account="a", reason="audit", expires=100.0)])
    by_plan = PolicySettings(
        plans=PlansSettings(named={"research": PlanSettings(exempt=True)}),
    )

    for decision in (
        decide(exchange(), account(), risk(total), 99.0, listed),
        decide(exchange("research"), account(), risk(total), 99.0, by_plan),
    ):
        assert decision.action is Action.OBSERVE
        assert decision.risk == total
        assert len(decision.reasons) == 2
        assert decision.expires is None


def test_an_exemption_ends() -> None:
    settings = PolicySettings(exemptions=[Exemption(reason="audit", expires=100.0)])

    assert decide(exchange(), account(), risk(3.0), 100.0, settings).action is Action.THROTTLE


def test_an_exempt_account_is_not_held_when_its_exemption_ends() -> None:
    settings = PolicySettings(exemptions=[Exemption(reason="audit", expires=100.0)])
    who = account()
    decide(exchange(), who, risk(3.0), 50.0, settings)

    assert not decide(exchange(), who, risk(1.5), 101.0, settings).action.restricts


@given(
    st.dictionaries(st.sampled_from(["linkage", "harvest"]), st.floats(-20, 20)),
    st.floats(0, 20),
)
def test_decisions_are_no_milder_for_more_risk(families: dict[str, float], more: float) -> None:
    harder = {name: llr + more for name, llr in families.items()}

    first, second = (
        decide(exchange(), account(), Risk(sum(f.values()), f, ()), 0.0, DEFAULT).action
        for f in (families, harder)
    )

    assert second >= first


# --- budgets


def test_an_account_without_budgets_holds_nothing() -> None:
    who = account()
    decision, held = begin(who, DEFAULT)

    assert decision.action is Action.ALLOW
    assert held is not None
    assert who.buckets is None


def test_parallel_requests_cannot_overrun_a_token_budget() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0, reserve=200)

    begun = [begin(who, settings, prompt=50.0) for _ in range(10)]

    assert [held is not None for _, held in begun] == [True] * 4 + [False] * 6
    for decision, held in begun[4:]:
        assert held is None
        assert decision.action is Action.THROTTLE
        assert decision.retry_after == pytest.approx(15.0)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 20), st.integers(1, 400), st.floats(0, 1)),
        max_size=60,
    )
)
def test_no_interleaving_of_begin_and_settle_overruns(
    steps: list[tuple[bool, int, int, float]],
) -> None:
    who, settings, now = account(), budgets(tokens_per_minute=1000.0, concurrent=5), 0.0
    open_: list[Reservation] = []
    spent = 0.0
    for starts, pause, tokens, share in steps:
        now += pause
        if starts:
            _, held = begin(who, settings, now, prompt=float(tokens), max_tokens=tokens)
            if held is not None:
                open_.append(held)
        elif open_:
            one = open_.pop(tokens % len(open_))
            settle(one, who, one.cost.prompt, one.cost.output * share, now)
            spent += one.cost.prompt + one.cost.output * share
        assert who.in_flight == len(open_) <= 5
        assert (
            spent + sum(r.cost.prompt + r.cost.output for r in open_)
            <= 1000 * (1 + now / 60) + 1e-6
        )


def test_what_was_reserved_is_replaced_by_what_was_used() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    _, held = begin(who, settings, prompt=100.0, max_tokens=900)
    assert held is not None
    assert begin(who, settings, prompt=100.0, max_tokens=100)[1] is None

    settle(held, who, 100.0, 50.0, 0.0)

    assert begin(who, settings, prompt=100.0, max_tokens=700)[1] is not None
    assert begin(who, settings, prompt=100.0, max_tokens=100)[1] is None


def test_what_is_not_known_stays_reserved() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    _, held = begin(who, settings, prompt=500.0, max_tokens=500)
    assert held is not None

    settle(held, who, None, None, 0.0)

    assert begin(who, settings, prompt=1.0, max_tokens=1)[1] is None


def test_more_than_was_reserved_is_owed() -> None:
    who, settings = account(), budgets(tokens_per_minute=600.0)
    _, held = begin(who, settings, prompt=100.0, max_tokens=100)
    assert held is not None

    settle(held, who, 100.0, 1100.0, 0.0)
    decision, held = begin(who, settings, prompt=60.0, max_tokens=1)

    assert held is None
    assert decision.retry_after == pytest.approx(66.1, abs=0.01)


def test_several_answers_of_one_request_are_all_reserved() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)

    assert begin(who, settings, max_tokens=100, n=9)[1] is not None
    assert begin(who, settings, max_tokens=200)[1] is None


@pytest.mark.parametrize("asked", [-1, -(10**9), 0])
def test_asking_for_less_than_nothing_gives_nothing_back(asked: int) -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    begin(who, settings, prompt=1000.0, max_tokens=1)

    _, held = begin(who, settings, prompt=0.0, max_tokens=asked)

    assert held is None or held.cost.output >= 0
    assert begin(who, settings, prompt=500.0, max_tokens=1)[1] is None


def test_requests_and_daily_output_are_limited() -> None:
    who, settings = account(), budgets(requests_per_minute=3.0, output_tokens_per_day=1000.0)

    assert [begin(who, settings, max_tokens=10)[1] is not None for _ in range(4)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert begin(who, settings, 20.0, max_tokens=10)[1] is not None
    assert begin(who, settings, 50.0, max_tokens=999)[1] is None


def test_concurrency_is_limited_and_freed() -> None:
    who, settings = account(), budgets(concurrent=2)
    first, second, third = (begin(who, settings) for _ in range(3))

    assert first[1] is not None
    assert second[1] is not None
    assert third[1] is None
    assert third[0].retry_after is not None
    settle(first[1], who, 1.0, 1.0, 0.0)
    assert begin(who, settings)[1] is not None


def test_plans_by_name_have_their_own_budgets() -> None:
    settings = PolicySettings(
        plans=PlansSettings(
            default=PlanSettings(requests_per_minute=1.0),
            named={"pro": PlanSettings(requests_per_minute=100.0)},
        )
    )
    who = account()

    assert all(begin(who, settings, plan="pro")[1] is not None for _ in range(50))
    other = account()
    assert begin(other, settings)[1] is not None
    assert begin(other, settings)[1] is None


def test_a_spent_budget_is_no_suspicion() -> None:
    who, settings = account(), budgets(requests_per_minute=1.0)
    begin(who, settings)
    decision, held = begin(who, settings)

    assert held is None
    assert decision.action is Action.THROTTLE
    assert decision.risk == 0
    assert not decision.reasons
    assert "suspect" not in decision.code
    assert "suspic" not in decision.code
    assert decision.expires is None
    assert who.held_until == 0


def test_a_used_up_plan_is_called_a_budget() -> None:
    who, settings = account(), budgets(distinct_per_month=1.0)
    begin(who, settings)

    decision, held = begin(who, settings, now=29 * 24 * HOUR)

    assert held is None
    assert (decision.action, decision.code) == (Action.THROTTLE, "budget")
    assert not decision.reasons
    assert who.held_until == 0
    assert begin(who, settings, now=30 * 24 * HOUR)[1] is not None


def test_repeats_pass_when_the_different_texts_are_used_up() -> None:
    who, settings = account(), budgets(distinct_per_day=1.0)
    begin(who, settings)
    asked = exchange()
    decision = decide(asked, who, NO_RISK, 1.0, settings)

    assert admit(decision, asked, who, 1.0, 1.0, settings, fresh=False) is not None


def test_the_exempt_keep_their_budgets() -> None:
    settings = PolicySettings(
        plans=PlansSettings(default=PlanSettings(requests_per_minute=1.0)),
        exemptions=[Exemption(reason="audit")],
    )
    who = account()

    assert begin(who, settings)[1] is not None
    decision, held = begin(who, settings)
    assert held is None
    assert "suspect" not in decision.code


# --- throttle


def test_a_throttled_account_gets_its_trickle() -> None:
    who, now, passed = account(), 0.0, 0
    for _ in range(600):
        asked = exchange()
        decision = decide(asked, who, risk(3.0), now, DEFAULT)
        held = admit(decision, asked, who, 10.0, now, DEFAULT)
        if held is not None:
            passed += 1
            settle(held, who, 10.0, 10.0, now)
            assert decision.retry_after is None
        else:
            assert decision.retry_after is not None
        now += 1.0

    assert passed == 10 * DEFAULT.throttle.requests_per_minute


def test_coming_back_when_told_is_let_in() -> None:
    who, now = account(), 0.0
    for turn in range(20):
        asked = exchange(id=f"dg-{turn}")
        decision = decide(asked, who, risk(3.0), now, DEFAULT)
        held = admit(decision, asked, who, 10.0, now, DEFAULT)
        assert (held is None) == (turn % 2 == 1)
        if held is None:
            assert decision.retry_after is not None
            now += decision.retry_after + 0.001
        else:
            settle(held, who, None, None, now)


@given(st.text(max_size=40), st.integers(1000, 10**12))
def test_a_wait_is_jittered_within_its_share_and_bounded(reference: str, asked: int) -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    begin(who, settings, max_tokens=asked)
    true = begin(who, settings, prompt=100.0)[0].retry_after or 0.0
    found = begin(who, settings, prompt=100.0, id=reference)[0].retry_after or 0.0
    again = begin(who, settings, prompt=100.0, id=reference)[0].retry_after or 0.0

    throttle = settings.throttle
    assert found == again
    assert true <= found <= min(throttle.max_wait, true * (1 + throttle.jitter)) + 1e-9


def test_a_degraded_account_is_slowed_as_well() -> None:
    who = account()
    settings = PolicySettings(ladder=LadderSettings(degrade=2.5))
    passed = 0
    for second in range(600):
        asked = exchange()
        decision = decide(asked, who, risk(5.0), float(second), settings)
        held = admit(decision, asked, who, 10.0, float(second), settings)
        assert decision.action is Action.DEGRADE
        assert (decision.retry_after is None) == (held is not None)
        if held is not None:
            passed += 1
            settle(held, who, None, None, float(second))

    assert passed == 10 * settings.throttle.requests_per_minute


def test_a_throttle_and_a_degraded_account_share_one_pace() -> None:
    who, settings = account(), PolicySettings(ladder=LadderSettings(degrade=4.0))
    for total, action in ((3.0, Action.THROTTLE), (5.0, Action.DEGRADE)):
        asked = exchange()
        decision = decide(asked, who, risk(total), 0.0, settings)
        held = admit(decision, asked, who, 10.0, 0.0, settings)
        assert decision.action is action
        assert (held is None) == (action is Action.DEGRADE)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_throttle_that_lets_nothing_through_is_refused(value: float) -> None:
    with pytest.raises(ValidationError, match="requests_per_minute"):
        ThrottleSettings(requests_per_minute=value)

import math
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.windows import DAY
from distillgate.dialects.chat import CHAT
from distillgate.dialects.completions import COMPLETIONS, EMBEDDINGS
from distillgate.dialects.gemini import GEMINI, GEMINI_EMBED
from distillgate.dialects.invocations import INVOCATIONS
from distillgate.dialects.native import NATIVE
from distillgate.dialects.ranking import RANKING
from distillgate.policy.admission import Admission, cost_of
from distillgate.policy.decision import Action, Decision
from distillgate.policy.enforcement import EnforcementSettings, KeyedRandom
from distillgate.policy.group_budget import GroupBudgetSettings, Pools
from distillgate.policy.ledger import Ledger, Reservation, book, charge
from distillgate.policy.parties import Named, Parties
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import Exemption, PolicySettings, decide, transition
from distillgate.policy.throttle import ThrottleSettings
from distillgate.risk.fuse import NO_RISK, Risk
from distillgate.signals.signal import Family, Signal
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

DEFAULT = PolicySettings()
HOUR = 3600.0
ADMISSION = Admission(KeyedRandom(b"key"), Ledger())


def begin_anew() -> None:
    """Let nothing be under way."""
    global ADMISSION  # noqa: PLW0603 - one a test
    ADMISSION = Admission(KeyedRandom(b"key"), Ledger())


@pytest.fixture(autouse=True)
def _nothing_of_other_tests() -> None:
    begin_anew()


AT_ONCE = EnforcementSettings(onset_exchanges=0.0)


def account(name: str = "a", principal: int = 1) -> Account:
    return Account.new(name, principal, 0.0)


def exchange(plan: str | None = None, id: str = "", **fields: Any) -> Exchange:  # noqa: A002
    return Exchange("a", from_document(CHAT, fields), plan=plan, id=id)


def risk(total: float) -> Risk:
    names = (Family.LINKAGE, Family.HARVEST)
    signals = tuple(Signal(n.value, n, total / 2, "why") for n in names)
    return Risk(total, {s.family.value: s.llr for s in signals}, signals)


class Unhurried(ThrottleSettings):
    """Waits are not lengthened by chance."""

    jitter: ClassVar[float] = 0.0


def budgets(**plan: Any) -> PolicySettings:
    return PolicySettings(plans=PlansSettings(default=PlanSettings(**plan)), throttle=Unhurried())


def begin(
    who: Account,
    settings: PolicySettings,
    now: float = 0.0,
    prompt: float = 0.0,
    fresh: bool = True,
    found: Risk = NO_RISK,
    parties: Parties | None = None,
    **fields: Any,
) -> tuple[Decision, Reservation | None]:
    asked = exchange(**fields)
    plan = settings.plans.of(asked.plan)
    names = (Named(asked.account, asked.organisation, asked.plan),)
    parties = replace(parties or Parties(who, who), plan=plan, names=names)
    ruling = decide(parties, found, now, settings)
    if ruling.action.restricts:
        ruling = ADMISSION.restrain(ruling, parties, settings)
    _, standing = transition(who, ruling)
    cost = cost_of(asked, prompt, plan, fresh=fresh)
    ruling, held, retry_after, limit = ADMISSION.admit(ruling, asked, parties, cost, now, settings)
    debits = held.debits if held is not None else ()
    book(charge(parties, now, debits, standing=standing), parties, now)
    return Decision.of(who.name, ruling, found, retry_after=retry_after, limit=limit), held


def settle(held: Reservation, prompt: int | None, output: int | None, now: float) -> None:
    """End an exchange, and take what it came to."""
    outcome = Outcome(200, prompt, output, missed=output is None)
    ADMISSION.ledger.release(held)
    debits = held.settle(outcome, now)
    book(charge(held.parties, now, debits), held.parties, now)


def test_an_account_without_budgets_holds_nothing() -> None:
    who = account()
    decision, held = begin(who, DEFAULT)

    assert decision.action is Action.ALLOW
    assert held is not None
    assert who.buckets is None


def test_an_answer_that_cannot_be_read_locks_nobody_out_for_years() -> None:
    who, settings = account(), budgets(tokens_per_minute=100_000.0)
    _, held = begin(who, settings, max_tokens=10**12)
    assert held is not None

    settle(held, None, None, now=1.0)

    assert begin(who, settings, now=HOUR)[1] is not None


def test_parallel_requests_cannot_overrun_a_token_budget() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0, reserve=200)

    begun = [begin(who, settings, prompt=50.0) for _ in range(10)]

    assert [held is not None for _, held in begun] == [True] * 4 + [False] * 6
    for turn, (decision, held) in enumerate(begun[4:], start=1):
        assert held is None
        assert decision.action is Action.THROTTLE
        assert decision.retry_after == pytest.approx(15.0 * turn)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 20), st.integers(1, 400), st.floats(0, 1)),
        max_size=60,
    )
)
def test_no_interleaving_of_begin_and_settle_overruns(
    steps: list[tuple[bool, int, int, float]],
) -> None:
    begin_anew()
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
            output = int(one.cost.output * share)
            settle(one, int(one.cost.prompt), output, now)
            spent += one.cost.prompt + output
        assert ADMISSION.ledger.in_flight(who) == len(open_) <= 5
        assert (
            spent + sum(r.cost.prompt + r.cost.output for r in open_)
            <= 1000 * (1 + now / 60) + 1e-6
        )


@pytest.mark.parametrize("asked", [{"max_tokens": 2**62}, {"n": 2**62}, {"best_of": 2**62}])
def test_whoever_asks_for_more_than_any_answer_pays_for_what_there_was(
    asked: dict[str, Any],
) -> None:
    who, settings = account(), budgets(output_tokens_per_day=1000.0)
    _, held = begin(who, settings, **asked)
    assert held is not None

    settle(held, 100, 400, 0.0)

    assert begin(who, settings, max_tokens=601)[1] is None
    assert begin(who, settings, max_tokens=600)[1] is not None


def test_what_was_reserved_is_replaced_by_what_was_used() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    _, held = begin(who, settings, prompt=100.0, max_tokens=900)
    assert held is not None
    assert begin(who, settings, prompt=100.0, max_tokens=100)[1] is None

    settle(held, 100, 50, 0.0)

    assert begin(who, settings, prompt=100.0, max_tokens=700)[1] is not None
    assert begin(who, settings, prompt=100.0, max_tokens=100)[1] is None


def test_what_is_not_known_stays_reserved() -> None:
    who, settings = account(), budgets(tokens_per_minute=1000.0)
    _, held = begin(who, settings, prompt=500.0, max_tokens=500)
    assert held is not None

    settle(held, None, None, 0.0)

    assert begin(who, settings, prompt=1.0, max_tokens=1)[1] is None


def test_more_than_was_reserved_is_owed() -> None:
    who, settings = account(), budgets(tokens_per_minute=600.0)
    _, held = begin(who, settings, prompt=100.0, max_tokens=100)
    assert held is not None

    settle(held, 100, 1100, 0.0)
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
    settle(first[1], 1, 1, 0.0)
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

    assert begin(who, settings, now=1.0, fresh=False)[1] is not None


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


def test_a_new_account_grows_into_its_plan() -> None:
    def passed(who: Account, settings: PolicySettings, now: float) -> int:
        return sum(begin(who, settings, now)[1] is not None for _ in range(200))

    ramped = budgets(requests_per_minute=100.0, ramp_days=10.0)
    known = budgets(requests_per_minute=100.0, ramp_days=10.0, verified=True)

    assert passed(account(), ramped, 0.0) == 10
    assert passed(account(), ramped, 5 * DAY) == 55
    assert passed(account(), ramped, 10 * DAY) == 100
    assert passed(account(), known, 0.0) == 100


def test_an_end_users_exchange_is_charged_to_the_account_that_pays() -> None:
    payer, settings = account("team"), budgets(requests_per_minute=3.0, concurrent=3)
    users = [account(f"team/{i}", i) for i in range(4)]

    held = [begin(u, settings, parties=Parties(u, payer))[1] for u in users]

    assert [one is not None for one in held] == [True, True, True, False]
    assert ADMISSION.ledger.in_flight(payer) == 3
    assert [ADMISSION.ledger.in_flight(user) for user in users] == [1, 1, 1, 0]
    assert held[0] is not None
    settle(held[0], 1, 1, 0.0)
    assert (ADMISSION.ledger.in_flight(payer), ADMISSION.ledger.in_flight(users[0])) == (2, 0)


# --- restricted


def ring(size: int, pools: Pools, group: int = 7, refill: float = 5000.0) -> list[Parties]:
    accounts = [account(f"r-{i}", i) for i in range(size)]
    return [Parties(one, one, pools.use([f"g-{group}"]), refill) for one in accounts]


def restricting(**budget: Any) -> PolicySettings:
    return PolicySettings(
        group_budget=GroupBudgetSettings(**budget),
        enforcement=AT_ONCE,
        plans=PlansSettings(named={"known": PlanSettings(verified=True)}),
    )


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_more_accounts_get_an_actor_no_more(size: int) -> None:
    settings, pools = restricting(), Pools()
    members = ring(size, pools, refill=60_000.0)
    spent = 0.0
    for turn in range(1000):
        parties = members[turn % size]
        held = begin(parties.account, settings, float(turn), found=risk(9.0), parties=parties)[1]
        if held is not None:
            settle(held, 10, 600, float(turn))
            spent += 600.0

    assert 59_000 <= spent <= 61_500


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4000), st.floats(0, 1)), max_size=60))
def test_parallel_exchanges_of_a_ring_cannot_overrun_its_pool(
    steps: list[tuple[int, int, float]],
) -> None:
    settings, pools = restricting(), Pools()
    members, open_, spent = ring(4, pools), [], 0.0
    for who, tokens, share in steps:
        if who < 4:
            parties = members[who]
            held = begin(
                parties.account, settings, found=risk(9.0), parties=parties, max_tokens=tokens
            )[1]
            if held is not None:
                open_.append(held)
        elif open_:
            one = open_.pop(tokens % len(open_))
            output = int(one.cost.output * share)
            settle(one, 1, output, 0.0)
            spent += output

    assert spent + sum(one.cost.output for one in open_) <= 5000.0 + 1e-6


def test_an_account_in_doubt_keeps_its_floor_when_the_pool_is_gone() -> None:
    settings, pools = restricting(), Pools()
    first, second = ring(2, pools, refill=1000.0)
    for turn in range(50):
        begin(first.account, settings, float(turn), found=risk(9.0), parties=first)

    def passes(found: float) -> bool:
        return (
            begin(second.account, settings, 60.0, found=risk(found), parties=second)[1] is not None
        )

    assert not passes(9.0)
    assert passes(3.0)


def test_a_verified_customer_keeps_the_whole_floor() -> None:
    settings, pools = restricting(floor_per_day=4000.0), Pools()
    (parties,) = ring(1, pools, refill=1.0)
    passed = 0
    for _ in range(20):
        decision, held = begin(
            parties.account,
            settings,
            found=risk(30.0),
            parties=parties,
            plan="known",
            max_tokens=500,
        )
        assert decision.action is Action.THROTTLE
        if held is not None:
            passed += 1
            settle(held, 1, 500, 0.0)

    assert passed == 9  # eight of the floor, one of the pool that was whole


def test_a_ring_known_by_two_keys_spends_both_at_once() -> None:
    settings, pools = restricting(), Pools()
    one = account("r-0", 0)
    both = Parties(one, one, pools.use(["g-7", "g-8"]), 1000.0)
    held = begin(one, settings, found=risk(9.0), parties=both, max_tokens=1000)[1]
    assert held is not None
    settle(held, 1, 1000, 0.0)

    for group in (7, 8):
        (other,) = ring(1, pools, group, refill=1000.0)
        assert begin(other.account, settings, found=risk(9.0), parties=other)[1] is None


def test_a_restricted_accounts_exchanges_in_flight_are_few() -> None:
    settings, pools = restricting(), Pools()
    (parties,) = ring(1, pools)
    held = [
        begin(parties.account, settings, found=risk(3.0), parties=parties, max_tokens=1)[1]
        for _ in range(5)
    ]

    assert [one is not None for one in held] == [True, True, False, False, False]


PLANS: list[dict[str, Any]] = [
    {"requests_per_minute": 20.0},
    {"requests_per_minute": 7.0, "tokens_per_minute": 100_000.0},
    {"tokens_per_minute": 1000.0},
    {"concurrent": 1},
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("pauses", ["at once", "steady", "as told"])
def test_nobody_tells_a_suspects_refusals_from_those_of_a_plan(
    plan: dict[str, Any], pauses: str
) -> None:
    throttle = ThrottleSettings(concurrent=1000)
    of_plan = PolicySettings(plans=PlansSettings(default=PlanSettings(**plan)), throttle=throttle)
    restricting: dict[str, Any] = {
        "enforcement": AT_ONCE,
        "group_budget": GroupBudgetSettings(floor_per_day=1.0),
    }
    if "concurrent" in plan:  # a suspect whose plan has no rate
        restricting["plans"] = PlansSettings()
    suspecting = of_plan.model_copy(update=restricting)

    def told(settings: PolicySettings, found: Risk, seed: int) -> list[float]:
        random, now = Random(seed), float(seed)
        waits: list[float] = []
        who = account(f"a-{seed}")
        parties = Parties(who, who, Pools().use(["g-1"]) if found is not NO_RISK else ())
        while len(waits) < 30:
            decision, _ = begin(
                who, settings, now, prompt=50.0, found=found, parties=parties, max_tokens=50,
                id=str(random.random()),
            )  # fmt: skip
            if decision.retry_after is not None:
                assert decision.action is Action.THROTTLE or found is not NO_RISK
                waits.append(decision.retry_after)
            elif pauses != "as told":
                continue
            now += {"at once": 0.0, "steady": random.uniform(0.0, 2.0)}.get(
                pauses, (decision.retry_after or 0.0) * random.uniform(0.5, 1.0)
            )
        return waits

    plans = [wait for seed in range(60) for wait in told(of_plan, NO_RISK, seed)]
    suspects = [wait for seed in range(60) for wait in told(suspecting, risk(9.0), seed + 1000)]

    assert distance(plans, suspects) < 0.12
    assert min(suspects) >= 0.0
    assert max(suspects) <= throttle.max_wait


def distance(one: list[float], other: list[float]) -> float:
    """How well the best threshold tells two samples apart (Kolmogorov and Smirnov): 0 not, 1 fully.

    Counted in the whole seconds that a client is told.
    """
    a, b = ([max(1, math.ceil(wait)) for wait in waits] for waits in (one, other))
    return max(
        abs(sum(x <= at for x in a) / len(a) - sum(x <= at for x in b) / len(b)) for at in {*a, *b}
    )


def test_thirty_calls_at_once_are_each_told_their_own_turn_and_pass_when_it_comes() -> None:
    who, settings = account(), budgets(requests_per_minute=20.0)

    begun = [begin(who, settings)[0].retry_after for _ in range(30)]

    assert begun[:20] == [None] * 20
    waits = [wait for wait in begun if wait is not None]
    assert waits == pytest.approx([3.0 * turn for turn in range(1, 11)])
    assert all(begin(who, settings, now=wait)[1] is not None for wait in waits)


def test_who_ignores_its_waits_keeps_nobody_out() -> None:
    who, settings = account(), budgets(requests_per_minute=20.0)
    for step in range(600):  # ten a second, for a minute
        begin(who, settings, now=step / 10)

    decision, held = begin(who, settings, now=60.0)
    wait = decision.retry_after or 0.0

    assert wait <= 120.0
    assert held is not None or begin(who, settings, now=60.0 + wait)[1] is not None


@pytest.mark.parametrize("named", [-1, -2, -(10**9), "-1", None, 0, -1.0])
@pytest.mark.parametrize("copies", [{}, {"n": 2}, {"best_of": 2}])
def test_who_names_no_limit_reserves_what_an_unlimited_answer_may_cost(
    named: Any, copies: dict[str, Any]
) -> None:
    who = account()
    settings = budgets(output_tokens_per_day=4000.0, reserve=1000)

    begun = [begin(who, settings, max_tokens=named, **copies)[1] for _ in range(12)]

    assert sum(held is not None for held in begun) == (2 if copies else 4)


def test_what_is_spared_passes_and_is_not_charged() -> None:
    spare = PolicySettings(
        enforcement=EnforcementSettings(hold_out=1.0),
    )
    pools = Pools()
    (parties,) = ring(1, pools)

    for _ in range(10):
        decision, held = begin(parties.account, spare, found=risk(9.0), parties=parties)
        assert decision.not_enforced == "hold_out"
        assert decision.action is Action.DEGRADE
        assert held is not None
        assert held.debits == ()


def test_a_spared_account_keeps_its_plans_rates() -> None:
    settings = PolicySettings(
        plans=PlansSettings(default=PlanSettings(requests_per_minute=1.0)),
        enforcement=EnforcementSettings(hold_out=1.0),
    )
    (parties,) = ring(1, Pools())
    begin(parties.account, settings, found=risk(20.0), parties=parties)

    decision, held = begin(parties.account, settings, found=risk(20.0), parties=parties)

    assert held is None
    assert (decision.action, decision.not_enforced) == (Action.THROTTLE, "")
    assert decision.code == "rate_limit_exceeded"


TURN = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("operation", "fields", "output", "texts"),
    [
        (CHAT, {"messages": TURN * 3}, 10, 1),
        (CHAT, {"messages": TURN, "n": 4}, 40, 1),
        (CHAT, {"messages": [TURN, TURN, TURN]}, 30, 3),
        (CHAT, {"messages": [TURN, TURN], "n": 4}, 80, 2),
        (COMPLETIONS, {"prompt": "a"}, 10, 1),
        (COMPLETIONS, {"prompt": [1, 2, 3]}, 10, 1),
        (COMPLETIONS, {"prompt": ["a"] * 5000}, 50_000, 5000),
        (COMPLETIONS, {"prompt": [[1], [2]], "best_of": 3}, 60, 2),
        (COMPLETIONS, {"prompt": []}, 10, 1),
        (INVOCATIONS, {"prompt": ["a", "b"]}, 20, 2),
        (NATIVE, {"text": ["a", "b"]}, 20, 2),
        (NATIVE, {"input_ids": [[1], [2], [3]]}, 30, 3),
        (NATIVE, {"text": "decoy", "prompt": ["a", "b"]}, 20, 2),
        (NATIVE, {"instances": [{"prompt": "a"}, {"prompt": ["b", "c"]}]}, 30, 3),
        (GEMINI, {"contents": [{"parts": [{"text": "a"}]}] * 3}, 10, 1),
        (EMBEDDINGS, {"input": ["a", "b", "c"]}, 10, 3),
        (EMBEDDINGS, {"messages": [TURN, TURN]}, 10, 2),
        (GEMINI_EMBED, {"requests": [{"content": "a"}, {"content": "b"}]}, 10, 2),
        (RANKING, {"query": "a", "documents": ["b", "c"]}, 10, 1),
        (RANKING, {"input": ["a", "b"]}, 10, 2),
    ],
)
def test_each_prompt_of_a_list_is_a_text_and_has_its_own_answer(
    operation: Operation, fields: dict[str, Any], output: float, texts: int
) -> None:
    asked = Exchange("a", from_document(operation, fields))
    plan = PlanSettings(reserve=10)

    cost = cost_of(asked, 0.0, plan, fresh=True)

    assert (cost.output, cost.texts) == (output, texts)
    assert cost_of(asked, 0.0, plan, fresh=False).texts == 0


def test_lists_of_prompts_do_not_get_round_budgets_of_output_or_of_texts() -> None:
    prompts = Exchange("a", from_document(COMPLETIONS, {"prompt": ["a"] * 8}))
    for limits in ({"output_tokens_per_day": 200, "reserve": 10}, {"distinct_per_day": 20}):
        who, settings = account(), budgets(**limits)
        parties, let_in = Parties(who, who, plan=settings.plans.default), 0
        for _ in range(5):
            ruling = decide(parties, NO_RISK, 0.0, settings)
            cost = cost_of(prompts, 0.0, settings.plans.default, fresh=True)
            held = ADMISSION.admit(ruling, prompts, parties, cost, 0.0, settings).reservation
            if held is not None:
                book(charge(parties, 0.0, held.debits), parties, 0.0)
                let_in += 1
        assert let_in == 2

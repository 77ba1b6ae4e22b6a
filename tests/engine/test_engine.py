import math
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import ANSWER, Start, World, chat, make_engine

from distillgate.actions.plan import Plan
from distillgate.campaign.examine import ExamineSettings
from distillgate.campaign.settings import CampaignSettings
from distillgate.campaign.template import TemplateSettings
from distillgate.dialects.responses import RESPONSES
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.entries import Entry
from distillgate.engine.queries import Queries
from distillgate.fingerprint.observation import Observation
from distillgate.policy.decision import Action, Decision
from distillgate.policy.enforcement import EnforcementSettings
from distillgate.policy.group_budget import GroupBudgetSettings
from distillgate.policy.plans import PlanSettings, PlansSettings
from distillgate.policy.policy import Exemption, PolicySettings
from distillgate.risk.fuse import RiskSettings
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request, parse

SHADE = "Name the shade of this item in one word, please."
RULES = "You mark answers.\nGive the mark first and two reasons after it.\n"
REFUSED = pytest.mark.parametrize("status", [401, 403, 404])


def budgets(**plan: Any) -> EngineSettings:
    return EngineSettings(policy=PolicySettings(plans=PlansSettings(default=PlanSettings(**plan))))


def probe(world: World, account: str, tokens: list[int], text: str = SHADE) -> Decision:
    bias = {str(token): 100 for token in tokens}
    return world.send(account, text, logit_bias=bias, logprobs=True, max_tokens=1)


def walk(world: World, account: str, requests: int) -> list[Decision]:
    """Bias new tokens in every request: a walk over the vocabulary."""
    return [probe(world, account, list(range(10 * i, 10 * i + 10))) for i in range(requests)]


def test_an_account_is_known_once_the_upstream_let_it_in(start: Start) -> None:
    world = start()
    exchange = chat("a", "hello there")
    decision = world.engine.begin(exchange, world.now)
    assert world.queries.summary().accounts == 0

    world.engine.finish(decision, ANSWER, world.now)

    assert world.queries.summary().accounts == 1
    assert decision.account == "a"
    assert decision.action is Action.ALLOW


@REFUSED
def test_what_the_upstream_did_not_let_in_teaches_nothing(start: Start, status: int) -> None:
    world = start()
    for i in range(300):
        world.send(f"x-{i % 40}", f"{SHADE} {i}", outcome=Outcome(status=status))

    found = world.queries.summary()
    assert (found.accounts, found.groups, found.actors) == (0, 0, 0)
    # Nor does it make the template any less private: its next users are its first.
    world.send("a", SHADE)
    assert world.queries.summary().groups == 0


@REFUSED
def test_what_was_not_let_in_gives_its_budget_back(start: Start, status: int) -> None:
    world = start(settings=budgets(tokens_per_minute=1000.0, concurrent=1))
    world.send("a", "hello there")
    for _ in range(20):
        found = world.send("a", "hi", max_tokens=10, outcome=Outcome(status=status))
        assert found.retry_after is None


def test_tokens_are_counted_only_where_nobody_told_them() -> None:
    asked: list[str] = []

    def count(request: Request) -> int:
        asked.append(request.model)
        return 70

    engine = Engine(EngineSettings(), count=count, secret=b"s" * 32)
    told = {"told": 200, "untold": None, "placeholder": 0}

    for account, tokens in told.items():
        decision = engine.begin(chat(account, "hello", model=account), 1.0)
        engine.finish(decision, Outcome(200, tokens, 9), 2.0)

    found = [Queries(engine).account(account, 2.0) for account in told]
    assert asked == ["untold", "placeholder"]
    assert [one and one.activity.prompt_tokens.day for one in found] == [200, 70, 70]


def test_what_failed_and_comes_again_a_moment_later_is_not_new_traffic(start: Start) -> None:
    once, retried = start(), start()
    for world, times in ((once, 1), (retried, 30)):
        for i in range(20):
            world.send(f"a-{i}", f"Hello {i}")
            for _ in range(times):
                world.send(f"a-{i}", f"{SHADE} Item {i}", outcome=Outcome(status=503))

    found, expected = retried.queries.summary(), once.queries.summary()
    assert found == expected
    for i in range(20):
        explained = [w.queries.account(f"a-{i}", w.now) for w in (once, retried)]
        assert explained[0] is not None
        assert explained[1] is not None
        assert explained[0].distinct_texts == explained[1].distinct_texts


def test_parallel_requests_cannot_overrun_a_budget(start: Start) -> None:
    world = start(settings=budgets(tokens_per_minute=1000.0))
    world.send("a", "hello", outcome=Outcome(status=200, prompt_tokens=1, completion_tokens=1))

    begun = [
        world.engine.begin(chat("a", "hello", max_tokens=200), world.now + 60) for _ in range(20)
    ]

    assert sum(decision.retry_after is None for decision in begun) == 4
    for decision in begun:
        world.engine.finish(decision, ANSWER, world.now + 61)


def test_a_newcomers_parallel_requests_cannot_overrun_a_budget(start: Start) -> None:
    world = start(settings=budgets(tokens_per_minute=1000.0, concurrent=4))

    begun = [world.engine.begin(chat("a", "hello", max_tokens=10), world.now) for _ in range(20)]

    assert sum(decision.retry_after is None for decision in begun) == 4
    for decision in begun:
        world.engine.finish(decision, ANSWER, world.now + 1)
    assert world.queries.summary().accounts == 1
    known = world.queries.account("a", world.now + 1)
    assert known is not None
    assert known.activity.requests.hour == 20


def test_no_more_different_texts_are_answered_than_the_plan_holds(start: Start) -> None:
    world = start(settings=budgets(distinct_per_day=20.0, distinct_per_month=50.0))

    decisions = []
    for i in range(300):
        decisions.append(world.send("a", f"Item {i} of a list."))
        world.now += 1000

    assert sum(not decision.action.restricts for decision in decisions) == 50
    assert sum(not decision.action.restricts for decision in decisions[:80]) == 20
    assert {d.code for d in decisions if d.action.restricts} == {"budget"}
    assert world.send("a", "Item 0 of a list.").retry_after is None


def test_an_error_without_usage_does_not_hold_what_was_reserved(start: Start) -> None:
    world = start(settings=budgets(tokens_per_minute=1000.0))
    for status in (400, 500, 503):
        world.send("a", "hello", max_tokens=10**9, outcome=Outcome(status=status))
        world.now += 60

    assert world.send("a", "hello", max_tokens=100).retry_after is None


def test_concurrency_is_freed_whatever_became_of_the_exchange(start: Start) -> None:
    world = start(settings=budgets(concurrent=1))
    outcomes = [ANSWER, Outcome(), Outcome(status=500), Outcome(status=200, aborted=True)]
    for outcome in outcomes * 3:
        assert world.send("a", "hello", outcome=outcome).retry_after is None


def test_a_walk_over_the_vocabulary_is_restricted_within_two_hundred_requests(
    start: Start,
) -> None:
    found = walk(start(), "a", 200)

    assert found[-1].action.restricts
    assert not found[0].action.restricts
    # One family of evidence: nothing hard follows from it.
    assert max(decision.action for decision in found) is Action.THROTTLE
    assert "surface" in found[-1].families


def test_a_classifier_with_four_biased_tokens_is_not(start: Start) -> None:
    world = start()
    found = [probe(world, "a", [11, 198, 4021, 77]) for _ in range(500)]

    assert max(decision.action for decision in found) <= Action.OBSERVE


def test_a_walk_is_seen_in_any_spelling_of_its_tokens(start: Start) -> None:
    world = start()
    for i in range(200):
        bias = {f" tok{i}x{j}": 100 for j in range(10)}
        last = world.send("a", SHADE, logit_bias=bias, logprobs=True, max_tokens=1)

    assert last.action.restricts


class Linking(RiskSettings):
    """Every group counts as one operator."""

    linked: ClassVar[float] = -50.0


def test_being_in_a_group_never_lowers_an_accounts_own_risk(start: Start) -> None:
    every_group = EngineSettings(risk=Linking())
    alone, among = start(3, every_group), start(3, every_group)
    accounts = [f"c-{i}" for i in range(30)]
    texts = list(among.work_list(250))
    for text in texts[:150]:
        among.send(among.random.choice(accounts), RULES + text)
    assert among.queries.summary().actors > 0

    risks = [
        [
            probe(world, accounts[0], list(range(10 * i, 10 * i + 10)), text=RULES + text).risk
            for i, text in enumerate(texts[150:])
        ]
        for world in (alone, among)
    ]

    assert max(risks[0]) > 4
    assert all(
        of_member >= of_one - 1e-9 for of_one, of_member in zip(*risks, strict=True) if of_one > 0
    )


def test_in_shadow_nothing_is_enforced_and_nothing_changes(start: Start) -> None:
    world = start()
    found = walk(world, "a", 200)

    assert found[-1].action.restricts
    assert not any(decision.enforced for decision in found)
    last = world.engine.begin(chat("a", SHADE, logprobs=True), world.now)
    assert world.engine.plan(chat("a", SHADE, logprobs=True), last) == Plan()
    world.engine.finish(last, ANSWER, world.now)


def test_enforced_restrictions_are_answered(start: Start) -> None:
    policy = PolicySettings(
        enforcement=EnforcementSettings(onset_exchanges=0.0),
        group_budget=GroupBudgetSettings(refill=1e-6, floor_per_day=100.0),
    )
    world = start(settings=EngineSettings(policy=policy), enforce=True)
    walk(world, "a", 200)
    plans = []
    for _ in range(3):
        exchange = chat("a", SHADE)
        decision = world.engine.begin(exchange, world.now)
        assert decision.enforced
        plans.append(world.engine.plan(exchange, decision))
        world.engine.finish(decision, Outcome(status=429), world.now)

    assert any(one.refusal is not None and one.refusal.status == 429 for one in plans)


def test_shadow_and_enforce_judge_alike(start: Start) -> None:
    shadow, enforce = (walk(start(enforce=on), "a", 200) for on in (False, True))

    assert [d.action for d in shadow] == [d.action for d in enforce]


def test_new_settings_count_from_the_next_exchange(start: Start) -> None:
    world = start()
    walk(world, "a", 200)
    exempt = PolicySettings(exemptions=[Exemption(account="a", reason="ours")])

    world.engine.configure(EngineSettings(policy=exempt), enforce=True)
    found = world.send("a", SHADE)

    assert found.enforced
    assert found.action is Action.OBSERVE
    assert found.risk > 2


def test_how_accounts_are_compared_stays_until_the_next_start(start: Start) -> None:
    engine = start().engine
    before = engine.settings
    other = {"campaign": {"memory": {"days": 9}}}

    engine.configure(EngineSettings.model_validate(other), enforce=True)

    assert engine.settings.campaign == before.campaign


def test_nobody_unknown_is_explained(start: Start) -> None:
    engine = start().engine

    assert Queries(engine).account("nobody", 0.0) is None
    assert Queries(engine).group("g-nothing") is None


def test_the_table_of_accounts_is_bounded(start: Start) -> None:
    account = EngineSettings().account.model_copy(update={"max_accounts": 50})
    world = start(settings=EngineSettings(account=account))
    walk(world, "risky", 200)
    for i in range(2000):
        world.send(f"new-{i}", "hello")

    assert world.queries.summary().accounts == 50
    assert world.queries.account("risky", world.now) is not None


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=300)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 5), HOSTILE, HOSTILE, st.integers(0, 599)), max_size=30))
def test_no_text_breaks_it(steps: list[tuple[int, str, str, int]]) -> None:
    engine, now = make_small(), 0.0
    for account, text, system, status in steps:
        now += account - 2  # the clock may step back
        decision = engine.begin(chat(f"a-{account}", text, system), now)
        assert math.isfinite(decision.risk)
        engine.finish(decision, Outcome(status=status, completion_tokens=status, text=text), now)


class Small(CampaignSettings):
    """Groups are examined at once."""

    min_units: ClassVar[int] = 2
    accounts_a_group: ClassVar[int] = 1
    templates: ClassVar = TemplateSettings(sightings=64, max_templates=5)
    examine: ClassVar = ExamineSettings(first_exchanges=3, min_units=2)


def make_small() -> Engine:
    """Return an engine whose every bound is reached at once."""
    document = {
        "account": {"max_accounts": 3},
        "campaign": Small(),
    }
    return make_engine(EngineSettings.model_validate(document))


def test_first_requests_that_run_in_parallel_are_looked_at_as_one_account_knows_them() -> None:
    engine, seen = make_engine(), list[Observation]()

    def publish(entry: Entry) -> None:
        engine.apply(entry, entry.at, own=True)
        if isinstance(entry, Observation):
            seen.append(entry)

    engine.publish = publish
    always = "Explain every step of the reasoning that leads there, one after another.\n"
    begun = [
        engine.begin(chat("a", f"{always}The {thing} in the garden of the house."), 1e9)
        for thing in ("pond", "wall", "tree", "gate")
    ]
    for number, decision in enumerate(begun):
        engine.finish(decision, Outcome(200, 10, 20), 1e9 + number)

    account = engine.state.accounts.get("a")
    assert account is not None
    assert account.exchanges == 4
    assert [bool(one.own.kinds) for one in seen] == [True, False, False, False]
    assert [bool(one.own.constant) for one in seen] == [False, True, True, True]


def test_of_who_was_not_let_in_no_process_remembers_what_another_cannot_know(start: Start) -> None:
    world = start()
    world.send("a", "hello", outcome=Outcome(500))
    one, other = (world.engine.begin(chat("a", text), world.now) for text in ("hi", "there"))
    assert one.passage.parties.account is other.passage.parties.account
    world.engine.finish(other, Outcome(200, 10, 20), world.now + 1)
    world.engine.finish(one, Outcome(200, 10, 20), world.now + 2)

    account = world.engine.state.accounts.get("a")
    assert account is not None
    assert account.first_seen == world.now
    assert account.exchanges == 2


def test_what_an_awaited_answer_came_to_is_learned_when_it_is_fetched() -> None:
    engine, entries = make_engine(), list[Entry]()
    engine.publish = entries.append
    request = parse(RESPONSES, b'{"model":"m","input":"Why?","background":true}')
    decision = engine.begin(Exchange("a", request), 0.0)
    engine.finish(decision, Outcome(status=200, awaited="resp_1"), 1.0)

    done = Outcome(status=200, completion_tokens=900, finish_reason="completed")
    assert engine.fetched("resp_1", done, 60.0)

    learned = [entry for entry in entries if isinstance(entry, Observation)]
    assert [one.answer.completion_tokens for one in learned] == [None, 900]
    assert [one.retry for one in learned] == [False, True]


def test_a_decision_is_not_changed_after_it_was_made() -> None:
    engine = make_engine()
    decision = engine.begin(chat("a", "hello there"), 0.0)

    with pytest.raises(AttributeError):
        decision.action = Action.REFUSE  # type: ignore[misc]

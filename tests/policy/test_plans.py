import math

import pytest
from pydantic import ValidationError

from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import DAY
from distillgate.policy.plans import Cost, PlanSettings, PlansSettings, limits, ramp


def test_plans_are_found_by_name_and_others_get_the_default() -> None:
    pro, default = PlanSettings(concurrent=9), PlanSettings(concurrent=1)
    plans = PlansSettings(default=default, named={"pro": pro})

    assert plans.of("pro") is pro
    assert plans.of("unheard-of") is default
    assert plans.of(None) is default
    assert plans.of("") is default


def test_a_plan_without_budgets_limits_nothing() -> None:
    assert limits(PlanSettings(), Cost(1e9, 1e9, 1)) == []


def test_every_budget_is_a_bucket_with_what_the_exchange_takes() -> None:
    plan = PlanSettings(
        requests_per_minute=60.0,
        tokens_per_minute=9000.0,
        distinct_per_day=100.0,
        distinct_per_month=1000.0,
        output_tokens_per_day=50_000.0,
        output_tokens_per_month=900_000.0,
    )
    day, month = 86_400.0, 30 * 86_400.0

    assert [(t.bucket, t.amount) for t in limits(plan, Cost(100.0, 30.0, 1))] == [
        (Bucket(60.0, 60.0), 1.0),
        (Bucket(9000.0, 60.0), 130.0),
        (Bucket(100.0, day, quota=True), 1.0),
        (Bucket(1000.0, month, quota=True), 1.0),
        (Bucket(50_000.0, day, quota=True), 30.0),
        (Bucket(900_000.0, month, quota=True), 30.0),
    ]
    assert len({take.name for take in limits(plan, NOTHING)}) == 6


def test_repeats_take_nothing_of_a_budget_of_different_texts() -> None:
    plan = PlanSettings(distinct_per_month=10.0)

    (take,) = limits(plan, Cost(5.0, 5.0, 0))

    assert take.amount == 0


def test_texts_are_counted_where_the_plan_says_how_many() -> None:
    assert PlanSettings(distinct_per_day=1.0).counts_texts
    assert PlanSettings(distinct_per_month=1.0).counts_texts
    assert not PlanSettings(output_tokens_per_day=1.0).counts_texts


NOTHING = Cost(0.0, 0.0, 0)
BUDGETS = [
    "requests_per_minute",
    "tokens_per_minute",
    "distinct_per_day",
    "distinct_per_month",
    "output_tokens_per_day",
    "output_tokens_per_month",
]


@pytest.mark.parametrize("value", [0.0, -1.0, -0.0, math.nan])
@pytest.mark.parametrize("name", BUDGETS)
def test_a_budget_of_nothing_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValidationError, match=name):
        PlanSettings.model_validate({name: value})


@pytest.mark.parametrize("value", [0, -1])
def test_a_plan_of_no_exchange_in_flight_is_refused(value: int) -> None:
    with pytest.raises(ValidationError, match="concurrent"):
        PlanSettings(concurrent=value)


@pytest.mark.parametrize("name", BUDGETS)
def test_the_smallest_budget_is_a_long_wait_and_no_error(name: str) -> None:
    plan, buckets = PlanSettings.model_validate({name: 1e-3}), Buckets()
    (take,) = limits(plan, Cost(10.0, 10.0, 1))
    bucket, amount = take.bucket, take.amount
    assert buckets.wait("b", bucket, amount, 0.0) == 0, "more than all of it fits once"
    buckets.take("b", bucket, amount, 0.0)

    wait = buckets.wait("b", bucket, amount, 0.0)

    assert wait > 0
    assert buckets.wait("b", bucket, amount, wait + 1e-3) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(("days", "share"), [(-1.0, 0.1), (0.0, 0.1), (5.0, 0.55), (10.0, 1.0)])
def test_a_new_account_grows_into_its_plan(days: float, share: float) -> None:
    plan = PlanSettings(ramp_days=10.0, ramp_from=0.1)

    assert ramp(plan, days * DAY) == pytest.approx(share)
    assert ramp(PlanSettings(), days * DAY) == 1.0
    assert ramp(plan.model_copy(update={"verified": True}), days * DAY) == 1.0

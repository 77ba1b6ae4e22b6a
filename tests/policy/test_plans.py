import math

import pytest
from pydantic import ValidationError

from distillgate.account.bucket import Bucket, Buckets
from distillgate.policy.plans import PlanSettings, PlansSettings, limits


def test_plans_are_found_by_name_and_others_get_the_default() -> None:
    pro, default = PlanSettings(concurrent=9), PlanSettings(concurrent=1)
    plans = PlansSettings(default=default, named={"pro": pro})

    assert plans.of("pro") is pro
    assert plans.of("unheard-of") is default
    assert plans.of(None) is default
    assert plans.of("") is default


def test_a_plan_without_budgets_limits_nothing() -> None:
    assert limits(PlanSettings(), 1e9, 1e9) == []


def test_every_budget_is_a_bucket_with_what_the_exchange_takes() -> None:
    plan = PlanSettings(
        requests_per_minute=60.0, tokens_per_minute=9000.0, output_tokens_per_day=50_000.0
    )

    assert [(bucket, amount) for _, bucket, amount in limits(plan, 100.0, 30.0)] == [
        (Bucket(60.0, 60.0), 1.0),
        (Bucket(9000.0, 60.0), 130.0),
        (Bucket(50_000.0, 86_400.0), 30.0),
    ]
    assert len({name for name, _, _ in limits(plan, 0.0, 0.0)}) == 3


BUDGETS = ["requests_per_minute", "tokens_per_minute", "output_tokens_per_day"]


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
    ((_, bucket, amount),) = limits(plan, 10.0, 10.0)
    assert buckets.wait("b", bucket, amount, 0.0) == 0, "more than all of it fits once"
    buckets.take("b", bucket, amount, 0.0)

    wait = buckets.wait("b", bucket, amount, 0.0)

    assert wait > 0
    assert buckets.wait("b", bucket, amount, wait + 1e-3) == pytest.approx(0, abs=1e-3)

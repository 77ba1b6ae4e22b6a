"""What an account bought: declared budgets. Going past one is no suspicion and is not called so."""

from typing import NamedTuple

from pydantic import PositiveInt

from distillgate.account.bucket import Bucket
from distillgate.account.windows import DAY, MINUTE
from distillgate.settings import Positive, Settings


class PlanSettings(Settings):
    """One plan's budgets; null is unlimited."""

    requests_per_minute: Positive | None = None
    """Requests a minute, with one minute's worth of burst."""
    tokens_per_minute: Positive | None = None
    """Prompt and output tokens a minute, reserved when a request starts and settled at its end."""
    distinct_per_day: Positive | None = None
    """Different texts a day: what was answered before is free. A day begins with the first use."""
    distinct_per_month: Positive | None = None
    """Different texts in 30 days. What content cannot decide, this bounds."""
    output_tokens_per_day: Positive | None = None
    """Output tokens a day."""
    output_tokens_per_month: Positive | None = None
    """Output tokens in 30 days."""
    concurrent: PositiveInt | None = None
    """Exchanges in flight."""
    reserve: int = 512
    """Output tokens reserved for a request that names no maximum."""
    exempt: bool = False
    """Evidence is logged but never acted on: for declared customers who distil by contract."""

    @property
    def counts_texts(self) -> bool:
        """Whether different texts are told from repeats for this plan."""
        return self.distinct_per_day is not None or self.distinct_per_month is not None


class PlansSettings(Settings):
    """The plans by name."""

    default: PlanSettings = PlanSettings()
    """Accounts whose plan is not known or not listed."""
    named: dict[str, PlanSettings] = {}
    """Plans by the name the identity gives."""

    def of(self, name: str | None) -> PlanSettings:
        """Give an account's plan."""
        return self.named.get(name, self.default) if name else self.default


class Cost(NamedTuple):
    """What one exchange takes of its account's budgets."""

    prompt: float
    output: float
    fresh: bool
    """Its text was not answered before."""


_MONTH = 30 * DAY
BUDGETS = frozenset({"distinct day", "distinct month", "output day", "output month"})
"""The limits past which a plan is used up; the others are rates."""


def limits(plan: PlanSettings, cost: Cost) -> list[tuple[str, Bucket, float]]:
    """List the plan's limited quantities: name, bucket shape, and what this exchange takes."""
    tokens, fresh = cost.prompt + cost.output, float(cost.fresh)
    listed = (
        ("requests", plan.requests_per_minute, MINUTE, 1.0),
        ("tokens", plan.tokens_per_minute, MINUTE, tokens),
        ("distinct day", plan.distinct_per_day, DAY, fresh),
        ("distinct month", plan.distinct_per_month, _MONTH, fresh),
        ("output day", plan.output_tokens_per_day, DAY, cost.output),
        ("output month", plan.output_tokens_per_month, _MONTH, cost.output),
    )
    return [
        (name, Bucket(capacity, seconds, quota=name in BUDGETS), amount)
        for name, capacity, seconds, amount in listed
        if capacity is not None
    ]

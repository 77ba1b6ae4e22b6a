"""What an account bought: declared budgets. Going past one is no suspicion and is not called so."""

from pydantic import Field, PositiveInt

from distillgate.account.bucket import Bucket
from distillgate.account.windows import DAY, MINUTE
from distillgate.policy.charge import Debit
from distillgate.records import FrozenStruct
from distillgate.settings import Positive, Settings


class PlanSettings(Settings):
    """One plan's budgets; null is unlimited."""

    requests_per_minute: Positive | None = None
    """Requests a minute, with one minute's worth of burst."""
    tokens_per_minute: Positive | None = None
    """Prompt and output tokens a minute, reserved when a request starts and settled at its end."""
    distinct_per_day: Positive | None = None
    """Different texts a day: what was answered before is free. A day begins with the first use. Of
    a list of prompts or inputs each is a text, unless the same list was answered before."""
    distinct_per_month: Positive | None = None
    """Different texts in 30 days. What content cannot decide, this bounds."""
    output_tokens_per_day: Positive | None = None
    """Output tokens a day."""
    output_tokens_per_month: Positive | None = None
    """Output tokens in 30 days."""
    concurrent: PositiveInt | None = None
    """Exchanges in flight."""
    reserve: int = 512
    """Output tokens reserved for each answer of a request that names no maximum, or a negative one,
    which servers take for none. Answers that come to more lead into debt: where a budget must hold
    against many at once, name what such an answer may cost."""
    exempt: bool = False
    """Evidence is logged but never acted on: for declared customers who distil by contract."""

    verified: bool = False
    """Customers you know: never more than throttled, never below the whole floor of
    `policy.group_budget`, and trusted with the whole plan from the first day."""
    ramp_days: float = Field(default=0.0, ge=0)
    """Days in which a new account grows into the whole plan; 0 gives it at once."""
    ramp_from: float = Field(default=0.1, gt=0, le=1)
    """Share of the plan that an account begins with."""
    multi_tenant: bool = False
    """Its accounts act for many: each end user that requests name is scored alone, and budgets stay
    the account's."""

    @property
    def counts_texts(self) -> bool:
        """Return whether different texts are told from repeats for this plan."""
        return self.distinct_per_day is not None or self.distinct_per_month is not None


class PlansSettings(Settings):
    """The plans by name."""

    default: PlanSettings = PlanSettings()
    """Accounts whose plan is not known or not listed."""
    named: dict[str, PlanSettings] = {}
    """Plans by the name the identity gives."""

    def of(self, name: str | None) -> PlanSettings:
        """Return an account's plan."""
        return self.named.get(name, self.default) if name else self.default


class Cost(FrozenStruct, frozen=True):
    """What one exchange takes of its account's budgets."""

    prompt: float
    output: float
    texts: int
    """How many texts it asks about that were not answered before."""

    def of(self, name: str) -> float:
        """Return how much it takes of a limit, a floor or a pool by its name."""
        if name == "requests":
            return 1.0
        if name == "tokens":
            return self.prompt + self.output
        return float(self.texts) if name.startswith("distinct") else self.output


def spacing(bucket: Bucket, amount: float) -> float:
    """Return the seconds in which so much comes back; 0 where all comes back at once."""
    if bucket.quota:
        return 0.0
    return min(amount, bucket.capacity) * bucket.seconds / bucket.capacity


_MONTH = 30 * DAY
BUDGETS = frozenset({"distinct day", "distinct month", "output day", "output month"})
"""The limits past which a plan is used up; the others are rates."""


def ramp(plan: PlanSettings, age: float) -> float:
    """Return the share of its plan that an account known for `age` seconds has, in (0, 1]."""
    if plan.verified or not plan.ramp_days or age >= plan.ramp_days * DAY:
        return 1.0
    return plan.ramp_from + (1 - plan.ramp_from) * max(0.0, age) / (plan.ramp_days * DAY)


def limits(plan: PlanSettings, cost: Cost, share: float = 1.0) -> list[Debit]:
    """List what an exchange takes of the plan's limited quantities.

    `share` is how much of the plan the account has (`ramp`).
    """
    listed = (
        ("requests", plan.requests_per_minute, MINUTE),
        ("tokens", plan.tokens_per_minute, MINUTE),
        ("distinct day", plan.distinct_per_day, DAY),
        ("distinct month", plan.distinct_per_month, _MONTH),
        ("output day", plan.output_tokens_per_day, DAY),
        ("output month", plan.output_tokens_per_month, _MONTH),
    )
    return [
        Debit(name, Bucket(capacity * share, seconds, quota=name in BUDGETS), cost.of(name))
        for name, capacity, seconds in listed
        if capacity is not None
    ]

"""What an account bought: declared budgets. Going past one is no suspicion and is not called so."""

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
    output_tokens_per_day: Positive | None = None
    """Output tokens a day."""
    concurrent: PositiveInt | None = None
    """Exchanges in flight."""
    reserve: int = 512
    """Output tokens reserved for a request that names no maximum."""
    exempt: bool = False
    """Evidence is logged but never acted on: for declared customers who distil by contract."""


class PlansSettings(Settings):
    """The plans by name."""

    default: PlanSettings = PlanSettings()
    """Accounts whose plan is not known or not listed."""
    named: dict[str, PlanSettings] = {}
    """Plans by the name the identity gives."""

    def of(self, name: str | None) -> PlanSettings:
        """Give an account's plan."""
        return self.named.get(name, self.default) if name else self.default


def limits(plan: PlanSettings, prompt: float, output: float) -> list[tuple[str, Bucket, float]]:
    """List the plan's limited quantities: name, bucket shape, and what this exchange takes."""
    found = []
    if plan.requests_per_minute is not None:
        found.append(("requests", Bucket(plan.requests_per_minute, MINUTE), 1.0))
    if plan.tokens_per_minute is not None:
        found.append(("tokens", Bucket(plan.tokens_per_minute, MINUTE), prompt + output))
    if plan.output_tokens_per_day is not None:
        found.append(("output", Bucket(plan.output_tokens_per_day, DAY), output))
    return found

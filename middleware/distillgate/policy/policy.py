"""The stage: Risk -> Decision, within plans, exemptions and pardons."""

from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket, Buckets
from distillgate.account.windows import HOUR, MINUTE
from distillgate.policy.decision import BUDGET, Action, Decision, Reason
from distillgate.policy.exemptions import Exemption, exemption
from distillgate.policy.ladder import LadderSettings, rung
from distillgate.policy.plans import BUDGETS, Cost, PlanSettings, PlansSettings, limits
from distillgate.risk.fuse import Risk
from distillgate.settings import Positive, Settings
from distillgate.wire.exchange import Exchange


class ThrottleSettings(Settings):
    """What a throttled account still gets."""

    requests_per_minute: Positive = 1.0
    """Requests a minute that pass; the rest is told when to come back."""
    max_wait: float = 120.0
    """Longest wait told, in seconds: the OpenAI SDK gives up on longer ones."""
    jitter: float = 0.25
    """Share by which a wait is lengthened at random, so that budgets cannot be read off."""


class PolicySettings(Settings):
    """What may be done, to whom."""

    plans: PlansSettings = PlansSettings()
    """What accounts bought."""
    ladder: LadderSettings = LadderSettings()
    """From risk to action."""
    throttle: ThrottleSettings = ThrottleSettings()
    """How throttling feels."""
    exemptions: list[Exemption] = []
    """Who is left alone."""


class Reservation(NamedTuple):
    """What an exchange holds of its account's budgets until it is settled."""

    cost: Cost
    plan: PlanSettings


_SUSPECT = "suspect"


def decide(
    exchange: Exchange, account: Account, risk: Risk, now: float, settings: PolicySettings
) -> Decision:
    """Say what becomes of an exchange by its risk; budgets come after (`admit`)."""
    decision = Decision(
        account=exchange.account,
        risk=risk.total,
        families=risk.families,
        reasons=tuple(Reason(s.name, s.family.value, s.llr, s.text) for s in risk.signals),
    )
    action = rung(risk, settings.ladder)
    covered = exemption(exchange, settings.exemptions, now)
    if covered is not None or settings.plans.of(exchange.plan).exempt:
        decision.action = min(action, Action.OBSERVE)
        decision.code = "exempt"
        return decision
    ladder = settings.ladder
    if action.restricts:
        account.held_until = now + ladder.hold_hours * HOUR
    elif now < account.held_until and risk.total >= ladder.release:
        action = Action.THROTTLE
    if action.restricts:
        decision.code = "suspected_extraction"
        decision.expires = account.held_until
    decision.action = action
    return decision


def admit(
    decision: Decision,
    exchange: Exchange,
    account: Account,
    prompt: float,
    now: float,
    settings: PolicySettings,
    *,
    fresh: bool = True,
) -> Reservation | None:
    """Reserve an exchange's share of its budgets, or tell it in `decision` when to come back.

    `fresh` says that its text was not answered before (`policy.sightings`).
    """
    plan = settings.plans.of(exchange.plan)
    asked = exchange.request.parameters
    answers = max(1, asked.n or 1, asked.best_of or 1)
    cost = Cost(prompt, float(max(0, asked.max_tokens or plan.reserve) * answers), fresh)
    taken = limits(plan, cost)
    if decision.action.restricts:
        rate = settings.throttle.requests_per_minute
        taken.append((_SUSPECT, Bucket(1.0, MINUTE / rate), 1.0))
    if taken and account.buckets is None:
        account.buckets = Buckets()
    wait, name = _wait(account, taken, now)
    if plan.concurrent is not None and account.in_flight >= plan.concurrent:
        wait = max(wait, 1.0)
    if wait > 0:
        if decision.action < Action.THROTTLE:
            decision.action = Action.THROTTLE
            decision.code = BUDGET if name in BUDGETS else "rate_limit_exceeded"
        decision.retry_after = min(
            wait * (1 + _jitter(exchange, settings)), settings.throttle.max_wait
        )
        return None
    if account.buckets is not None:
        for name, bucket, amount in taken:
            account.buckets.take(name, bucket, amount, now)
    account.in_flight += 1
    return Reservation(cost, plan)


def _wait(
    account: Account, taken: list[tuple[str, Bucket, float]], now: float
) -> tuple[float, str]:
    """Give the longest wait until everything fits, and for what."""
    if account.buckets is None:
        return 0.0, ""
    waits = ((account.buckets.wait(n, b, a, now), n) for n, b, a in taken)
    return max(waits, default=(0.0, ""))


def settle(
    reservation: Reservation,
    account: Account,
    prompt: float | None,
    output: float | None,
    now: float,
) -> None:
    """Replace what was reserved by what was used; what is not known stays as reserved."""
    account.in_flight -= 1
    if account.buckets is None:
        return
    was = reservation.cost
    used = was._replace(
        prompt=was.prompt if prompt is None else prompt,
        output=was.output if output is None else output,
    )
    held, final = limits(reservation.plan, was), limits(reservation.plan, used)
    for (name, bucket, before), (_, _, after) in zip(held, final, strict=True):
        if after != before:
            account.buckets.take(name, bucket, after - before, now)


def _jitter(exchange: Exchange, settings: PolicySettings) -> float:
    # The core has no dice; a request's reference is random enough, and a replay repeats it.
    return settings.throttle.jitter * (sum(exchange.id.encode()) % 64) / 64

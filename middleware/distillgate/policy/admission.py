"""Lets an exchange in as far as budgets reach: its plan's, and, where restricted, its actor's."""

from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket, Buckets
from distillgate.policy.decision import BUDGET, Action, Decision
from distillgate.policy.draw import Draw
from distillgate.policy.enforcement import spared
from distillgate.policy.group_budget import Hold, Pool, floor, reserve
from distillgate.policy.plans import BUDGETS, Cost, PlanSettings, limits, ramp
from distillgate.policy.policy import PolicySettings
from distillgate.policy.throttle import plan_wait, suspect_wait
from distillgate.wire.exchange import Exchange


class Parties(NamedTuple):
    """Whom an exchange concerns: who is scored, who pays, and the pools of whom it acts with."""

    account: Account
    payer: Account
    """Whose plan is charged: the account itself, or the one it is an end user of."""
    pools: tuple[Pool, ...] = ()


class Reservation(NamedTuple):
    """What an exchange holds of budgets until it is settled."""

    parties: Parties
    cost: Cost
    plan: PlanSettings
    trust: float = 1.0
    """The share of the plan that the account has grown into."""
    hold: Hold | None = None
    """What it holds of its actor's budget."""


def cost_of(exchange: Exchange, prompt: float, plan: PlanSettings, *, fresh: bool) -> Cost:
    """Say the most that an exchange may come to.

    `fresh` says that its text was not answered before (`policy.sightings`).
    """
    asked = exchange.request.parameters
    answers = max(1, asked.n or 1, asked.best_of or 1)
    return Cost(prompt, float(max(0, asked.max_tokens or plan.reserve) * answers), fresh)


class Admission:
    """Admits exchanges, or tells them in their decision when to come back."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw

    def spare(self, decision: Decision, parties: Parties, settings: PolicySettings) -> None:
        """Settle whether a restriction is acted on, and count it."""
        decision.spared = spared(parties.account, parties.pools, self._draw, settings.enforcement)
        for pool in parties.pools:
            pool.restricted += 1

    def admit(
        self,
        decision: Decision,
        exchange: Exchange,
        parties: Parties,
        cost: Cost,
        now: float,
        settings: PolicySettings,
    ) -> Reservation | None:
        """Reserve an exchange's share of its budgets, or say in `decision` when to come back."""
        plan, payer = settings.plans.of(exchange.plan), parties.payer
        known = exchange.attributes.created or payer.created or payer.first_seen
        trust = ramp(plan, now - known)
        taken = limits(plan, cost, trust)
        wait, name = _wait(payer, plan, taken, now)
        if wait > 0:
            if decision.spared or not decision.action.restricts:
                decision.action, decision.spared = Action.THROTTLE, ""
                decision.code = BUDGET if name in BUDGETS else "rate_limit_exceeded"
            decision.retry_after = plan_wait(wait, exchange, self._draw, settings.throttle)
            return None
        hold = None
        if decision.action.restricts and not decision.spared:
            hold = _restricted(decision, plan, parties, cost.output, now, settings)
            if hold is None:
                told = suspect_wait(exchange, now, self._draw, settings.throttle)
                decision.retry_after, decision.delay = told
                return None
        if taken and payer.buckets is None:
            payer.buckets = Buckets()
        if payer.buckets is not None:
            for name, bucket, amount in taken:
                payer.buckets.take(name, bucket, amount, now)
        for party in _both(parties):
            party.in_flight += 1
        return Reservation(parties, cost, plan, trust, hold)


def settle(
    reservation: Reservation, prompt: float | None, output: float | None, now: float
) -> None:
    """Replace what was reserved by what was used; what is not known stays as reserved."""
    parties, cost = reservation.parties, reservation.cost
    for party in _both(parties):
        party.in_flight -= 1
    if reservation.hold is not None:
        reservation.hold.settle(output, now)
    buckets = parties.payer.buckets
    if buckets is None:
        return
    used = cost._replace(
        prompt=cost.prompt if prompt is None else prompt,
        output=cost.output if output is None else output,
    )
    plan, trust = reservation.plan, reservation.trust
    held, final = limits(plan, cost, trust), limits(plan, used, trust)
    for (name, bucket, before), (_, _, after) in zip(held, final, strict=True):
        if after != before:
            buckets.take(name, bucket, after - before, now)


def _wait(
    payer: Account, plan: PlanSettings, taken: list[tuple[str, Bucket, float]], now: float
) -> tuple[float, str]:
    """Give the longest wait until everything fits, and for what."""
    wait, name = 0.0, ""
    if payer.buckets is not None:
        waits = ((payer.buckets.wait(n, b, a, now), n) for n, b, a in taken)
        wait, name = max(waits, default=(0.0, ""))
    if plan.concurrent is not None and payer.in_flight >= plan.concurrent:
        wait = max(wait, 1.0)
    return wait, name


def _restricted(
    decision: Decision,
    plan: PlanSettings,
    parties: Parties,
    output: float,
    now: float,
    settings: PolicySettings,
) -> Hold | None:
    """Reserve what a restricted exchange takes of its actor's budget."""
    if parties.account.in_flight >= settings.throttle.concurrent:
        return None
    left = floor(decision.risk, decision.action, settings.ladder, settings.group_budget)
    if plan.verified:
        left = 1.0
    return reserve(parties.account, parties.pools, output, left, now, settings.group_budget)


def _both(parties: Parties) -> tuple[Account, ...]:
    """Give the parties, each once: mostly they are one."""
    account, payer, _ = parties
    return (account,) if account is payer else (account, payer)

"""Letting an exchange in as far as budgets reach: its plan's, and, where restricted, its actor's.

Admitting takes nothing yet: it says what is to be taken, and of whom (`policy.ledger`).
"""

from typing import NamedTuple

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.policy.charge import Debit
from distillgate.policy.decision import BUDGET, Action, Ruling
from distillgate.policy.directives import ORDERED
from distillgate.policy.enforcement import KeyedRandom, not_enforced
from distillgate.policy.group_budget import Left, floor, offers
from distillgate.policy.ledger import Ledger, Reservation
from distillgate.policy.parties import Parties
from distillgate.policy.plans import BUDGETS, Cost, PlanSettings, limits, ramp, spacing
from distillgate.policy.policy import PolicySettings
from distillgate.policy.throttle import ThrottleSettings, Turn, deal
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Output

_LONGEST, _MOST_TOKENS = 1 << 22, 1 << 40
"""Output tokens held for one answer, and for one exchange, at most. No answer is so long, but
anybody may ask for more: an exchange that is charged what it held, since nobody knows what it came
to, would use up a rate for years; from 2**53 on the rest would be rounded away when it is given
back."""


class Admitted(NamedTuple):
    """What an exchange holds, or when it may come back."""

    ruling: Ruling
    reservation: Reservation | None = None
    retry_after: float | None = None
    """Seconds; None where it was let in."""
    limit: str = ""
    """The limit of its plan that is used up, by name; empty: none is."""


def cost_of(exchange: Exchange, prompt: float, plan: PlanSettings, *, fresh: bool) -> Cost:
    """Return the most that an exchange may come to.

    `fresh` says that its text was not answered before (`policy.answered_texts`); of a list of
    prompts, each is a text, and each is answered `n` times.
    """
    request, asked = exchange.request, exchange.request.parameters
    answers = max(1, asked.n or 1, asked.best_of or 1)
    if request.operation.output is Output.TEXT:
        answers *= request.prompts
    named = asked.max_tokens if asked.max_tokens is not None else 0
    # A limit that is negative or zero is none: llama.cpp, Ollama and others take it for that.
    output = min(_MOST_TOKENS, min(_LONGEST, named if named > 0 else plan.reserve) * answers)
    return Cost(prompt, float(output), request.prompts if fresh else 0)


class Admission:
    """Admits exchanges, or tells them in their decision when to come back."""

    def __init__(self, draw: KeyedRandom, ledger: Ledger) -> None:
        self._draw = draw
        self.ledger = ledger

    def restrain(self, ruling: Ruling, parties: Parties, settings: PolicySettings) -> Ruling:
        """Settle whether a restriction is acted on."""
        if ruling.decided_by.startswith(ORDERED):
            return ruling
        held, how = ruling.decided_by == "hold", settings.enforcement
        why = not_enforced(parties.account, parties.pools, self._draw, how, held=held)
        return replace(ruling, not_enforced=why)

    def admit(
        self,
        ruling: Ruling,
        exchange: Exchange,
        parties: Parties,
        cost: Cost,
        now: float,
        settings: PolicySettings,
    ) -> Admitted:
        """Find an exchange's share of its budgets, or when it may come back."""
        plan, payer, throttle = parties.plan, parties.payer, settings.throttle
        known = exchange.attributes.created or payer.created or payer.first_seen
        trust = ramp(plan, now - known)
        debits = limits(plan, cost, trust)
        turn, name = self._turn(parties, debits, now, throttle)
        acted_on = ruling.action.restricts and not ruling.not_enforced
        if turn.wait > 0:
            if not acted_on:
                code = BUDGET if name in BUDGETS else "rate_limit_exceeded"
                ruling = replace(ruling, action=Action.THROTTLE, code=code, not_enforced="")
            wait = self._deal(payer, turn, exchange, now, throttle)
            return Admitted(ruling, None, wait, name or "concurrent")
        if acted_on:
            hold = self._restricted(ruling, parties, cost.output, now, settings)
            if hold is None:
                turn = self._as_if_full(payer, debits, now, throttle)
                return Admitted(ruling, None, self._deal(payer, turn, exchange, now, throttle))
            debits.append(hold)
        return Admitted(ruling, self.ledger.hold(parties, cost, debits, now))

    def _turn(
        self, parties: Parties, debits: list[Debit], now: float, settings: ThrottleSettings
    ) -> tuple[Turn, str]:
        """Return the longest wait until everything fits, and for what."""
        turn, name, concurrent = _AT_ONCE, "", parties.plan.concurrent
        if debits:
            wait = self.ledger.wait
            turn, name = max(
                (Turn(wait(one, parties, now), spacing(one.bucket, one.amount)), one.name)
                for one in debits
            )
        if concurrent is not None and self.ledger.in_flight(parties.payer) >= concurrent:
            turn = max(turn, Turn(settings.spacing, settings.spacing))
        return turn, name

    def _as_if_full(
        self, payer: Account, debits: list[Debit], now: float, settings: ThrottleSettings
    ) -> Turn:
        """Return the turn that the plan's rates would deal if they were used up just now."""
        apart = max((spacing(one.bucket, one.amount) for one in debits), default=0.0)
        if not apart:
            return Turn(settings.spacing, settings.spacing)
        # Whoever calls at a plan's rate comes at any moment between two turns.
        return Turn(apart * (1 - self._draw.share("turn", payer.name, now)), apart)

    def _deal(
        self, payer: Account, turn: Turn, exchange: Exchange, now: float, how: ThrottleSettings
    ) -> float:
        chance = how.jitter * self._draw.share("jitter", payer.name, exchange.id, now)
        return deal(self.ledger.presence(payer, now), turn, now, chance, how.max_wait)

    def _restricted(
        self,
        ruling: Ruling,
        parties: Parties,
        output: float,
        now: float,
        settings: PolicySettings,
    ) -> Debit | None:
        """Find what a restricted exchange takes of its actor's budget."""
        if self.ledger.in_flight(parties.account) >= settings.throttle.concurrent:
            return None
        own = floor(ruling.risk, ruling.action, settings.ladder, settings.group_budget)
        left = Left(1.0 if parties.plan.verified else own, parties.refill)
        for debit in offers(output, left, settings.group_budget):
            if self.ledger.wait(debit, parties, now) <= 0:
                return debit
        return None


_AT_ONCE = Turn(0.0, 0.0)

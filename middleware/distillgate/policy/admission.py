"""Letting an exchange in as far as budgets reach: its plan's, and, where restricted, its actor's.

Admitting takes nothing yet: it says what is to be taken (`policy.charge`), and by whom it is.
"""

from typing import NamedTuple

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.bucket import Buckets
from distillgate.account.history import remember
from distillgate.fingerprint.observation import Party
from distillgate.policy.charge import FLOOR, POOL, AccountStatus, Charge, Debit, Pending
from distillgate.policy.decision import BUDGET, Action, Ruling
from distillgate.policy.directives import ORDERED
from distillgate.policy.enforcement import not_enforced
from distillgate.policy.group_budget import Left, floor, reserve
from distillgate.policy.keyed_random import KeyedRandom
from distillgate.policy.parties import Parties
from distillgate.policy.plans import BUDGETS, Cost, PlanSettings, limits, ramp, spacing
from distillgate.policy.policy import PolicySettings
from distillgate.policy.throttle import Presence, ThrottleSettings, Turn, deal
from distillgate.wire.exchange import Exchange
from distillgate.wire.operation import Output

_MOST_TOKENS = 1 << 40
"""Output tokens held for one exchange at most. No answer is so long, but anybody may ask for more;
from 2**53 on what it came to would be rounded away when the rest is given back."""


class Reservation(NamedTuple):
    """What an exchange holds of budgets until it is settled."""

    parties: Parties
    cost: Cost
    plan: PlanSettings
    trust: float = 1.0
    """The share of the plan that the account has grown into."""
    hold: Debit | None = None
    """What it holds of its actor's budget."""
    takes: tuple[Debit, ...] = ()
    """What is to be taken of budgets for it."""


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
    output = min(_MOST_TOKENS, (named if named > 0 else plan.reserve) * answers)
    return Cost(prompt, float(output), request.prompts if fresh else 0)


class Admission:
    """Admits exchanges, or tells them in their decision when to come back."""

    def __init__(self, draw: KeyedRandom) -> None:
        self._draw = draw
        self.pending = Pending()
        self._here: dict[str, Presence] = {}
        """What of accounts is this process's alone, by name."""

    def restrain(self, ruling: Ruling, parties: Parties, settings: PolicySettings) -> Ruling:
        """Settle whether a restriction is acted on."""
        if ruling.decided_by.startswith(ORDERED):
            return ruling
        held, how = ruling.decided_by == "hold", settings.enforcement
        why = not_enforced(parties.account, parties.pools, self._draw, how, held=held)
        return ruling._replace(not_enforced=why)

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
        turn, name = self._turn(payer, plan, debits, now, throttle)
        acted_on = ruling.action.restricts and not ruling.not_enforced
        if turn.wait > 0:
            if not acted_on:
                code = BUDGET if name in BUDGETS else "rate_limit_exceeded"
                ruling = ruling._replace(action=Action.THROTTLE, code=code, not_enforced="")
            wait = self._deal(payer, turn, exchange, now, throttle)
            return Admitted(ruling, None, wait, name or "concurrent")
        hold = None
        if acted_on:
            hold = self._restricted(ruling, parties, cost.output, now, settings)
            if hold is None:
                turn = self._as_if_full(payer, debits, now, throttle)
                return Admitted(ruling, None, self._deal(payer, turn, exchange, now, throttle))
        for party in _both(parties):
            self._presence(party).in_flight += 1
        held = debits if hold is None else [*debits, hold]
        return Admitted(ruling, Reservation(parties, cost, plan, trust, hold, tuple(held)))

    def in_flight(self, account: Account) -> int:
        """Return how many of an account's exchanges are under way in this process."""
        return self._here.get(account.name, _AWAY).in_flight

    def settle(
        self, reservation: Reservation, prompt: float | None, output: float | None
    ) -> tuple[Debit, ...]:
        """End an exchange: return what it takes beyond what was reserved, or gives back of it."""
        self.leave(reservation)
        return owed(reservation, prompt, output)

    def leave(self, reservation: Reservation) -> None:
        """Count an exchange as in flight no more."""
        for party in _both(reservation.parties):
            here = self._presence(party)
            here.in_flight -= 1
            if not here.in_flight and not here.turn:
                del self._here[party.name]

    def _presence(self, account: Account) -> Presence:
        here = self._here.get(account.name)
        if here is None:
            here = self._here[account.name] = Presence()
        return here

    def _turn(
        self,
        payer: Account,
        plan: PlanSettings,
        taken: list[Debit],
        now: float,
        settings: ThrottleSettings,
    ) -> tuple[Turn, str]:
        """Return the longest wait until everything fits, and for what."""
        turn, name = _AT_ONCE, ""
        if taken:
            used, pending = payer.buckets or _UNUSED, self.pending
            turn, name = max(
                (Turn(used.wait(t.name, t.bucket, t.amount, now, pending.of(payer.name, t.name)),
                      spacing(t.bucket, t.amount)), t.name)
                for t in taken
            )  # fmt: skip
        if plan.concurrent is not None and self.in_flight(payer) >= plan.concurrent:
            turn = max(turn, Turn(settings.spacing, settings.spacing))
        return turn, name

    def _as_if_full(
        self, payer: Account, taken: list[Debit], now: float, settings: ThrottleSettings
    ) -> Turn:
        """Return the turn that the plan's rates would deal if they were used up just now."""
        apart = max((spacing(take.bucket, take.amount) for take in taken), default=0.0)
        if not apart:
            return Turn(settings.spacing, settings.spacing)
        # Whoever calls at a plan's rate comes at any moment between two turns.
        return Turn(apart * (1 - self._draw.share("turn", payer.name, now)), apart)

    def _deal(
        self, payer: Account, turn: Turn, exchange: Exchange, now: float, how: ThrottleSettings
    ) -> float:
        chance = how.jitter * self._draw.share("jitter", payer.name, exchange.id, now)
        if len(self._here) > _HERE:
            gone = [n for n, one in self._here.items() if not one.in_flight and one.turn < now]
            for name in gone:
                del self._here[name]
        return deal(self._presence(payer), turn, now, chance, how.max_wait)

    def _restricted(
        self,
        ruling: Ruling,
        parties: Parties,
        output: float,
        now: float,
        settings: PolicySettings,
    ) -> Debit | None:
        """Find what a restricted exchange takes of its actor's budget."""
        account, pools = parties.account, parties.pools
        if self.in_flight(account) >= settings.throttle.concurrent:
            return None
        own = floor(ruling.risk, ruling.action, settings.ladder, settings.group_budget)
        left = Left(1.0 if parties.plan.verified else own, parties.refill)
        return reserve(account, pools, output, left, now, settings.group_budget, self.pending)


_UNUSED = Buckets()
_AT_ONCE = Turn(0.0, 0.0)
_AWAY = Presence()
_HERE = 10_000
"""Accounts that were dealt a turn, beyond which those whose turn is over are forgotten."""


def owed(reservation: Reservation, prompt: float | None, output: float | None) -> tuple[Debit, ...]:
    """Return what an exchange that came to so much takes beyond what it holds.

    What is not known stays as reserved.
    """
    _, cost, plan, trust, hold, takes = reservation
    if not takes:
        return ()
    used = cost._replace(
        prompt=cost.prompt if prompt is None else prompt,
        output=cost.output if output is None else output,
    )
    final = limits(plan, used, trust)
    if hold is not None:
        final.append(replace(hold, amount=used.output))
    pairs = zip(takes, final, strict=True)
    return tuple(
        replace(after, amount=after.amount - before.amount)
        for before, after in pairs
        if after.amount != before.amount
    )


def charge(
    parties: Parties,
    now: float,
    takes: tuple[Debit, ...],
    sighting: int | None = None,
    standing: AccountStatus | None = None,
) -> Charge:
    """Make a charge of what the parties to an exchange are to be charged."""
    account = parties.account
    keys = tuple(pool.key for pool in parties.pools)
    whose = party(account, account.plan)
    return Charge(now, whose, paying(parties), takes, keys, sighting, standing)


def take(charge: Charge, parties: Parties, now: float) -> None:
    """Take what an exchange is charged, and let its decision stand."""
    account, payer, pools = parties.account, parties.payer, parties.pools
    if charge.standing is not None:
        standing = charge.standing
        account.risk, account.held_until = standing.risk, standing.held_until
        account.restriction = standing.restriction
        if standing.event is not None:
            account.history = remember(account.history, standing.event)
        for pool in pools:
            pool.restricted += 1
    for one in charge.takes:
        name, bucket, amount = one.name, one.bucket, one.amount
        if name == POOL:
            for pool in pools:
                pool.buckets.take(name, bucket, amount, now)
            continue
        owner = account if name == FLOOR else payer
        owner.buckets = owner.buckets or Buckets()
        owner.buckets.take(name, bucket, amount, now)


def party(account: Account, plan: str | None) -> Party:
    """Name an account as entries do."""
    return Party(account.name, account.principal, plan, account.first_seen)


def paying(parties: Parties) -> Party | None:
    """Name who pays, where that is another account."""
    account, payer = parties.account, parties.payer
    return party(payer, payer.plan) if payer is not account else None


def _both(parties: Parties) -> tuple[Account, ...]:
    """Return the parties, each once: mostly they are one."""
    account, payer = parties.account, parties.payer
    return (account,) if account is payer else (account, payer)

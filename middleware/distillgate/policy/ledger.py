"""The one ledger of debits: what is charged to whom, held until it is known, and given back.

An exchange that is let in holds debits (`Reservation`). They are handed out as a charge, and booked
in the buckets of whom they concern, in the order of the log. When it is known what the exchange
came to, at its end or when an answer that was awaited is fetched, the difference is charged, or
given back, in the same way.
"""

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.bucket import Buckets
from distillgate.account.history import remember
from distillgate.policy.charge import FLOOR, POOL, AccountStatus, Charge, Debit
from distillgate.policy.group_budget import Pool
from distillgate.policy.parties import Parties, party, paying
from distillgate.policy.plans import Cost
from distillgate.policy.throttle import Presence
from distillgate.records import FrozenStruct
from distillgate.wire.exchange import Outcome

_Owner = TypeVar("_Owner")


class Reservation(FrozenStruct, frozen=True):
    """What an exchange holds of budgets until it is settled."""

    parties: Parties
    cost: Cost
    at: float
    """When it was reserved."""
    debits: tuple[Debit, ...] = ()

    def settle(self, outcome: Outcome, now: float, *, late: bool = False) -> tuple[Debit, ...]:
        """Return what an exchange takes beyond what it holds, or gives back of it.

        Nothing is given back to a quota whose period is another one by now. Of what was held
        `late`, for an answer that was awaited, what came back to its bucket meanwhile is not given
        back again, or a reservation would grow by being left alone.
        """
        cost = self.came_to(outcome)
        changes = [
            replace(debit, amount=change)
            for debit in self.debits
            if (change := cost.of(debit.name) - debit.amount)
        ]
        settled = [one if one.amount > 0 else self._back(one, now, late=late) for one in changes]
        return tuple([one for one in settled if one.amount])

    def came_to(self, outcome: Outcome) -> Cost:
        """Return what an exchange cost; what is not known stays as reserved.

        An answer that was cancelled without a usage was made all the same.
        """
        prompt, output = outcome.prompt_tokens, float(outcome.output_tokens)
        untold = outcome.missed or outcome.finish_reason == "cancelled"
        if untold and outcome.completion_tokens is None:
            output = max(output, self.cost.output)
        return replace(
            self.cost, prompt=self.cost.prompt if prompt is None else prompt, output=output
        )

    def _back(self, debit: Debit, now: float, *, late: bool) -> Debit:
        """Return what is given back of a debit."""
        bucket = debit.bucket
        if bucket.quota:
            return debit if self._same_period(debit, now) else replace(debit, amount=0.0)
        meanwhile = (now - self.at) * bucket.capacity / bucket.seconds if late else 0.0
        return replace(debit, amount=min(0.0, debit.amount + meanwhile))

    def _same_period(self, debit: Debit, now: float) -> bool:
        """Return whether a quota's period is still the one in which it was reserved."""
        buckets, seconds = self.parties.payer.buckets, debit.bucket.seconds  # no floor's, no pool's
        since = None if buckets is None else buckets.since(debit.name)
        if since is None or self.at - since >= seconds:
            since = self.at  # what began the period is handed out, and not booked yet
        return since <= self.at and now - since < seconds


class Ledger:
    """What one process holds and has handed out, beside the buckets, which all of them share."""

    def __init__(self) -> None:
        self._here: dict[str, Presence] = {}
        """What of accounts is this process's alone, by name."""
        self._swept_at = _HERE
        """Accounts in `_here` beyond which those whose turn is over are forgotten."""
        self._handed: dict[tuple[str, str], tuple[int, float]] = {}
        """Debits that are handed out and not booked yet: how many, and how much in all."""

    def wait(self, debit: Debit, parties: Parties, now: float) -> float:
        """Return the seconds until a debit fits all whom it concerns; 0 where it fits now."""
        name, wait = debit.name, 0.0
        for owner in _owners(debit, parties):
            handed = self._handed.get((owner.name, name), _NONE)[1] if self._handed else 0.0
            used = owner.buckets or _UNUSED
            wait = max(wait, used.wait(name, debit.bucket, debit.amount, now, handed))
        return wait

    def hold(
        self, parties: Parties, cost: Cost, debits: Sequence[Debit], now: float
    ) -> Reservation:
        """Reserve for an exchange, which is in flight from now on."""
        for one in _both(parties):
            self.presence(one).in_flight += 1
        return Reservation(parties, cost, now, tuple(debits))

    def release(self, reservation: Reservation) -> None:
        """Count an exchange as in flight no more."""
        for one in _both(reservation.parties):
            here = self.presence(one)
            here.in_flight -= 1
            if not here.in_flight and not here.turn:
                del self._here[one.name]

    def in_flight(self, account: Account) -> int:
        """Return how many of an account's exchanges are under way in this process."""
        return self._here.get(account.name, _AWAY).in_flight

    def presence(self, account: Account, now: float | None = None) -> Presence:
        """Return what of an account is this process's alone; `now` lets go of turns that passed."""
        if now is not None and len(self._here) > self._swept_at:
            self._sweep(now)
        here = self._here.get(account.name)
        if here is None:
            here = self._here[account.name] = Presence()
        return here

    def _sweep(self, now: float) -> None:
        """Forget accounts whose turn is over; come again when there are twice as many as stay.

        Every account of a campaign is dealt a turn: a look at 30,000 takes 1 ms.
        """
        gone = [n for n, one in self._here.items() if not one.in_flight and one.turn < now]
        for name in gone:
            del self._here[name]
        self._swept_at = max(_HERE, 2 * len(self._here))

    def hand(self, charge: Charge, sign: int = 1) -> None:
        """Count a charge's debits as handed out, or (`sign` -1) as no more."""
        account = charge.account.name
        payer = account if charge.payer is None else charge.payer.name
        for debit in charge.takes:
            for owner in _concerned(debit.name, account, payer, charge.pools):
                key = owner, debit.name
                count, amount = self._handed.get(key, _NONE)
                if count + sign:
                    self._handed[key] = count + sign, amount + sign * debit.amount
                else:
                    self._handed.pop(key, None)


_UNUSED = Buckets()
_AWAY = Presence()
_NONE = (0, 0.0)
_HERE = 10_000
"""Accounts of which something is this process's alone, before any are forgotten."""


def charge(
    parties: Parties,
    now: float,
    debits: tuple[Debit, ...],
    sighting: int | None = None,
    standing: AccountStatus | None = None,
) -> Charge:
    """Make a charge of what the parties to an exchange are to be charged."""
    account = parties.account
    keys = tuple([pool.key for pool in parties.pools])
    whose = party(account, account.plan)
    return Charge(now, whose, paying(parties), debits, keys, sighting, standing)


def book(charge: Charge, parties: Parties, now: float) -> None:
    """Take what an exchange is charged, and let its decision stand."""
    account = parties.account
    if charge.standing is not None:
        standing = charge.standing
        account.risk, account.held_until = standing.risk, standing.held_until
        account.restriction = standing.restriction
        if standing.event is not None:
            account.history = remember(account.history, standing.event)
        for pool in parties.pools:
            pool.restricted += 1
    for debit in charge.takes:
        for owner in _owners(debit, parties):
            owner.buckets = owner.buckets or Buckets()
            owner.buckets.take(debit.name, debit.bucket, debit.amount, now)


def _owners(debit: Debit, parties: Parties) -> Sequence[Account | Pool]:
    return _concerned(debit.name, parties.account, parties.payer, parties.pools)


def _concerned(
    name: str, account: _Owner, payer: _Owner, pools: Sequence[_Owner]
) -> Sequence[_Owner]:
    """Return whose bucket a debit of this name is of."""
    if name == POOL:
        return pools
    return (account,) if name == FLOOR else (payer,)


def _both(parties: Parties) -> tuple[Account, ...]:
    """Return the parties, each once: mostly they are one."""
    account, payer = parties.account, parties.payer
    return (account,) if account is payer else (account, payer)

"""The only file that wires the stages. Pure: the surfaces bring the bytes and the time.

An exchange goes `begin` -> (`plan`) -> `finish`. `begin` looks up and judges. `finish` looks at
what is to be learned, when the answer is on its way; an exchange that the upstream did not let in
(401, 403, 404) teaches nothing. What is remembered changes in `apply` alone, by entries without
text (`entry`): at once, or, where somebody orders the entries of several engines, in that order.
Examinations of groups run there too, a piece an exchange.
"""

import hashlib
from collections.abc import Callable, Iterable

from distillgate.account.account import Account
from distillgate.account.habit import Surge
from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.actions.binding import Bindings
from distillgate.actions.limits import LimitNames, limit_name
from distillgate.actions.plan import Known, Plan, plan
from distillgate.assessment import Asked, Assessment, assess
from distillgate.campaign.group import Group
from distillgate.campaign.groups import Groups
from distillgate.campaign.members import Brought
from distillgate.entry import Entry, Order
from distillgate.fingerprint import look
from distillgate.fingerprint.fingerprint import Fingerprinter, Pieces
from distillgate.fingerprint.observation import Observation, Party
from distillgate.learner import Learner
from distillgate.passage import Passage
from distillgate.policy.admission import (
    Admission,
    Parties,
    Reservation,
    charge,
    cost_of,
    leave,
    party,
    paying,
    settle,
)
from distillgate.policy.awaited import Awaited, Held, goes_on, has_ended, owed_late
from distillgate.policy.charge import Charge
from distillgate.policy.decision import Action, Decision
from distillgate.policy.draw import Draw
from distillgate.policy.policy import decide, note
from distillgate.policy.tenants import scored
from distillgate.stages import EngineSettings
from distillgate.state import State
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request

__all__ = ["Engine", "EngineSettings"]

_NOT_LET_IN = frozenset({401, 403, 404})


class Engine:
    """Judges exchanges. One owner (the event loop), no locks, no clock: `now` is an argument.

    `count` gives a request's prompt tokens in bounded time; `secret` keys every hash that is kept.
    """

    def __init__(
        self,
        settings: EngineSettings,
        *,
        count: Callable[[Request], int],
        secret: bytes,
        enforce: bool = False,
    ) -> None:
        self.settings = settings
        self._count = count
        self.enforcing = enforce
        self._secret = secret
        seed = int.from_bytes(hashlib.blake2b(b"seed", key=secret[:64], digest_size=8).digest())
        self._fingerprinter = Fingerprinter(settings.fingerprint, seed)
        self.admission = Admission(Draw(secret))
        self.awaited = Awaited()
        """Exchanges whose answer is still to come."""
        self.limits = LimitNames()
        """What the upstream was seen to take for a limit's name."""
        self.publish: Callable[[Entry], None] | None = None
        """Takes entries to be put in order; they are learned when they come back to `apply`. None:
        there is no other engine, and they are applied at once."""
        self.notify: Callable[[Surge], object] = lambda _: None
        """Hears of what an account's owner should hear of, in the engine it went through alone."""
        self.state = State(
            AccountTable(settings.account.max_accounts, self._fingerprinter.hash),
            Groups(settings.campaign, self._fingerprinter.hash),
            Bindings(secret),
            Releases(settings.account.releases),
        )
        self.learner = Learner(settings, self.state)
        """What changes what is remembered."""

    def knows(self, account: str) -> bool:
        """Return whether an account was let in before."""
        return self.state.accounts.get(account) is not None

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request before it is forwarded."""
        settings = self.settings.policy
        payer = self._account(exchange, now)
        exchange = scored(exchange, settings.plans.of(exchange.plan), self._fingerprinter.hash)
        account = payer if exchange.account == payer.name else self._account(exchange, now)
        pieces = self._fingerprinter.cut(
            exchange.request, account.unit, self.state.contents, settled=account.exchanges > 0
        )
        brought = self._brought(pieces, account.unit, now) if pieces.inputs else None
        groups = self.state.groups.find(pieces, account.unit)
        found = self.assess(account, groups, now, brought)
        decision = decide(exchange, account, found.risk, now, settings, presumed=found.presumed)
        if found.group is not None:
            decision.group, decision.group_code = found.group.id, found.group.code
        parties = Parties(account, payer)
        if decision.action.restricts:
            parties = parties._replace(pools=self.state.pools.of(account, found.groups))
            self.admission.spare(decision, parties, settings)
        standing = note(account, decision)
        replay = self.state.bindings.replay(
            exchange.request, payer.unit, now, self.settings.actions.binding
        )
        if replay is not None:
            decision.replayed, decision.replay_answer = replay.breach, replay.answer
        # Last, and nothing after it may fail: what is held is settled by `finish` alone.
        reservation = sighting = None
        if decision.action < Action.CHALLENGE or decision.spared:
            reservation, sighting = self._admit(decision, exchange, parties, now)
        decision.enforced = self.enforcing and not decision.spared
        limit = limit_name(exchange.request)
        decision.passage = Passage(
            exchange, parties, pieces, found.risk.total, reservation, replay, limit
        )
        takes = reservation.takes if reservation is not None else ()
        if takes or standing is not None:
            self._hand(charge(parties, now, takes, sighting, standing))
        return decision

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Make a decision concrete: what to forward, or what to answer."""
        replay = decision.passage.replay if self.enforcing else None
        return plan(
            exchange, decision, self.settings.actions, Known(self._secret, self.limits), replay
        )

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Learn what became of the exchange; call it exactly once for every `begin`."""
        passage: Passage = decision.passage
        decision.passage = None  # from here on nobody needs the text
        awaited = goes_on(passage.exchange, outcome)
        if passage.reservation is not None:
            if awaited:
                leave(passage.reservation)
            else:
                self._settle(passage.reservation, outcome, now)
        if passage.limit is not None and 200 <= outcome.status < 300:
            self.limits.answered(passage.exchange.request.model, passage.limit)
        seen = None
        if self._let_in(passage.parties.account, outcome):
            seen = self._look(passage, outcome, now)
            self._hand(seen)
        if awaited and outcome.awaited is not None:
            operation = passage.exchange.request.operation
            self.awaited.put(outcome.awaited, Held(now, operation, passage.reservation, seen))

    def fetched(self, name: str, outcome: Outcome, now: float) -> bool:
        """Learn what became of an answer that was awaited; False where that is still not known."""
        held = self.awaited.get(name, now)
        if held is None or not has_ended(outcome):
            return False
        self.awaited.end(name)
        if takes := owed_late(held, outcome, now):
            assert held.reservation is not None
            self._hand(charge(held.reservation.parties, now, takes))
        if held.seen is not None:
            known = self.state.accounts.get(held.seen.account.name)
            risk = held.seen.risk if known is None else known.risk
            self._hand(look.again(held.seen, outcome, now, risk))
        return True

    def _settle(self, reservation: Reservation, outcome: Outcome, now: float) -> None:
        output = float(outcome.output_tokens)
        unknown = outcome.missed and output < reservation.cost.output
        takes = settle(reservation, outcome.prompt_tokens, None if unknown else output)
        if takes:
            self._hand(charge(reservation.parties, now, takes))

    def apply(self, entry: Entry, now: float, *, own: bool) -> None:
        """Learn one entry, and with an observation take one step of the examinations.

        Deterministic: engines with the same settings that apply the same entries in one order, at
        the same times, remember the same. `own`: this engine handed it to `publish`.
        """
        if own and isinstance(entry, Charge):
            self.admission.pending.add(entry, -1)
        self._apply(entry, now, own=own)

    def order(self, order: Order) -> None:
        """Do what a person ordered, here and in every engine that entries are shared with."""
        self._hand(order)

    def resume(self) -> None:
        """Go on with a state that was loaded: groups are judged by the evidence they had."""
        self.learner.resume()

    def configure(self, settings: EngineSettings, *, enforce: bool) -> None:
        """Take new settings; what is remembered stays, and so does how it is read and compared."""
        self.settings = settings.model_copy(
            update={"fingerprint": self.settings.fingerprint, "campaign": self.settings.campaign}
        )
        self.learner.settings = self.settings
        self.enforcing = enforce

    def _hand(self, entry: Entry) -> None:
        if self.publish is None:
            self._apply(entry, entry.at, own=True)
            return
        if isinstance(entry, Charge):
            self.admission.pending.add(entry)
        self.publish(entry)

    def _apply(self, entry: Entry, now: float, *, own: bool) -> None:
        surge = self.learner.apply(entry, now)
        if surge is not None and own:
            self.notify(surge)

    def _admit(
        self, decision: Decision, exchange: Exchange, parties: Parties, now: float
    ) -> tuple[Reservation | None, int | None]:
        """Give what an exchange holds, and the text that it is charged for as a new one."""
        policy, key = self.settings.policy, None
        plan = policy.plans.of(exchange.plan)
        if plan.counts_texts:
            key = self.state.sightings.unseen(parties.payer.unit, exchange.request)
        # Counting takes as long as several stages; what no budget needs now is counted afterwards.
        tokens = self._count(exchange.request) if plan.tokens_per_minute is not None else 0
        cost = cost_of(exchange, tokens, plan, fresh=key is not None)
        held = self.admission.admit(decision, exchange, parties, cost, now, policy)
        return held, key if held is not None else None

    def _account(self, exchange: Exchange, now: float) -> Account:
        known = self.state.accounts.get(exchange.account)
        if known is not None:
            return known
        unit = self._fingerprinter.hash(exchange.organisation or exchange.account)
        named = Party(exchange.account, unit, exchange.plan, now)
        return self.state.find(named, self.settings.account)

    def _brought(self, pieces: Pieces, unit: int, now: float) -> Brought | None:
        """Read the texts that a request packs, to compare them before they are answered."""
        fixed = self.state.groups.fixed(pieces, unit, now)
        sketches = look.sketches(pieces, fixed)
        return Brought.of(sketches, now) if sketches else None

    def assess(
        self,
        account: Account,
        groups: Iterable[Group],
        now: float,
        brought: Brought | None = None,
    ) -> Assessment:
        """Weigh what is known of an account and of those it acts with; learns nothing."""
        return assess(self.state, self.settings, Asked(account, groups, brought), now)

    def _let_in(self, account: Account, outcome: Outcome) -> bool:
        """Whether the upstream knew the account: a made-up key must not become one."""
        if self.state.accounts.get(account.name) is not None:
            return outcome.status not in _NOT_LET_IN
        unknown = outcome.status == 0 and not outcome.aborted
        return unknown or 200 <= outcome.status < 400

    def _look(self, passage: Passage, outcome: Outcome, now: float) -> Observation:
        """Read all that is to be learned of an exchange; learns nothing."""
        exchange, parties, pieces = passage.exchange, passage.parties, passage.pieces
        reader, binding = self._fingerprinter, self.settings.actions.binding
        turn, account = pieces.turn.hashes, parties.account
        fixed = self.state.groups.fixed(pieces, account.unit, now)
        fixed |= account.skeleton.learn(turn).of(turn)
        found = reader.read(exchange.request, pieces)
        owns, others = look.inputs(found, fixed, reader.hash)
        return Observation(
            at=now,
            account=party(account, exchange.plan),
            payer=paying(parties),
            retry=reader.retries(account.unit, pieces, self.state.contents, now),
            risk=passage.risk,
            sent=look.sent(exchange, found, self._count(exchange.request), reader.hash),
            own=owns[0] if owns else look.own(found, fixed, reader.hash),
            answer=look.answer(found, outcome, reader.answered(outcome)),
            handed=self.state.bindings.handed(exchange.request, outcome, binding),
            known=reader.known(account.unit, pieces, outcome, now),
            more=owns[1:],
            others=others,
        )

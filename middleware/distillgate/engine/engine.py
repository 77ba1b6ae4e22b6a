"""The only file that wires the stages. Pure: the surfaces bring the bytes and the time.

An exchange goes `begin` -> (`plan`) -> `finish`. `begin` looks up and judges. `finish` looks at
what is to be learned, when the answer is on its way; an exchange that the upstream did not let in
(401, 403, 404) teaches nothing. What is remembered changes in `apply` alone, by entries without
text (`entry`): at once, or in the order of a log. Examinations of groups run there too, a piece
an exchange.
"""

import hashlib
from collections.abc import Callable, Iterable

from cachetools import LRUCache
from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.actions.binding import Bindings
from distillgate.actions.limits import LimitNames, limit_name
from distillgate.actions.plan import Known, Plan, plan
from distillgate.campaign.group import Group
from distillgate.campaign.groups import Groups
from distillgate.engine.assessment import Asked, Assessment, assess
from distillgate.engine.entries import Entry, Order
from distillgate.engine.learner import Learner, Notice
from distillgate.engine.observe import Reading
from distillgate.engine.passage import Passage, let_in
from distillgate.engine.settings import EngineSettings
from distillgate.engine.state import NEWCOMERS, State
from distillgate.fingerprint import look
from distillgate.fingerprint.fingerprint import Fingerprinter
from distillgate.policy.admission import (
    Admission,
    Admitted,
    charge,
    cost_of,
)
from distillgate.policy.awaited import Awaited, Held, goes_on, has_ended, owed_late
from distillgate.policy.charge import Charge
from distillgate.policy.decision import Action, Decision, Ruling
from distillgate.policy.keyed_random import KeyedRandom
from distillgate.policy.parties import Parties
from distillgate.policy.policy import transition
from distillgate.policy.tenants import scored
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request

__all__ = ["Engine", "EngineSettings"]


class Engine:
    """Judges exchanges. One owner (the event loop), no locks, no clock: `now` is an argument.

    `count` counts a request's prompt tokens in bounded time, where an answer does not tell them or
    a budget asks before; `secret` keys every hash that is kept.
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
        self._enforce = enforce
        self.secret = secret
        seed = int.from_bytes(hashlib.blake2b(b"seed", key=secret[:64], digest_size=8).digest())
        self._fingerprinter = Fingerprinter(seed)
        self.admission = Admission(KeyedRandom(secret))
        self.awaited = Awaited()
        """Exchanges whose answer is still to come."""
        self.limits = LimitNames()
        """What the upstream was seen to take for a limit's name."""
        self.publish: Callable[[Entry], None] | None = None
        """Takes entries to be put in order; they are learned when they come back to `apply`. None:
        there is no other engine, and they are applied at once."""
        self.notify: Callable[[Notice], object] = lambda _: None
        """Hears of what an operator should hear of, in the engine it went through alone."""
        self.state = self.blank()
        self.learner = Learner(settings, self.state)
        """What changes what is remembered."""
        self.obeyed: Callable[[Order], object] = lambda _: None
        """Hears of each order of a person that was applied."""
        self._strangers: LRUCache[str, Account] = LRUCache(NEWCOMERS)
        """Accounts that this process alone has seen, and that nothing was learned of: their
        parallel requests share one."""

    def blank(self) -> State:
        """Return a state that remembers nothing."""
        settings, hashed = self.settings, self._fingerprinter.hash
        return State(
            AccountTable(settings.account.max_accounts, hashed),
            Groups(settings.campaign, hashed),
            Bindings(self.secret),
            Releases(),
        )

    def adopt(self, state: State) -> None:
        """Go on with another state, such as a snapshot's; settings stay."""
        killed = state.killed and not self.state.killed
        self.state = state
        self.learner = Learner(self.settings, state)
        if killed:
            self.obeyed(Order(0.0, "kill"))

    def hold(self, entry: Entry, *, held: bool) -> None:
        """Take an entry of this process for one that is to come back, or no more."""
        if isinstance(entry, Charge):
            self.admission.pending.add(entry, 1 if held else -1)
        elif held and isinstance(entry, Order):
            self._at_once(entry)

    @property
    def _reading(self) -> Reading:
        return Reading(self.state, self._fingerprinter, self.settings.actions.binding)

    @property
    def enforcing(self) -> bool:
        """Return whether decisions are acted on."""
        return self._enforce and not self.state.killed

    def knows(self, account: str) -> bool:
        """Return whether an account was let in before."""
        return self.state.accounts.get(account) is not None

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request before it is forwarded."""
        settings = self.settings.policy
        payer, plan = self._account(exchange, now), settings.plans.of(exchange.plan)
        exchange = scored(exchange, plan, self._fingerprinter.hash)
        account = payer if exchange.account == payer.name else self._account(exchange, now)
        linked = self._reading.linked(exchange, account, now)
        asked = Asked(account, linked.groups, linked.brought)
        found = assess(self.state, self.settings, asked, now)
        parties = Parties(account, payer, plan=plan)
        held = self.state.directives.of(account.name, payer.name, exchange.organisation, now)
        ruling = found.decide(exchange, parties, now, settings, held)
        if ruling.action.restricts:
            pools = self.state.pools.of(account, found.groups)
            parties = parties._replace(pools=pools, refill=found.refill)
            ruling = self.admission.restrain(ruling, parties, settings)
        change, standing = transition(account, ruling)
        if change and standing is not None:
            event = found.event(change, ruling, now, exchange.id, enforcing=self.enforcing)
            standing = replace(standing, event=event)
        replay = self.state.bindings.replay(
            exchange.request, payer.principal, now, self.settings.actions.binding
        )
        breach, answer = ("", "") if replay is None else (replay.breach, replay.answer)
        limit = limit_name(exchange.request)
        # Last, and nothing after it may fail: what is held is settled by `finish` alone.
        admitted, sighting = Admitted(ruling), None
        if ruling.action < Action.CHALLENGE or ruling.not_enforced:
            admitted, sighting = self._admit(ruling, exchange, parties, now)
        ruling, reservation, retry_after, used_up = admitted
        takes = reservation.takes if reservation is not None else ()
        if takes or standing is not None:
            self._hand(charge(parties, now, takes, sighting, standing))
        risk = ruling.risk
        passage = Passage(exchange, parties, linked.pieces, risk, reservation, replay, limit, now)
        return Decision.of(
            account.name, ruling, found.risk, found.group, change=change,
            retry_after=retry_after, limit=used_up, replayed=breach, replay_answer=answer,
            enforced=self.enforcing and not ruling.not_enforced,
            passage=passage,
        )  # fmt: skip

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Make a decision concrete: what to forward, or what to answer."""
        replay = decision.passage.replay if self.enforcing else None
        known = Known(self.secret, self.limits, decision.passage.at)
        return plan(exchange, decision, self.settings.actions, known, replay)

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Learn what became of the exchange; call it exactly once for every `begin`."""
        passage: Passage = decision.passage
        passage = passage._replace(parties=self.state.current(passage.parties))
        awaited = goes_on(passage.exchange, outcome)
        if passage.reservation is not None:
            if awaited:
                self.admission.leave(passage.reservation)
            else:
                self._settle(passage, outcome, now)
        if passage.limit is not None and 200 <= outcome.status < 300:
            self.limits.answered(passage.exchange.request.model, passage.limit)
        seen = None
        if let_in(outcome, known=self.knows(passage.parties.account.name)):
            # Counting takes as long as several stages: it is for what nobody told.
            tokens = outcome.prompt_tokens or self._count(passage.exchange.request)
            seen = self._reading.observe(passage, outcome, tokens, now)
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
        if held.reservation is not None:
            parties = self.state.current(held.reservation.parties)
            held = held._replace(reservation=held.reservation._replace(parties=parties))
            if takes := owed_late(held, outcome, now):
                self._hand(charge(parties, now, takes))
        if held.seen is not None:
            known = self.state.accounts.get(held.seen.account.name)
            risk = held.seen.risk if known is None else known.risk
            self._hand(look.again(held.seen, outcome, now, risk))
        return True

    def _settle(self, passage: Passage, outcome: Outcome, now: float) -> None:
        reservation, output = passage.reservation, float(outcome.output_tokens)
        assert reservation is not None
        unknown = outcome.missed and output < reservation.cost.output
        told = None if unknown else output
        takes = self.admission.settle(reservation, outcome.prompt_tokens, told)
        if takes:
            self._hand(charge(passage.parties, now, takes))

    def apply(self, entry: Entry, now: float, *, own: bool) -> None:
        """Learn one entry, and with an observation take one step of the examinations.

        Deterministic: engines with the same settings that apply the same entries in one order, at
        the same times, remember the same. `own`: this engine handed it to `publish`.
        """
        if own:
            self.hold(entry, held=False)
        self._apply(entry, now, own=own)
        if isinstance(entry, Order):
            self.obeyed(entry)

    def order(self, order: Order) -> None:
        """Do what a person ordered, here and in every engine that entries are shared with.

        An end of all enforcement holds here at once: it waits for no log.
        """
        self._at_once(order)
        self._hand(order)

    def _at_once(self, order: Order) -> None:
        if order.deed in ("kill", "resume"):
            self.state.killed = order.deed == "kill"

    def configure(self, settings: EngineSettings, *, enforce: bool) -> None:
        """Adopt new settings; the state stays, and so does how it is read and compared."""
        self.settings = settings.model_copy(update={"campaign": self.settings.campaign})
        self.learner.settings = self.settings
        self._enforce = enforce

    def _hand(self, entry: Entry) -> None:
        if self.publish is None:
            self._apply(entry, entry.at, own=True)
        else:
            self.hold(entry, held=True)
            self.publish(entry)

    def _apply(self, entry: Entry, now: float, *, own: bool) -> None:
        for notice in self.learner.apply(entry, now):
            if own:
                self.notify(notice)

    def _admit(
        self, ruling: Ruling, exchange: Exchange, parties: Parties, now: float
    ) -> tuple[Admitted, int | None]:
        """Return what an exchange reserves, and the new text that it is charged for."""
        plan, key = parties.plan, None
        if plan.counts_texts:
            key = self.state.answered.unseen(parties.payer.principal, exchange.request)
        # Counting takes as long as several stages; what no budget needs now is counted afterwards.
        tokens = self._count(exchange.request) if plan.tokens_per_minute is not None else 0
        cost = cost_of(exchange, tokens, plan, fresh=key is not None)
        policy = self.settings.policy
        admitted = self.admission.admit(ruling, exchange, parties, cost, now, policy)
        return admitted, key if admitted.reservation is not None else None

    def _account(self, exchange: Exchange, now: float) -> Account:
        name = exchange.account
        known = self.state.known(name) or self._strangers.get(name)
        if known is None:
            principal = self._fingerprinter.hash(exchange.organisation or name)
            known = Account.new(name, principal, now, self.settings.account)
            known.plan = exchange.plan
            self._strangers[name] = known
        return known

    def assess(self, account: Account, groups: Iterable[Group], now: float) -> Assessment:
        """Weigh what is known of an account and of those it acts with; learns nothing."""
        return assess(self.state, self.settings, Asked(account, groups), now)

"""The only file that wires the stages. Pure: the surfaces bring the bytes and the time.

An exchange goes `begin` -> (`plan`) -> `finish`. `begin` looks up and judges. `finish` looks at
what is to be learned, when the answer is on its way; an exchange that the upstream did not let in
(401, 403, 404) teaches nothing. What is remembered changes in `apply` alone, by entries without
text (`entry`): at once, or in the order of a log. Examinations of groups run there too, a piece
an exchange.
"""

from collections.abc import Callable

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.actions.limits import LimitNames, limit_name
from distillgate.actions.plan import Known, Plan, plan
from distillgate.engine.assessment import Asked, Judgement, rule
from distillgate.engine.fold import Fold
from distillgate.engine.observe import Linked, Reading, Recognise
from distillgate.engine.passage import Passage, Strangers, let_in
from distillgate.engine.settings import EngineSettings
from distillgate.fingerprint import look
from distillgate.policy.admission import (
    Admission,
    Admitted,
    cost_of,
)
from distillgate.policy.awaited import Awaited, Held, goes_on, has_ended
from distillgate.policy.decision import Action, Decision, Ruling
from distillgate.policy.enforcement import KeyedRandom
from distillgate.policy.ledger import Reservation, charge
from distillgate.policy.parties import Named, Parties, by_itself, named
from distillgate.policy.policy import transition
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request

__all__ = ["Engine", "EngineSettings"]


class Engine(Fold):
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
        super().__init__(settings, secret)
        self._count = count
        self._enforce = enforce
        self.admission = Admission(KeyedRandom(secret), self.ledger)
        self.awaited = Awaited()
        """Exchanges whose answer is still to come."""
        self.recognise: Recognise = lambda _: ()
        """Names the reports whose templates an exchange is made from; asked where some hold."""
        self.limits = LimitNames()
        """What the upstream was seen to take for a limit's name."""
        self._strangers = Strangers()

    @property
    def _reading(self) -> Reading:
        binding = self.settings.actions.binding
        return Reading(self.state, self.fingerprinter, binding, self.recognise)

    @property
    def enforcing(self) -> bool:
        """Return whether decisions are acted on."""
        return self._enforce and not self.state.killed

    def knows(self, account: str) -> bool:
        """Return whether an account was let in before."""
        return self.state.accounts.get(account) is not None

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request before it is forwarded."""
        parties = self.parties(exchange, now)
        linked = self._reading.linked(exchange, parties.account, now)
        found, ruling, parties, _ = self.judge(parties, now, linked)
        account, payer = parties.account, parties.payer
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
        debits = reservation.debits if reservation is not None else ()
        if debits or standing is not None:
            self.hand(charge(parties, now, debits, sighting, standing))
        risk = ruling.risk
        passage = Passage(
            exchange, parties, linked.pieces, risk, reservation, replay, limit, now,
            self._hold(parties), linked.reported,
        )  # fmt: skip
        return Decision.of(
            account.name, ruling, found.risk, found.group, change=change,
            retry_after=retry_after, limit=used_up, replayed=breach, replay_answer=answer,
            enforced=self.enforcing and not ruling.not_enforced,
            passage=passage,
        )  # fmt: skip

    def begin_unread(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request of which only the headers are known, by how its account stands.

        Nothing is learned of it, and it takes nothing of its plan's budgets: nobody will tell what
        it came to. A restricted one is charged what it reserves, or nothing would hold it back.
        """
        found, ruling, parties, _ = self.judge(self.parties(exchange, now), now)
        enforced, admitted = self.enforcing and not ruling.not_enforced, Admitted(ruling)
        if enforced and Action.THROTTLE <= ruling.action < Action.CHALLENGE:
            cost, policy = cost_of(exchange, 0, parties.plan, fresh=False), self.settings.policy
            admitted = self.admission.admit(ruling, exchange, parties, cost, now, policy)
            if admitted.reservation is not None:
                self.ledger.release(admitted.reservation)
                if debits := admitted.reservation.debits:
                    self.hand(charge(parties, now, debits))
        passage = Passage(
            exchange, parties, None, ruling.risk, None, None, limit_name(exchange.request), now
        )
        return Decision.of(
            parties.account.name, admitted.ruling, found.risk, found.group,
            retry_after=admitted.retry_after, limit=admitted.limit, enforced=enforced,
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
        for name in passage.strangers:
            self._strangers.release(name)
        passage = replace(passage, parties=self.state.current(passage.parties))
        awaited = goes_on(passage.exchange, outcome)
        if passage.reservation is not None:
            self.ledger.release(passage.reservation)
            if not awaited:
                self._settle(passage.reservation, passage.parties, outcome, now)
        if passage.limit is not None and 200 <= outcome.status < 300:
            self.limits.answered(passage.exchange.request.model, passage.limit)
        seen = None
        if let_in(outcome, known=self.knows(passage.parties.account.name)):
            # Counting takes as long as several stages: it is for what nobody told.
            tokens = outcome.prompt_tokens or self._count(passage.exchange.request)
            seen = self._reading.observe(passage, outcome, tokens, now)
            self.hand(seen)
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
            self._settle(held.reservation, parties, outcome, now, late=True)
        if held.seen is not None:
            known = self.state.accounts.get(held.seen.account.name)
            risk = held.seen.risk if known is None else known.risk
            self.hand(look.again(held.seen, outcome, now, risk))
        return True

    def _settle(
        self,
        held: Reservation,
        parties: Parties,
        outcome: Outcome,
        now: float,
        *,
        late: bool = False,
    ) -> None:
        if debits := replace(held, parties=parties).settle(outcome, now, late=late):
            self.hand(charge(parties, now, debits))

    def configure(self, settings: EngineSettings, *, enforce: bool) -> None:
        """Adopt new settings; the state stays, and so does how it is read and compared."""
        self.settings = settings.model_copy(update={"campaign": self.settings.campaign})
        self.learner.settings = self.settings
        self._enforce = enforce

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

    def parties(self, exchange: Exchange, now: float) -> Parties:
        """Return who is scored for an exchange, and who pays."""
        plan = self.settings.policy.plans.of(exchange.plan)
        names = named(exchange, plan, self.fingerprinter.hash)
        payer = account = self._account(names[-1], now)
        if len(names) > 1:
            account = self._account(names[0], now)
        return Parties(account, payer, plan=plan, names=names)

    def _account(self, name: Named, now: float) -> Account:
        known = self.state.known(name.account) or self._strangers.get(name.account)
        if known is None:
            principal = self.fingerprinter.hash(name.organisation or name.account)
            known = Account.new(name.account, principal, now)
            known.plan = name.plan
        return known

    def _hold(self, parties: Parties) -> tuple[str, ...]:
        """Keep who is not known, while the exchange is under way."""
        found = {one.name: one for one in (parties.account, parties.payer)}
        unknown = tuple(name for name in found if self.state.known(name) is None)
        for name in unknown:
            self._strangers.hold(found[name])
        return unknown

    def standing(self, account: Account, now: float) -> Judgement:
        """Judge an account as it stands, whatever it sends next."""
        return self.judge(by_itself(account, self.settings.policy.plans), now)

    def judge(self, parties: Parties, now: float, linked: Linked | None = None) -> Judgement:
        """Decide what becomes of an exchange of these parties, and whether that is acted on.

        Learns nothing, and takes nothing of budgets. Without `linked` the groups count that the
        account was seen in.
        """
        state, settings = self.state, self.settings
        account, asked = parties.account, None
        if linked is not None:
            asked = Asked(account, linked.groups, linked.brought, linked.reported)
        judged = rule(state, settings, parties, now, asked)
        if not judged.ruling.action.restricts:
            return judged
        pools = state.pools.of(parties.account, judged.found.groups)
        parties = replace(parties, pools=pools, refill=judged.found.refill)
        ruling = self.admission.restrain(judged.ruling, parties, settings.policy)
        return judged._replace(ruling=ruling, parties=parties)

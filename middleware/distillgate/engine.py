"""The only file that wires the stages. Pure: the surfaces bring the bytes and the time.

An exchange goes `begin` -> (`plan`) -> `finish`. `begin` looks up and judges. What is
learned is learned in `finish`, after the decision, and an exchange that the upstream did not let in
(401, 403, 404) teaches nothing. Examinations of groups run in `finish` too, one at most, when the
answer is on its way.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple

from distillgate.account.account import (
    Account,
    AccountSettings,
    learn,
    learn_varying,
)
from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.account.use import learn_use
from distillgate.actions.binding import Bindings, Replay
from distillgate.actions.plan import ActionsSettings, Plan, plan
from distillgate.campaign.group import Group
from distillgate.campaign.groups import Groups
from distillgate.campaign.settings import CampaignSettings
from distillgate.fingerprint.fingerprint import Fingerprint, Fingerprinter, FingerprintSettings
from distillgate.policy.admission import Admission, Parties, Reservation, cost_of, settle
from distillgate.policy.decision import Action, Decision
from distillgate.policy.draw import Draw
from distillgate.policy.ladder import rung
from distillgate.policy.policy import PolicySettings, decide, note
from distillgate.policy.tenants import scored
from distillgate.risk.actor import Actor, inherited, judge
from distillgate.risk.calibration import class_of, margin, shifted
from distillgate.risk.fuse import NO_RISK, Risk, RiskSettings, fuse
from distillgate.settings import Settings
from distillgate.signals.catalog import of_account, of_group
from distillgate.signals.settings import SignalsSettings
from distillgate.state import State
from distillgate.wire.exchange import Exchange, Outcome
from distillgate.wire.request import Request


class EngineSettings(Settings):
    """Every setting of the core, by stage."""

    fingerprint: FingerprintSettings = FingerprintSettings()
    """What one request looks like."""
    account: AccountSettings = AccountSettings()
    """What is remembered of one account."""
    campaign: CampaignSettings = CampaignSettings()
    """Accounts that act together."""
    signals: SignalsSettings = SignalsSettings()
    """The detectors."""
    risk: RiskSettings = RiskSettings()
    """How signals become risk."""
    policy: PolicySettings = PolicySettings()
    """What may be done, to whom."""
    actions: ActionsSettings = ActionsSettings()
    """How actions look from outside."""


class Passage(NamedTuple):
    """The engine's memory of one exchange between `begin` and `finish`."""

    exchange: Exchange
    parties: Parties
    fingerprint: Fingerprint
    tokens: int
    reservation: Reservation | None
    replay: Replay | None


class Assessment(NamedTuple):
    """An account's risk, and whom it acts with."""

    risk: Risk
    group: Group | None = None
    """The group whose evidence makes most of the risk."""
    groups: tuple[int, ...] = ()
    """Every group whose evidence alone would restrict the account."""


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
        self._enforce = enforce
        self._secret = secret
        seed = int.from_bytes(hashlib.blake2b(b"seed", key=secret[:64], digest_size=8).digest())
        self._fingerprinter = Fingerprinter(settings.fingerprint, seed)
        self._admission = Admission(Draw(secret))
        self.state = State(
            AccountTable(settings.account.max_accounts),
            Groups(settings.campaign, self._fingerprinter),
            Bindings(secret),
            Releases(settings.account.releases),
        )

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request before it is forwarded."""
        settings = self.settings.policy
        fingerprint = self._fingerprinter.read(exchange.request)
        payer = self._account(exchange, now)
        exchange = scored(exchange, settings.plans.of(exchange.plan), self._fingerprinter.hash)
        account = payer if exchange.account == payer.name else self._account(exchange, now)
        tokens = self._count(exchange.request)
        found = self.assess(account, self.state.groups.find(fingerprint, account.unit), now)
        account.risk = found.risk.total
        decision = decide(exchange, account, found.risk, now, settings)
        if found.group is not None:
            decision.group, decision.group_code = found.group.id, found.group.code
        parties = Parties(account, payer)
        if decision.action.restricts:
            parties = parties._replace(pools=self.state.pools.of(account, found.groups))
            self._admission.spare(decision, parties, settings)
        note(account, decision)
        replay = self.state.bindings.replay(
            exchange.request, account.unit, now, self.settings.actions.binding
        )
        decision.replayed = replay.breach if replay is not None else ""
        # Last, and nothing after it may fail: what is held is settled by `finish` alone.
        reservation = None
        if decision.action < Action.CHALLENGE or decision.spared:
            reservation = self._admit(decision, exchange, parties, tokens, now)
        decision.enforced = self._enforce and not decision.spared
        decision.passage = Passage(exchange, parties, fingerprint, tokens, reservation, replay)
        return decision

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Make a decision concrete: what to forward, or what to answer.

        Asked again after a pause, it takes back what is no longer enforced.
        """
        decision.enforced = decision.enforced and self._enforce
        replay = decision.passage.replay if self._enforce else None
        return plan(exchange, decision, self.settings.actions, self._secret, replay)

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Learn what became of the exchange; call it exactly once for every `begin`."""
        passage: Passage = decision.passage
        if passage.reservation is not None:
            output = float(outcome.output_tokens)
            settle(passage.reservation, outcome.prompt_tokens, output, now)
        self.state.note(passage.parties)
        if self._let_in(passage.parties.account, outcome):
            self._learn(passage, outcome, now)
        self._examine(now)

    def resume(self) -> None:
        """Go on with a state that was loaded: groups are judged by the evidence they had."""
        self.state.groups.resume()
        for group in self.state.groups:
            self._judge(group)

    def configure(self, settings: EngineSettings, *, enforce: bool) -> None:
        """Take new settings; what is remembered stays, and so does how it is read and compared."""
        self.settings = settings.model_copy(
            update={"fingerprint": self.settings.fingerprint, "campaign": self.settings.campaign}
        )
        self._enforce = enforce

    def _admit(
        self, decision: Decision, exchange: Exchange, parties: Parties, tokens: int, now: float
    ) -> Reservation | None:
        policy, key = self.settings.policy, None
        plan = policy.plans.of(exchange.plan)
        if plan.counts_texts:
            key = self.state.sightings.unseen(parties.payer.unit, exchange.request)
        cost = cost_of(exchange, tokens, plan, fresh=key is not None)
        held = self._admission.admit(decision, exchange, parties, cost, now, policy)
        if held is not None and key is not None:
            self.state.sightings.note(key)
        return held

    def _account(self, exchange: Exchange, now: float) -> Account:
        known = self.state.accounts.touch(exchange.account)
        if known is not None:
            return known
        # Known to the table only once the upstream let it in: see `_learn`. Until then its parallel
        # requests share one account, or none would see what the others hold of its budgets.
        account = self.state.newcomers.get(exchange.account)
        if account is None:
            unit = self._fingerprinter.hash(exchange.organisation or exchange.account)
            account = Account(exchange.account, unit, now, self.settings.account)
            account.plan = exchange.plan
            self.state.newcomers[exchange.account] = account
        return account

    def assess(self, account: Account, groups: Iterable[Group], now: float) -> Assessment:
        """Weigh what is known of an account and of those it acts with; learns nothing."""
        settings = self.settings
        kind = class_of(account, now)
        null = settings.risk.calibration.of(kind)
        own = shifted(of_account(account, now, settings.signals), null.shifts)
        chance = margin(null, kind)
        best, group = (fuse([*own, *chance], settings.risk) if own else NO_RISK), None
        if now < account.pardoned_until:
            return Assessment(best)
        restricting = []
        for found in groups:
            actor = self.state.actor(found.key)
            if actor is None:
                continue
            shared = inherited(actor, account, self.state.groups.members, settings.campaign.examine)
            risk = fuse([*own, *shifted(shared, null.shifts), *chance], settings.risk)
            # A group that speaks for its members does not speak for what one of them does alone.
            if shared and (risk.total > best.total or (group is None and not own)):
                best, group = risk, found
            if shared and risk.total >= settings.policy.ladder.throttle:
                restricting.append(found.key)
        return Assessment(best, group, tuple(restricting))

    def _let_in(self, account: Account, outcome: Outcome) -> bool:
        """Whether the upstream knew the account: a made-up key must not become one."""
        if self.state.accounts.get(account.name) is not None:
            return outcome.status not in _NOT_LET_IN
        unknown = outcome.status == 0 and not outcome.aborted
        return unknown or 200 <= outcome.status < 400

    def _learn(self, passage: Passage, outcome: Outcome, now: float) -> None:
        account, settings = passage.parties.account, self.settings.account
        for party in (account, passage.parties.payer):
            if self.state.accounts.get(party.name) is None:
                self.state.accounts.put(party)
                self.state.newcomers.pop(party.name, None)
        exchange, fingerprint, tokens = passage.exchange, passage.fingerprint, passage.tokens
        learn(account, exchange, fingerprint, tokens, outcome, now, settings)
        binding = self.settings.actions.binding
        self.state.bindings.bind(exchange, account.unit, outcome, now, binding)
        if not exchange.retry:
            groups, releases = self.state.groups, self.state.releases
            groups.crowd.learn(exchange.request.model, releases.newest(now, settings.releases))
            varying = groups.observe(exchange, account, fingerprint, tokens, outcome, now)
            learn_varying(account, exchange, fingerprint, varying, outcome, now, settings)
            learn_use(account, exchange, fingerprint, outcome, releases, now, settings)

    def _examine(self, now: float) -> None:
        group = self.state.groups.examine_next(now)
        self.state.drop_forgotten()
        if group is None:
            return
        actor = self._judge(group)
        if actor is None:
            self.state.groups.acquit(group)
        elif rung(fuse(actor.signals, self.settings.risk), self.settings.policy.ladder).restricts:
            self.state.groups.remember(group, now)

    def _judge(self, group: Group) -> Actor | None:
        settings = self.settings
        signals = of_group(group, settings.campaign.examine, settings.signals)
        actor = judge(group, signals, settings.risk)
        if actor is None:
            self.state.actors.pop(group.key, None)
        else:
            self.state.actors[group.key] = actor
        return actor

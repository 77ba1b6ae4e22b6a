"""The only file that wires the stages. Pure: the surfaces bring the bytes and the time.

An exchange goes `begin` -> (`plan`) -> `feed`* -> `finish`. `begin` looks up and judges. What is
learned is learned in `finish`, after the decision, and an exchange that the upstream did not let in
(401, 403, 404) teaches nothing. Examinations of groups run in `finish` too, one at most, when the
answer is on its way.
"""

import hashlib
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from cachetools import LRUCache

from distillgate.account.account import (
    Account,
    AccountSettings,
    learn_outcome,
    learn_request,
)
from distillgate.account.table import AccountTable
from distillgate.actions.plan import ActionsSettings, Plan, plan
from distillgate.campaign.group import Group
from distillgate.campaign.groups import CampaignSettings, Groups
from distillgate.fingerprint.fingerprint import Fingerprint, Fingerprinter, FingerprintSettings
from distillgate.policy.decision import Action, Decision
from distillgate.policy.policy import PolicySettings, Reservation, admit, decide, settle
from distillgate.risk.actor import Actor, inherited, judge
from distillgate.risk.explanation import (
    AccountExplanation,
    ActorSummary,
    GroupExplanation,
    explain_account,
    explain_group,
    summarise,
)
from distillgate.risk.fuse import NO_RISK, Risk, RiskSettings, fuse
from distillgate.settings import Settings
from distillgate.signals.catalog import of_account, of_group
from distillgate.signals.detectors.work_list import budget
from distillgate.signals.settings import SignalsSettings
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
    account: Account
    fingerprint: Fingerprint
    tokens: int
    reservation: Reservation | None


class Summary(NamedTuple):
    """The state in a few numbers."""

    accounts: int
    evicted: int
    groups: int
    actors: int


_LISTED = 1000
"""Members a group's explanation lists at most."""

_NEWCOMERS = 4096
"""Accounts that the upstream did not let in yet; beyond it the longest unused is forgotten."""

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
        self._settings = settings
        self._count = count
        self._enforce = enforce
        seed = int.from_bytes(hashlib.blake2b(b"seed", key=secret[:64], digest_size=8).digest())
        self._fingerprinter = Fingerprinter(settings.fingerprint, seed)
        self._accounts = AccountTable(settings.account.max_accounts)
        self._newcomers: LRUCache[str, Account] = LRUCache(_NEWCOMERS)
        self._groups = Groups(settings.campaign, self._fingerprinter)
        self._actors: dict[int, Actor] = {}

    def begin(self, exchange: Exchange, now: float) -> Decision:
        """Judge a request before it is forwarded."""
        settings = self._settings
        fingerprint = self._fingerprinter.read(exchange.request)
        account = self._accounts.touch(exchange.account) or self._newcomer(exchange, now)
        tokens = self._count(exchange.request)
        risk, group = self._risk(account, self._groups.find(fingerprint, account.unit), now)
        account.risk = risk.total
        decision = decide(exchange, account, risk, now, settings.policy)
        decision.group = group.id if group is not None else None
        decision.enforced = self._enforce
        reservation = None
        if decision.action < Action.CHALLENGE:
            reservation = admit(decision, exchange, account, tokens, now, settings.policy)
        decision.passage = Passage(exchange, account, fingerprint, tokens, reservation)
        return decision

    def plan(self, exchange: Exchange, decision: Decision) -> Plan:
        """Make a decision concrete: what to forward, or what to answer."""
        return plan(exchange, decision, self._settings.actions)

    def feed(self, decision: Decision, chunk: bytes, now: float) -> bytes:  # noqa: ARG002
        """Take the next bytes of the answer; give back the bytes to send on."""
        return chunk

    def finish(self, decision: Decision, outcome: Outcome, now: float) -> None:
        """Learn what became of the exchange; call it exactly once for every `begin`."""
        passage: Passage = decision.passage
        account = passage.account
        if passage.reservation is not None:
            settle(
                passage.reservation,
                account,
                outcome.prompt_tokens,
                float(outcome.output_tokens),
                now,
            )
        if self._let_in(account, outcome):
            self._learn(passage, outcome, now)
        self._examine(now)

    def configure(self, settings: EngineSettings, *, enforce: bool) -> None:
        """Take new settings; what is remembered stays, and its bounds do."""
        self._settings = settings
        self._enforce = enforce

    def pardon(self, name: str, until: float) -> bool:
        """Hold no group's evidence against an account until then; False where it is not known."""
        account = self._accounts.get(name)
        if account is None:
            return False
        account.pardoned_until = until
        account.held_until = 0.0
        return True

    def summary(self) -> Summary:
        """Give the state in a few numbers."""
        return Summary(
            len(self._accounts), self._accounts.evicted, len(self._groups), len(self._actors)
        )

    def explain(self, name: str, now: float) -> AccountExplanation | None:
        """Explain an account's evidence; None where it is not known."""
        account = self._accounts.get(name)
        if account is None:
            return None
        risk, group = self._risk(account, self._groups.of_unit(account.unit), now)
        return explain_account(account, risk, group, now, self._settings.account)

    def explain_group(self, name: str) -> GroupExplanation | None:
        """Explain a group by its id or name; None where it is not known."""
        group = self._groups.named(name)
        if group is None:
            return None
        settings = self._settings
        signals = of_group(group, settings.campaign.examine, settings.signals)
        members = tuple(islice((a.name for a in self._accounts if a.unit in group.rows), _LISTED))
        allowed = None
        if group.evidence is not None:
            allowed = budget(group.evidence, settings.signals.work_list)
        return explain_group(
            group,
            fuse(signals, settings.risk),
            linked=group.key in self._actors,
            budget=allowed,
            members=members,
        )

    def actors(self) -> list[ActorSummary]:
        """List the groups that one operator feeds, the most surely linked first."""
        known = (a for key, a in self._actors.items() if self._groups.get(key) is a.group)
        linked = sorted(known, key=lambda actor: -actor.group.link)
        return [summarise(actor, fuse(actor.signals, self._settings.risk)) for actor in linked]

    def name_group(self, group: str, name: str) -> bool:
        """Give a group the name of a campaign; False where the group is not known.

        Raises `ValueError` where another group has the name.
        """
        found, holder = self._groups.named(group), self._groups.named(name)
        if found is None:
            return False
        if holder is not None and holder is not found:
            raise ValueError(f"{name} is the name of {holder.code}")
        found.name = name
        return True

    def _newcomer(self, exchange: Exchange, now: float) -> Account:
        # Known to the table only once the upstream let it in: see `_learn`. Until then its parallel
        # requests share one account, or none would see what the others hold of its budgets.
        account = self._newcomers.get(exchange.account)
        if account is None:
            unit = self._fingerprinter.hash(exchange.organisation or exchange.account)
            account = Account(exchange.account, unit, now, self._settings.account)
            self._newcomers[exchange.account] = account
        return account

    def _risk(
        self, account: Account, groups: Iterable[Group], now: float
    ) -> tuple[Risk, Group | None]:
        settings = self._settings
        own = list(of_account(account, settings.signals))
        best, group = (fuse(own, settings.risk) if own else NO_RISK), None
        if now < account.pardoned_until:
            return best, group
        for found in groups:
            actor = self._actors.get(found.key)
            if actor is None or actor.group is not found:
                continue
            shared = inherited(actor, account, self._groups.members, settings.campaign.examine)
            risk = fuse([*own, *shared], settings.risk)
            # A group that speaks for its members does not speak for what one of them does alone.
            if shared and (risk.total > best.total or (group is None and not own)):
                best, group = risk, found
        return best, group

    def _let_in(self, account: Account, outcome: Outcome) -> bool:
        """Whether the upstream knew the account: a made-up key must not become one."""
        if self._accounts.get(account.name) is not None:
            return outcome.status not in _NOT_LET_IN
        unknown = outcome.status == 0 and not outcome.aborted
        return unknown or 200 <= outcome.status < 400

    def _learn(self, passage: Passage, outcome: Outcome, now: float) -> None:
        account, settings = passage.account, self._settings.account
        if self._accounts.get(account.name) is None:
            self._accounts.put(account)
            self._newcomers.pop(account.name, None)
        learn_request(account, passage.exchange, passage.fingerprint, passage.tokens, now, settings)
        learn_outcome(account, outcome, now, settings)
        if not passage.exchange.retry:
            self._groups.observe(
                passage.exchange, account, passage.fingerprint, passage.tokens, outcome, now
            )

    def _examine(self, now: float) -> None:
        group = self._groups.examine_next(now)
        if len(self._actors) > len(self._groups):  # some of their groups were forgotten
            known = self._groups.get
            self._actors = {k: a for k, a in self._actors.items() if known(k) is a.group}
        if group is None:
            return
        settings = self._settings
        signals = of_group(group, settings.campaign.examine, settings.signals)
        actor = judge(group, signals, settings.risk)
        if actor is None:
            self._actors.pop(group.key, None)
        else:
            self._actors[group.key] = actor

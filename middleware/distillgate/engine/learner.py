"""Learning: what each entry changes of what is remembered. Needs no text, and no engine."""

from typing import assert_never

from distillgate.account.account import learn, learn_own, quiet
from distillgate.account.habit import Surge
from distillgate.account.history import Event, remember
from distillgate.account.use import learn_habit, learn_retry, learn_use
from distillgate.campaign.group import Group
from distillgate.campaign.summary import Summary
from distillgate.engine.entries import Entry, Feed, Order
from distillgate.engine.settings import EngineSettings
from distillgate.engine.state import Kill, State
from distillgate.fingerprint.observation import Observation
from distillgate.policy.appeals import Appeal, Outcome
from distillgate.policy.charge import Charge
from distillgate.policy.directives import Directive
from distillgate.policy.labels import SAYS, Label, Says
from distillgate.policy.ladder import rung
from distillgate.policy.ledger import book
from distillgate.risk.actor import Actor, judge
from distillgate.risk.fuse import fuse
from distillgate.risk.nearing import Nearing, nearing
from distillgate.signals.catalog import of_group

Notice = Surge | Nearing
"""What an operator hears of: nothing is held against anybody for it."""
_STEPS = 4
"""Steps of the examinations taken with a request that packs many inputs; with most it is one."""


_STANDING = frozenset({"exempt", "observe", "restrict", "revoke", "erase"})
_SAID = frozenset({"label", "appeal", "answer"})


class Learner:
    """Applies entries to a state, one after the other."""

    def __init__(self, settings: EngineSettings, state: State) -> None:
        self.settings = settings
        self._state = state
        self.learned = 0
        """Entries that were applied."""

    def apply(self, entry: Entry, now: float) -> tuple[Notice, ...]:
        """Learn one entry, and with an observation take one step of the examinations.

        Return what an operator should hear of.
        """
        self.learned += 1
        told: list[Notice | None] = []
        if isinstance(entry, Observation):
            told.append(self._learn(entry, now))
            told += [self.examine(now) for _ in range(min(entry.inputs, _STEPS))]
        elif isinstance(entry, Charge):
            book(entry, self._state.parties(entry), now)
            if entry.sighting is not None:
                self._state.answered.note(entry.sighting)
        elif isinstance(entry, Order):
            self._obey(entry)
        elif isinstance(entry, Summary):
            self._state.groups.hear(entry, now)
            told.append(self.examine(now))
        elif isinstance(entry, Feed):
            self._hear(entry)
        else:
            assert_never(entry)
        return tuple(notice for notice in told if notice is not None)

    def _learn(self, seen: Observation, now: float) -> Surge | None:
        state = self._state
        account = state.use(seen.account)
        payer = account if seen.payer is None else state.use(seen.payer)
        account.risk = seen.risk
        state.contents.note(seen.known)
        learn(account, seen, now)
        if seen.handed is not None:
            state.bindings.bind(seen.handed, payer.principal, now, self.settings.actions.binding)
        if seen.retry:
            learn_retry(account, seen, now)
            for group in state.groups.of_principal(account.principal):
                group.pay(account, seen, now)  # its answer came late
            return None
        groups, releases = state.groups, state.releases
        groups.crowd.learn(seen.sent.model, releases.newest(now))
        groups.observe(account, seen, now)
        learn_own(account, seen, now)
        learn_use(account, seen, releases, now, self.settings.account.conduct)
        return learn_habit(payer, seen, now)

    def _hear(self, told: Feed) -> None:
        """Let reports hold, and others no more: what rested on those is judged anew."""
        groups, reports = self._state.groups, self._state.groups.reports
        newer = {(one.source, one.id): self._state.versions.note(one) for one in told.versions}
        for report in told.reports:
            if newer.pop((report.source, report.id), True):
                reports.add(report, told.at)
        over = [
            (name, told.at)  # its newest version is none to look for; the next may be
            for (source, name), counts in newer.items()
            if counts and (held := reports.get(name)) is not None and held.source == source
        ]
        if not (gone := (*over, *told.withdrawn)):
            return
        for group, names in reports.withdraw(gone, told.at, groups):
            if group.evidence is not None and group.evidence.rests_on in names:
                self._state.actors.pop(group.key, None)

    def _obey(self, order: Order) -> None:
        state = self._state
        if order.deed in _STANDING:
            self._direct(order)
        elif order.deed in _SAID:
            self._note(order)
        elif isinstance(order.subject, int):
            self._call(order.subject, order)
        elif order.deed in ("kill", "resume"):
            switch(state, order)
        elif order.deed == "reload":
            state.reloaded = order.at
        else:
            self._pardon(order.subject, order)

    def _call(self, key: int, order: Order) -> None:
        """Give a group a name, or forget what is remembered of it."""
        groups = self._state.groups
        group = groups.get(key)
        if order.deed == "forget":
            groups.forget(key)
        elif group is not None:
            groups.rename(group, order.name)

    def _pardon(self, name: str, order: Order) -> None:
        """Pardon or lift an account, or end that."""
        account = self._state.known(name)
        if account is None:
            return
        account.history = remember(account.history, _event(order))
        if order.deed == "unpardon":
            account.pardoned_until = account.lifted_until = 0.0
            return
        account.pardoned_until = order.until
        if order.deed == "lift":
            account.lifted_until = order.until
        quiet(account)
        self._state.groups.let_out(account.principal)

    def _direct(self, order: Order) -> None:
        """Let an order hold, or hold no more; or forget an account."""
        state, subject = self._state, str(order.subject)
        account = None if order.whole else state.known(subject)
        if order.deed == "erase":
            state.accounts.pop(subject)
            state.newcomers.pop(subject, None)
            if account is not None and account.organisation is None:
                state.groups.let_out(account.principal)
            state.directives.revoke(subject, whole=False)
            state.labels.drop(subject)
            state.appeals.drop(subject)
            return
        if account is not None:
            account.history = remember(account.history, _event(order))
        if order.deed == "revoke":
            state.directives.revoke(subject, whole=order.whole)
            if account is not None:
                account.held_until = 0.0
        elif order.deed in ("exempt", "observe", "restrict"):
            state.directives.set(
                Directive(
                    subject, order.whole, order.deed, order.at, order.until, order.by,
                    order.reason, order.action,
                )
            )  # fmt: skip

    def _note(self, order: Order) -> None:
        """Keep what somebody said of an account: it changes nothing for it."""
        state, subject = self._state, str(order.subject)
        if order.deed == "appeal":
            state.appeals.add(
                Appeal(
                    order.name, subject, order.at, order.until, order.reason, order.contact,
                    side=order.side,
                )
            )  # fmt: skip
        elif order.deed == "answer":
            outcome: Outcome = "pardon" if order.action == "pardon" else "keep"
            state.appeals.answer(order.name, outcome, order.reason, order.by, order.at)
        else:
            says: Says = next((one for one in SAYS if one == order.action), "unsure")
            state.labels.set(Label(subject, says, order.at, order.by, order.reason, order.name))
        account = state.known(subject)
        if account is not None:
            account.history = remember(account.history, _event(order))

    def examine(self, now: float) -> Nearing | None:
        """Take one step of the examinations, and judge the group that is done with it."""
        group = self._state.groups.examine_next(now)
        self._state.drop_forgotten()
        if group is None:
            return None
        actor = self._judge(group)
        if actor is None:
            self._state.groups.acquit(group)
            return None
        if rung(fuse(actor.signals, self.settings.risk), self.settings.policy.ladder).restricts:
            self._state.groups.remember(group, now)
        return nearing(actor, now)

    def _judge(self, group: Group) -> Actor | None:
        settings = self.settings
        signals = of_group(group, settings.campaign.examine, settings.signals)
        actor = judge(group, signals, settings.risk)
        if actor is None:
            self._state.actors.pop(group.key, None)
        else:
            self._state.actors[group.key] = actor
        return actor


def switch(state: State, order: Order) -> None:
    """End all enforcement, or take that back."""
    kill = order.deed == "kill"
    state.kill = Kill(order.at, order.by, order.reason) if kill else None


def _event(order: Order) -> Event:
    action = order.action if order.deed in ("restrict", "label", "answer") else ""
    if order.deed == "appeal":  # what the customer wrote is kept for as long as the appeal alone
        return Event(order.at, order.deed, order.by, reference=order.name)
    return Event(order.at, order.deed, order.by, order.reason, action, order.until)

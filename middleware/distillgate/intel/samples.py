"""What a running gate keeps of linked groups for a report: hashes of lines, and no text.

Nothing of a text is left when somebody asks for a report. So some exchanges of the accounts that
are judged by a group's evidence are cut under the community's seed as they end, in this process
alone: what another worker saw, or the one before a restart, is not among them.
"""

from collections.abc import Collection
from itertools import chain

from cachetools import LRUCache

from distillgate.account.account import Account
from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.intel.community import Key
from distillgate.intel.report import Seen, Sent, hour_of
from distillgate.intel.sketch import Sketches
from distillgate.oversight.campaigns import Campaign
from distillgate.policy.decision import Decision
from distillgate.policy.parties import names_of
from distillgate.policy.policy import exemption
from distillgate.wire.exchange import Exchange

_GROUPS, _ACCOUNTS, _EACH = 64, 64, 4
"""Groups, accounts of one, and exchanges of an account that are kept, the latest used: 20 MB at
most, where each exchange has as many lines as are cut."""
_PAUSE = 60.0
"""Seconds between two new accounts of a group of which there are as many as that."""
_WEIGHED = 4
"""Microseconds that it takes to ask whether somebody answers for an account."""


class _Group:
    """What is kept of one group."""

    __slots__ = ("accounts", "latest")

    def __init__(self) -> None:
        self.accounts: LRUCache[str, list[Sent]] = LRUCache(_ACCOUNTS)
        self.latest = 0.0

    def wants(self, account: str, at: float) -> bool:
        """Return whether one more exchange of an account says more."""
        if len(self.accounts) < _ACCOUNTS or account in self.accounts:
            return len(self.accounts.get(account, ())) < _EACH
        return at - self.latest >= _PAUSE

    def add(self, account: str, sent: Sent, at: float) -> None:
        """Keep an exchange."""
        self.accounts[account] = [*self.accounts.get(account, ()), sent]
        self.latest = at


class Samples:
    """Keeps some exchanges of each group that one operator feeds."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self._groups: LRUCache[str, _Group] = LRUCache(_GROUPS)

    def see(self, exchange: Exchange, decision: Decision, at: float) -> None:
        """Keep what an exchange has for a report, where it is judged by its account's group."""
        if decision.group_code is None:
            return
        group = self._groups.get(decision.group_code)
        if group is None:
            group = self._groups[decision.group_code] = _Group()
        if group.wants(decision.account, at):
            group.add(decision.account, Sent.of(exchange, at, self.key), at)

    def drop(self, account: str) -> None:
        """Forget an account."""
        for group in self._groups.values():
            group.accounts.pop(account, None)

    def seen(self, campaign: Campaign, engine: Engine, now: float) -> Job[Seen]:
        """Return what is known of a campaign: its size by the state, the rest by these samples.

        Whom somebody answers for is nobody's matter: who is exempted or pardoned is left out.
        """
        first, last = hour_of(campaign.first_seen), hour_of(campaign.last_seen)
        found = Seen(Sketches(self.key), first=first, last=last)
        for name in campaign.members:
            account = engine.state.accounts.get(name)
            yield _WEIGHED
            if account is not None and not _answered_for(account, engine, now):
                found.accounts.add(name)
                found.exchanges += account.exchanges
        self._look(found, [tie.code for tie in campaign.ties])
        return found

    def _look(self, found: Seen, groups: Collection[str]) -> None:
        known = (self._groups[code] for code in groups if code in self._groups)
        kept = (group.accounts.items() for group in known)
        for name, exchanges in chain.from_iterable(kept):
            for sent in exchanges if name in found.accounts else ():
                found.sample(name, sent)


def _answered_for(account: Account, engine: Engine, now: float) -> bool:
    exempted = exemption(names_of(account), engine.settings.policy.exemptions, now)
    return exempted is not None or now < account.pardoned_until

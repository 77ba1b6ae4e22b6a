"""Everything that is remembered between exchanges, in one place."""

from dataclasses import dataclass, field

from cachetools import LRUCache

from distillgate.account.account import Account, AccountSettings
from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.actions.binding import Bindings
from distillgate.campaign.groups import Groups
from distillgate.durable.changed import Parts
from distillgate.durable.single import Single
from distillgate.fingerprint.known import KnownContent
from distillgate.fingerprint.observation import Party
from distillgate.policy.admission import Parties
from distillgate.policy.charge import Charge
from distillgate.policy.group_budget import Pools
from distillgate.policy.sightings import Sightings
from distillgate.risk.actor import Actor

_NEWCOMERS = 4096
"""Accounts that the upstream did not let in yet; beyond it the longest unused is forgotten."""


@dataclass(slots=True)
class State:
    """The memory of one engine: what a restart would lose, and nothing else."""

    accounts: AccountTable
    groups: Groups
    bindings: Bindings
    """Whose sealed reasoning is."""
    releases: Releases
    """The models that answered, and since when."""
    actors: dict[int, Actor] = field(default_factory=dict)
    """The groups that one operator feeds, by their key."""
    newcomers: LRUCache[str, Account] = field(default_factory=lambda: LRUCache(_NEWCOMERS))
    pools: Pools = field(default_factory=Pools)
    """What restricted actors have used of what they still get."""
    sightings: Sightings = field(default_factory=Sightings)
    """What was answered, where a plan holds a number of different texts."""

    contents: KnownContent = field(default_factory=KnownContent)
    """What principals sent before, and what they were answered."""

    def actor(self, key: int) -> Actor | None:
        """Give a group's actor; None where its linkage does not reach, or it was forgotten."""
        actor = self.actors.get(key)
        return actor if actor is not None and self.groups.get(key) is actor.group else None

    def parts(self) -> Parts:
        """Give what outlives the process, by name, in the order in which to load it."""
        return {
            "accounts": self.accounts,
            **self.groups.parts(),
            "seals": self.bindings.kept,
            "pools": self.pools,
            "answered texts": self.sightings.cells,
            "known contents": self.contents.cells,
            "releases": Single(self.releases.give, self.releases.take),
        }

    def find(self, party: Party, settings: AccountSettings) -> Account:
        """Give an account, where it is not known as a newcomer: the table keeps who was let in.

        Until then its parallel requests share one account, or none would see what the others hold
        of its budgets. Counts as no use.
        """
        account = self.accounts.get(party.name) or self.newcomers.get(party.name)
        if account is None:
            account = Account(party.name, party.unit, party.first_seen, settings)
            account.plan = party.plan
            self.newcomers[party.name] = account
        return account

    def use(self, party: Party, settings: AccountSettings) -> Account:
        """Give an account that was let in, and count it as used."""
        account = self.accounts.touch(party.name)
        if account is None:
            account = self.find(party, settings)
            account.first_seen = party.first_seen
            account.plan = party.plan
            self.accounts.put(account)
            self.newcomers.pop(party.name, None)
        self.accounts.changed.add(party.name)
        return account

    def parties(self, charge: Charge, settings: AccountSettings) -> Parties:
        """Give whom a charge concerns."""
        account = payer = self.find(charge.account, settings)
        if charge.payer is not None:
            payer = self.find(charge.payer, settings)
        self.accounts.changed.update((account.name, payer.name))
        return Parties(account, payer, self.pools.use(charge.pools))

    def drop_forgotten(self) -> None:
        """Let go of actors whose groups were forgotten."""
        if len(self.actors) > len(self.groups):
            self.actors = {key: a for key, a in self.actors.items() if self.actor(key) is a}

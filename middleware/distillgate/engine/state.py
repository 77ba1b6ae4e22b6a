"""Everything that is remembered between exchanges, in one place."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from distillgate.account.account import Account
from distillgate.account.releases import Releases
from distillgate.account.table import AccountTable
from distillgate.actions.binding import Bindings
from distillgate.campaign.groups import Groups
from distillgate.engine.versions import Versions
from distillgate.fingerprint.known import KnownContent
from distillgate.fingerprint.observation import Party
from distillgate.policy.answered_texts import AnsweredTexts
from distillgate.policy.appeals import Appeal, Appeals
from distillgate.policy.charge import Charge
from distillgate.policy.directives import Directive, Directives
from distillgate.policy.group_budget import Pools
from distillgate.policy.labels import Label, Labels
from distillgate.policy.parties import Parties
from distillgate.records import Part, Record, batched, decoder, encode
from distillgate.risk.actor import Actor
from distillgate.signals.signal import Signal

NEWCOMERS = 4096
"""Accounts that the upstream did not let in yet; beyond it the longest unused is forgotten."""


class Kill(Record):
    """An end of all enforcement: when, by whom, and why."""

    at: float = 0.0
    by: str = ""
    reason: str = ""


class _Rest(Record):
    """What is written of the state beside its tables."""

    killed: bool = False
    reloaded: float = 0.0
    newcomers: list[Account] = []
    actors: list[tuple[int, list[Signal]]] = []
    directives: list[Directive] = []
    labels: list[Label] = []
    appeals: list[Appeal] = []
    kill: Kill | None = None


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
    newcomers: OrderedDict[str, Account] = field(default_factory=OrderedDict)
    """Accounts that were charged and not let in yet."""
    pools: Pools = field(default_factory=Pools)
    """What restricted actors have used of what they still get."""
    answered: AnsweredTexts = field(default_factory=AnsweredTexts)
    """What was answered, where a plan holds a number of different texts."""
    directives: Directives = field(default_factory=Directives)
    """What people ordered of accounts and organisations."""
    labels: Labels = field(default_factory=Labels)
    """What people found of accounts."""
    appeals: Appeals = field(default_factory=Appeals)
    """What customers wrote to refusals."""
    kill: Kill | None = None
    """An operator ended all enforcement, and nobody has taken that back."""
    reloaded: float = 0.0
    """When an operator last had the configuration read again."""
    versions: Versions = field(default_factory=Versions)
    """The newest versions of what others told."""

    contents: KnownContent = field(default_factory=KnownContent)
    """What principals sent before, and what they were answered."""

    def __post_init__(self) -> None:
        """Let accounts share numbers with groups while both are read."""
        self.accounts.numbers = self.groups.numbers

    @property
    def killed(self) -> bool:
        """Return whether an operator ended all enforcement."""
        return self.kill is not None

    def actor(self, key: int) -> Actor | None:
        """Return a group's actor; None where its linkage does not reach, or it was forgotten."""
        actor = self.actors.get(key)
        return actor if actor is not None and self.groups.get(key) is actor.group else None

    def known(self, name: str) -> Account | None:
        """Look an account up, let in or not, without counting it as used."""
        return self.accounts.get(name) or self.newcomers.get(name)

    def current(self, parties: Parties) -> Parties:
        """Return the parties as they are remembered by now: they may have been let in since."""
        account, payer = parties.account, parties.payer
        known = self.known(account.name) or account
        if payer is account:
            return replace(parties, account=known, payer=known)
        return replace(parties, account=known, payer=self.known(payer.name) or payer)

    @property
    def at_rest(self) -> bool:
        """Return whether the state can be written: no examination is half done."""
        return self.groups.at_rest

    def parts(self) -> dict[str, Part]:
        """Return what is written, by name, in the order in which to read it."""
        return {
            "accounts": self.accounts,
            **self.groups.parts(),
            "seals": self.bindings,
            "pools": self.pools,
            "answered texts": self.answered.places,
            "known contents": self.contents.places,
            "releases": self.releases,
            "versions": self.versions,
            "rest": self,
        }

    def dump(self) -> Iterator[bytes]:
        """Write what belongs to none of the tables."""
        yield encode(_Rest(self.killed, self.reloaded, kill=self.kill))
        for accounts in batched(self.newcomers.values(), 64):
            yield encode(_Rest(self.killed, self.reloaded, newcomers=accounts))
        for directives in batched(self.directives, 64):
            yield encode(_Rest(self.killed, self.reloaded, directives=directives))
        for labels in batched(self.labels, 64):
            yield encode(_Rest(self.killed, self.reloaded, labels=labels))
        for appeals in batched(self.appeals, 16):
            yield encode(_Rest(self.killed, self.reloaded, appeals=appeals))
        known = [(key, actor.signals) for key in self.actors if (actor := self.actor(key))]
        for actors in batched(known, 32):
            yield encode(_Rest(self.killed, self.reloaded, actors=actors))

    def load(self, piece: bytes) -> None:
        """Read a piece of what `dump` wrote."""
        written: _Rest = _REST(piece)
        self.kill = (written.kill or self.kill or Kill()) if written.killed else None
        self.reloaded = written.reloaded
        self.groups.numbers.clear()  # this is the last part
        self.newcomers.update((account.name, account) for account in written.newcomers)
        for directive in written.directives:
            self.directives.set(directive)
        for label in written.labels:
            self.labels.set(label)
        for appeal in written.appeals:
            self.appeals.add(appeal)
        for key, signals in written.actors:
            group = self.groups.get(key)
            if group is not None:
                self.actors[key] = Actor(group, signals)

    def find(self, party: Party) -> Account:
        """Return an account, where it is not known as a newcomer: the table keeps who was let in.

        Counts as no use.
        """
        account = self.accounts.get(party.name)
        if account is not None:
            return account
        account = self.newcomers.get(party.name)
        if account is None:
            account = Account.new(party.name, party.principal, party.first_seen)
            account.plan = party.plan
            self.newcomers[party.name] = account
            if len(self.newcomers) > NEWCOMERS:
                self.newcomers.popitem(last=False)
        self.newcomers.move_to_end(party.name)
        return account

    def use(self, party: Party) -> Account:
        """Return an account that was let in, and count it as used."""
        account = self.accounts.touch(party.name)
        if account is None:
            account = self.find(party)
            account.first_seen = party.first_seen
            account.plan = party.plan
            self.accounts.put(account)
            self.newcomers.pop(party.name, None)
        return account

    def parties(self, charge: Charge) -> Parties:
        """Return whom a charge concerns."""
        account = payer = self.find(charge.account)
        if charge.payer is not None:
            payer = self.find(charge.payer)
        return Parties(account, payer, self.pools.use(charge.pools))

    def drop_forgotten(self) -> None:
        """Let go of actors whose groups were forgotten."""
        if len(self.actors) > len(self.groups):
            self.actors = {key: a for key, a in self.actors.items() if self.actor(key) is a}


_REST = decoder(_Rest)

"""Campaigns: the groups of one hand, told as one. People ask about these, not about groups.

One operator's accounts share a template, a network, a client and a card, and are a group by each.
Groups whose accounts are for a half the same, counted in the smaller one, are one campaign.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from distillgate.account.account import Account
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Item, Job, ordered
from distillgate.campaign.keys import Kind
from distillgate.engine.engine import Engine
from distillgate.policy.ladder import rung
from distillgate.risk.actor import WEIGHED, Actor, belonging
from distillgate.risk.fuse import fuse
from distillgate.signals.allowance import allowance

SHARED = 0.5
"""The share of the smaller group's accounts from which two groups are of one hand."""
MOST = 1000
"""Groups that are looked at, the surest linked first."""


_AT_ONCE = 500
"""Names that are gone over between two pauses."""
_ADDED = 12
"""Microseconds that adding an account up takes."""


class Tie(NamedTuple):
    """One thing that accounts of a campaign share."""

    group: str
    """The group's name, or its own reference."""
    code: str
    kind: str
    accounts: int
    link: float
    """Evidence that one operator feeds the group, in nats."""


@dataclass(slots=True)
class Campaign:
    """Some accounts that one operator feeds, and all that ties them."""

    id: str
    """The name a person gave one of its groups, else `c-` and the eldest group's reference."""
    code: str
    ties: list[Tie]
    members: list[str] = field(repr=False)
    strays: dict[int, list[str]] = field(default_factory=dict, repr=False)
    """By a group's key: the accounts that share what its members do, and are nobody's."""
    exchanges: int = 0
    output_tokens: float = 0.0
    """In the remembered time (`account.windows.HALF_LIFE`)."""
    restricted: int = 0
    pardoned: int = 0
    organisations: dict[str, int] = field(default_factory=dict)
    """Declared organisations among them: a reason to look twice."""
    plans: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    """How many of them people found what of: `confirmed`, `honest`, `unsure`."""
    value_tokens: float = 0.0
    """What its largest group took, in value tokens..."""
    budget: float | None = None
    """...and how much one actor may."""
    link: float = 0.0
    risk: float = 0.0
    first_seen: float = 0.0
    last_seen: float = 0.0

    def document(self) -> dict[str, Any]:
        """Return it for people and programs, without its members' names."""
        names = (name for name in self.__dataclass_fields__ if name not in _APART)
        return {
            **{name: getattr(self, name) for name in names},
            "accounts": len(self.members),
            "ties": [tie._asdict() for tie in self.ties],
        }

    def lead(self, engine: Engine, name: str = "") -> Actor | None:
        """Return the group that it is shown by: the one named, or the most easily checked of those
        whose evidence has the hardest consequence.

        A shared text first, texts alone last. None where all its groups are gone.
        """
        state, settings = engine.state, engine.settings
        known = [group for tie in self.ties if (group := state.groups.named(tie.code)) is not None]
        actors = [found for one in known if (found := state.actor(one.key)) is not None]

        def first(actor: Actor) -> tuple[bool, int, bool, bool, float]:
            consequence = rung(fuse(actor.signals, settings.risk), settings.policy.ladder)
            return actor.group.code != name, -consequence, *_most_easily_checked(actor.group)

        return min(actors, key=first, default=None)


_APART = frozenset({"members", "ties", "strays"})


def _most_easily_checked(group: Group) -> tuple[bool, bool, float]:
    return not group.kind.textual, group.kind is Kind.HAND, -group.link


def campaigns(engine: Engine, now: float) -> Job[list[Campaign]]:
    """Return the campaigns there are, those with the most accounts first."""
    actors = _actors(engine)
    yield len(engine.state.actors)
    principals: dict[int, list[int]] = {}
    for at, actor in enumerate(actors):
        for number, principal in enumerate(list(actor.group.rows)):
            principals.setdefault(principal, []).append(at)
            if not number % _AT_ONCE:
                yield _AT_ONCE // 4
    members: list[list[Account]] = [[] for _ in actors]
    strays: list[list[str]] = [[] for _ in actors]
    shared: Counter[tuple[int, int]] = Counter()
    for account in engine.state.accounts:
        yield 1
        among = []
        for at in principals.get(account.principal, ()):
            if share(engine, actors[at], account) > 0:
                members[at].append(account)
                among.append(at)
            else:
                strays[at].append(account.name)
        shared.update((one, other) for one in among for other in among if one < other)
        yield WEIGHED * len(principals.get(account.principal, ()))
    found = []
    for hand in _hands([len(some) for some in members], shared):
        one = yield from _campaign(engine, [(actors[at], members[at]) for at in hand], now)
        one.strays = yield from _alone(one, {actors[at].group.key: strays[at] for at in hand})
        found.append(one)
    return sorted(found, key=lambda one: (-len(one.members), one.code))


def _alone(one: Campaign, strays: dict[int, list[str]]) -> Job[dict[int, list[str]]]:
    """Return those of some groups' strays who are no members by another of the groups."""
    known: set[str] = set()
    for some in _runs(one.members):
        known.update(some)
        yield _AT_ONCE // 4
    found: dict[int, list[str]] = {key: [] for key in strays}
    for key, names in strays.items():
        for some in _runs(names):
            found[key] += [name for name in some if name not in known]
            yield _AT_ONCE // 4
    return found


def _runs(items: list[Item]) -> Iterator[list[Item]]:
    return (items[at : at + _AT_ONCE] for at in range(0, len(items), _AT_ONCE))


def _actors(engine: Engine) -> list[Actor]:
    state = engine.state
    known = [actor for key in list(state.actors) if (actor := state.actor(key)) is not None]
    return sorted(known, key=lambda actor: (-actor.group.link, actor.group.key))[:MOST]


def share(engine: Engine, actor: Actor, account: Account) -> float:
    """Return how surely an account belongs to a group, in [0, 1]."""
    who = engine.state.groups.comparable(account.principal)
    return belonging(actor.group, account, who, engine.settings.campaign.examine)


def _hands(sizes: list[int], shared: Counter[tuple[int, int]]) -> Iterator[list[int]]:
    """Return groups by whose hand they are: each by its number, those without accounts left out."""
    parent = list(range(len(sizes)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    for (one, other), count in shared.items():
        if count >= SHARED * min(sizes[one], sizes[other]):
            parent[root(other)] = root(one)
    hands: dict[int, list[int]] = {}
    for at, size in enumerate(sizes):
        if size:
            hands.setdefault(root(at), []).append(at)
    yield from hands.values()


def _campaign(engine: Engine, tied: list[tuple[Actor, list[Account]]], now: float) -> Job[Campaign]:
    settings = engine.settings
    accounts: dict[str, Account] = {}
    for _, some in tied:
        for run in _runs(some):
            accounts.update((account.name, account) for account in run)
            yield _AT_ONCE // 4
    groups = [actor.group for actor, _ in tied]
    eldest = min(groups, key=lambda group: (group.first_seen, group.key))
    named = next((group.name for group in groups if group.name), "")
    largest = max((g for g in groups if g.evidence), key=lambda g: len(g.rows), default=None)
    evidence = None if largest is None else largest.evidence
    code = f"c-{eldest.code.removeprefix('g-')}"
    members = yield from ordered(list(accounts), str)
    found = Campaign(named or code, code, [], members)
    found.ties = [
        Tie(a.group.id, a.group.code, a.group.kind.value, len(some), a.group.link)
        for a, some in sorted(tied, key=lambda pair: -len(pair[1]))
    ]
    if evidence is not None:
        found.value_tokens = evidence.taken.tokens
        found.budget = allowance(evidence.taken, settings.signals.work_list).tokens
    found.link = max(group.link for group in groups)
    found.risk = max(fuse(actor.signals, settings.risk).total for actor, _ in tied)
    found.first_seen = eldest.first_seen
    found.last_seen = max(group.last_seen for group in groups)
    yield from _add(found, list(accounts.values()), engine, now)
    return found


def _add(found: Campaign, accounts: list[Account], engine: Engine, now: float) -> Job[None]:
    """Add up what a campaign's accounts did, how they stand, and what people found of them."""
    labels = engine.state.labels
    said: Counter[str] = Counter()
    organisations: Counter[str] = Counter()
    plans: Counter[str] = Counter()
    for account in accounts:
        yield _ADDED
        found.exchanges += account.exchanges
        found.output_tokens += account.usage.read(now).output_tokens.memory
        found.restricted += account.held_until > now
        found.pardoned += account.pardoned_until > now
        plans[account.plan or "default"] += 1
        if (label := labels.of(account.name)) is not None:
            said[label.says] += 1
        if account.organisation is not None:
            organisations[account.organisation] += 1
    found.organisations, found.plans = dict(organisations), dict(plans)
    found.found = dict(said)


def named(found: Iterable[Campaign], name: str) -> Campaign | None:
    """Find a campaign by its name or reference, or by one of its groups'."""
    return next(
        (
            one
            for one in found
            if name in (one.id, one.code) or any(name in (tie.group, tie.code) for tie in one.ties)
        ),
        None,
    )

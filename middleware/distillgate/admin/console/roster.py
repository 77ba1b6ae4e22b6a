"""Who belongs to which campaign: one pass over all accounts serves every campaign of a page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from distillgate.account.account import Account
from distillgate.admin.console.source import Source
from distillgate.campaign.keys import Kind
from distillgate.campaign.steps import Steps
from distillgate.risk.actor import Actor, Habits, membership

_AT_ONCE = 64
_WEIGHED = 30
"""Microseconds that weighing one account's membership takes."""


@dataclass(slots=True)
class Roster:
    """The accounts that share a group's key: its members, and those that are nobody's."""

    members: list[Account] = field(default_factory=list)
    strays: list[Account] = field(default_factory=list)

    def standings(self, source: Source) -> dict[str, int]:
        """Return how many members stand how."""
        return dict(Counter(source.standing(account) for account in self.members))

    def organisations(self) -> dict[str, int]:
        """Return the declared organisations among the members, with their accounts."""
        named = (account.organisation for account in self.members)
        return dict(Counter(name for name in named if name is not None).most_common())

    def plans(self) -> dict[str, int]:
        """Return the plans among the members, with their accounts."""
        return dict(Counter(account.plan or "default" for account in self.members).most_common())


def rosters(
    source: Source, actors: Sequence[Actor], accounts: Iterable[Account]
) -> Steps[dict[int, Roster]]:
    """Return the roster of each group by its key."""
    of_unit: dict[int, list[Actor]] = {}
    for actor in actors:
        for number, unit in enumerate(list(actor.group.rows)):
            of_unit.setdefault(unit, []).append(actor)
            if not number % _AT_ONCE:
                yield 10
    found = {actor.group.key: Roster() for actor in actors}
    for number, account in enumerate(accounts):
        for actor in of_unit.get(account.unit, ()):
            roster = found[actor.group.key]
            belongs = share(source, actor, account) > 0
            (roster.members if belongs else roster.strays).append(account)
            yield _WEIGHED
        if not number % _AT_ONCE:
            yield 5
    return found


def one_hand(actors: Sequence[Actor], known: Mapping[int, Roster]) -> list[list[Actor]]:
    """Return groups of one hand together: those that share half of the smaller one's members.

    A ring shares a prompt, a client and a card, and is a group in each of them; people think of it
    as one. The first of each list is the one most easily checked.
    """
    hands: list[list[Actor]] = []
    sizes: list[int] = []
    of: dict[str, int] = {}
    for actor in sorted(actors, key=lambda one: -one.group.link):
        members = known[actor.group.key].members
        overlaps = Counter(of[one.name] for one in members if one.name in of)
        for hand, shared in overlaps.most_common(1):
            if 2 * shared >= min(len(members), sizes[hand]):
                hands[hand].append(actor)
                break
        else:
            hand = len(hands)
            hands.append([actor])
            sizes.append(len(members))
        for one in members:
            of.setdefault(one.name, hand)
    return [sorted(hand, key=_tangible) for hand in hands]


def _tangible(actor: Actor) -> tuple[bool, bool, float]:
    """Order groups by what a person can check: a shared text first, a way of use last."""
    kind = actor.group.kind
    return not kind.textual, kind is Kind.USE, -actor.group.link


def share(source: Source, actor: Actor, account: Account) -> float:
    """Return how surely an account belongs to a group, in [0, 1]."""
    habits = Habits(account.exchanges, account.follows)
    examine = source.engine.settings.campaign.examine
    members = source.engine.state.groups.members
    return membership(actor.group, account.unit, members, examine, habits)

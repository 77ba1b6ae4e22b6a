"""Who of a campaign's accounts belongs to one of its groups, and who only shares its key."""

from collections import Counter
from dataclasses import dataclass, field

from distillgate.account.account import Account
from distillgate.admin.console.source import AT_ONCE, Source
from distillgate.campaign.jobs import Job
from distillgate.campaign.keys import Kind
from distillgate.oversight.campaigns import Campaign
from distillgate.risk.actor import WEIGHED, Actor, belonging


@dataclass(slots=True)
class Roster:
    """A campaign's members, and the accounts that share a group's key and are nobody's."""

    members: list[Account] = field(default_factory=list)
    strays: list[Account] = field(default_factory=list)

    def standings(self, source: Source) -> dict[str, int]:
        """Return how many members stand how."""
        return dict(Counter(source.standing(account) for account in self.members))


def roster(source: Source, campaign: Campaign, actor: Actor) -> Job[Roster]:
    """Return a campaign's members, and who shares the key of one of its groups beside them."""
    found, names = Roster(), frozenset(campaign.members)
    for number, account in enumerate(source.engine.state.accounts, 1):
        if account.name in names:
            found.members.append(account)
        elif account.principal in actor.group.rows and share(source, actor, account) <= 0:
            found.strays.append(account)
            yield WEIGHED
        if not number % AT_ONCE:
            yield AT_ONCE
    return found


def lead(source: Source, campaign: Campaign, name: str) -> Actor | None:
    """Return the group that a campaign is shown by: the one named, or the most easily checked.

    A shared text first, texts alone last.
    """
    groups = source.engine.state.groups
    known = [group for tie in campaign.ties if (group := groups.named(tie.code)) is not None]
    actors = [found for one in known if (found := source.engine.state.actor(one.key)) is not None]
    return min(actors, key=lambda actor: _order(actor, name), default=None)


def _order(actor: Actor, name: str) -> tuple[bool, bool, bool, float]:
    kind = actor.group.kind
    return actor.group.code != name, not kind.textual, kind is Kind.HAND, -actor.group.link


def share(source: Source, actor: Actor, account: Account) -> float:
    """Return how surely an account belongs to a group, in [0, 1]."""
    examine = source.engine.settings.campaign.examine
    return belonging(actor.group, account, source.engine.state.groups.members, examine)

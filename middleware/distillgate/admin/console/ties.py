"""What ties a campaign's accounts: the groups that they share, and who is no member, and why."""

from collections import Counter
from typing import NamedTuple

from distillgate.account.account import Account
from distillgate.admin.console.source import Document, Source, even
from distillgate.campaign.evidence import log_odds
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job
from distillgate.risk.actor import Actor

_HUBS = 8
"""Shared things that are drawn, those that most accounts share."""
_ACCOUNTS, _STRAYS = 72, 24
"""Members and strays that are drawn: an even sample of more."""
_ASKED = 2000
"""Accounts of which it is asked what else they share."""
_SHARED = 2
"""Accounts from which something shared is a tie."""


class Involved(NamedTuple):
    """A campaign's members, and the accounts that share a group's key and are nobody's."""

    members: list[Account]
    strays: list[Account]


def ties(source: Source, actor: Actor, found: Involved) -> Job[Document]:
    """Return the hubs of a campaign, the accounts on them, and the strays with their reasons."""
    groups = source.engine.state.groups
    of: dict[str, list[int]] = {}
    count: Counter[int] = Counter()
    for account in [*even(found.members, _ASKED), *even(found.strays, _STRAYS)]:
        yield 20
        of[account.name] = keys = [group.key for group in groups.of_principal(account.principal)]
        count.update(keys)
    shared = [key for key, number in count.most_common() if number >= _SHARED]
    shared = [actor.group.key, *(key for key in shared if key != actor.group.key)]
    hubs = [group for key in shared[:_HUBS] if (group := groups.get(key)) is not None]
    place = {group.key: at for at, group in enumerate(hubs)}

    def drawn(account: Account) -> Document:
        on = [place[key] for key in of.get(account.name, ()) if key in place]
        return {"account": account.name, "hubs": on}

    return {
        "hubs": [_hub(source, group, count[group.key]) for group in hubs],
        "accounts": [drawn(one) for one in even(found.members, _ACCOUNTS)],
        "strays": [
            {**drawn(one), "why": stray(source, actor, one)} for one in even(found.strays, _STRAYS)
        ],
        "of_accounts": len(found.members),
        "of_strays": len(found.strays),
    }


def _hub(source: Source, group: Group, shared: int) -> Document:
    return {
        "code": group.code,
        "id": group.id,
        "kind": group.kind.value,
        "principals": len(group.rows),
        "shared_by": shared,
        "linked": source.engine.state.actor(group.key) is not None,
        "meetings": dict(group.evidence.meetings) if group.evidence is not None else {},
    }


def stray(source: Source, actor: Actor, account: Account) -> str:
    """Return in words why an account that shares a group's key is not held for one of it."""
    group, members = actor.group, source.engine.state.groups.members
    evidence = group.evidence
    if evidence is not None and evidence.one_hand is not None:
        return (
            "its texts lie outside the hand's, or it continues conversations as the hand does not"
        )
    if evidence is None or evidence.core is None:
        return "its texts were not compared"
    row = group.row(account.principal, members)
    texts = float(members.texts[row]) if row is not None else 0.0
    if not texts:
        return "none of its own texts could be compared"
    odds = float(log_odds(evidence.core, *members.one(row)[:3])) if row is not None else 0.0
    sure = source.engine.settings.campaign.examine.sure
    if odds < sure:
        return (
            f"its {texts:,.0f} texts are unlike the others' in subject or manner: log-odds of "
            f"belonging {odds:+.1f}, of {sure:+.1f} that are needed"
        )
    if account.exchanges - texts > 1:
        return f"it sent {account.exchanges - texts:,.0f} requests without what the group shares"
    return "it continues conversations as the group does not"

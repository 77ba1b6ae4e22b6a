"""The documents of the pages *Now* and *Campaigns*."""

from collections.abc import Iterable
from heapq import nlargest

from distillgate.account.account import Account
from distillgate.admin.console.roster import Roster, one_hand, rosters
from distillgate.admin.console.source import Document, Source
from distillgate.campaign.group import Group
from distillgate.campaign.steps import Steps
from distillgate.policy.decision import Action
from distillgate.risk.actor import Actor
from distillgate.risk.fuse import fuse
from distillgate.signals.detectors.work_list import allowance
from distillgate.telemetry.history import Fate, Table

_LISTED = 200
"""Campaigns that a page lists, the most surely linked ones; the document says of how many."""
_RISKIEST = 25
_HOUR, _DAY = 3600.0, 86_400.0
_SUMMED = 100
"""Accounts whose bins are added between two pauses: a millisecond."""


def now_document(source: Source) -> Steps[Document]:
    """Return what the page *Now* shows."""
    accounts = yield from source.accounts()
    restricted = [a for a in accounts if source.standing(a) in ("acted on", "judged")]
    yield len(accounts) // 100
    counts = dict.fromkeys(("acted on", "judged", "pardoned", "exempt"), 0)
    for account in accounts:
        word = source.standing(account)
        if word != "free":
            counts[word] += 1
    yield len(accounts) // 50
    listed = yield from campaign_rows(source, accounts)
    state, history = source.engine.state, source.history
    actions = history.actions(source.now)
    last = actions[-history.last(_HOUR) :].sum(axis=0)
    return {
        "at": source.now,
        "mode": source.mode,
        "killed": state.killed,
        **source.more,
        "losing": list(source.losing),
        "remembered": {
            "accounts": len(accounts),
            "groups": len(state.groups),
            "evicted": state.accounts.evicted,
        },
        "standing": {word.replace(" ", "_"): number for word, number in counts.items()},
        "riskiest": [_account_row(source, a) for a in _riskiest(restricted)],
        "campaigns": listed,
        "last_hour": {
            "bins": history.last(_HOUR),
            "exchanges": int(last.sum()),
            "actions": {action.label: int(last[action]) for action in Action},
            "results": source.outcomes.last_hour(source.now),
        },
        "bins": _bins(source, actions),
        "marks": [mark._asdict() for mark in history.marks(source.now)],
    }


def campaigns_document(source: Source) -> Steps[Document]:
    """Return what the page *Campaigns* shows."""
    accounts = yield from source.accounts()
    listed = yield from campaign_rows(source, accounts)
    known = sum(1 for _ in source.actors())
    return {"at": source.now, "mode": source.mode, "known": known, "campaigns": listed}


def campaign_rows(source: Source, accounts: Iterable[Account]) -> Steps[list[Document]]:
    """Return a row a campaign, those that got the most whole answers in the last day first."""
    actors = [actor for actor, _ in zip(source.actors(), range(_LISTED), strict=False)]
    known = yield from rosters(source, actors, accounts)
    rows: list[Document] = []
    for hand in one_hand(actors, known):
        row = yield from campaign_row(source, hand[0], known[hand[0].group.key])
        row["also"] = [_tie(actor, known[actor.group.key]) for actor in hand[1:]]
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["fates"]["full_today"], -row["link"], row["code"]))


def campaign_row(source: Source, actor: Actor, roster: Roster) -> Steps[Document]:
    """Return one campaign as a row."""
    group, settings = actor.group, source.engine.settings
    evidence = group.evidence
    table, kept = yield from summed(source, roster.members)
    return {
        "id": group.id,
        "code": group.code,
        "kind": group.kind.value,
        "accounts": len(roster.members),
        "strays": len(roster.strays),
        "units": len(group.rows),
        "exchanges": group.exchanges,
        "output_tokens": round(group.output_tokens),
        "link": group.link,
        "risk": fuse(actor.signals, settings.risk).total,
        "distinct_texts": evidence.distinct if evidence else group.repeats.distinct(),
        **_budget(source, group),
        "first_seen": group.first_seen,
        "last_seen": group.last_seen,
        "standing": roster.standings(source),
        "organisations": roster.organisations(),
        "plans": roster.plans(),
        "fates": fates(table, source.history.last(_DAY)),
        "counted_accounts": kept,
        "sent": table[:, Fate.SENT].tolist(),
    }


def summed(source: Source, accounts: list[Account]) -> Steps[tuple[Table, int]]:
    """Return what accounts sent in all, by bin and fate, and of how many of them it is kept."""
    table, kept = source.history.total((), source.now)
    for at in range(0, len(accounts), _SUMMED):
        names = [account.name for account in accounts[at : at + _SUMMED]]
        more, number = source.history.total(names, source.now)
        table, kept = table + more, kept + number
        yield 1000
    return table, kept


def fates(table: Table, day: int) -> Document:
    """Return what became of exchanges, in all the time that is kept and in the last day's bins."""
    sent, judged, cut, away = (int(table[:, fate].sum()) for fate in Fate)
    latest = table[-day:].sum(axis=0)
    return {
        "sent": sent,
        "judged": judged,
        "cut": cut,
        "turned_away": away,
        "full": sent - cut - away,
        "full_today": int(latest[Fate.SENT] - latest[Fate.CUT] - latest[Fate.AWAY]),
    }


def _tie(actor: Actor, roster: Roster) -> Document:
    """Return another group of the same hand."""
    group = actor.group
    return {
        "id": group.id,
        "code": group.code,
        "kind": group.kind.value,
        "accounts": len(roster.members),
        "link": group.link,
    }


def _budget(source: Source, group: Group) -> Document:
    """Return what a campaign took and what one sender that works as openly may take.

    In value tokens, and, at what its exchanges held on average, in exchanges.
    """
    if group.evidence is None:
        return dict.fromkeys(("value_tokens", "allowed_tokens", "allowed_exchanges", "allowed_why"))
    taken = group.evidence.taken
    allowed = allowance(taken, source.engine.settings.signals.work_list)
    each = taken.tokens / max(1, group.evidence.exchanges)
    return {
        "value_tokens": taken.tokens,
        "allowed_tokens": allowed.tokens,
        "allowed_exchanges": allowed.tokens / each if each > 0 else None,
        "allowed_why": allowed.why,
    }


def _riskiest(accounts: list[Account]) -> list[Account]:
    return nlargest(_RISKIEST, accounts, key=lambda account: (account.risk, account.name))


def _account_row(source: Source, account: Account) -> Document:
    return {
        "account": account.name,
        "organisation": account.organisation,
        "plan": account.plan,
        "standing": source.standing(account),
        "risk": account.risk,
        "until": account.held_until,
        "exchanges": account.exchanges,
        "last_seen": account.last_seen,
    }


def _bins(source: Source, actions: Table) -> Document:
    return {
        "first": source.history.first(source.now),
        "seconds": source.history.width,
        "counted_since": source.history.since,
        "actions": {action.label: actions[:, action].tolist() for action in Action},
    }

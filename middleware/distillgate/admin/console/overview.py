"""The documents of the pages *Now* and *Campaigns*."""

from heapq import nlargest
from typing import Any

from distillgate.account.account import Account
from distillgate.admin.console.source import AT_ONCE, Document, Source
from distillgate.campaign.jobs import Job
from distillgate.oversight.campaigns import Campaign
from distillgate.policy.decision import Action
from distillgate.telemetry.history import Fate, Table

_LISTED = 200
"""Campaigns that a page lists, the largest; the document says of how many."""
_RISKIEST = 25
_RANKED = 1000
"""Restricted accounts from which the riskiest are taken in one go."""
_HOUR, _DAY = 3600.0, 86_400.0
_SUMMED, _SUMMING = 50, 500
"""Accounts whose bins are added between two pauses, and the microseconds that takes."""


def now_document(source: Source) -> Job[Document]:
    """Return what the page *Now* shows."""
    counts, restricted, accounts = yield from _standing(source)
    listed = yield from campaigns_document(source)
    state, history = source.engine.state, source.history
    actions = history.actions(source.now)
    last = actions[-history.last(_HOUR) :].sum(axis=0)
    return {
        **listed,
        "killed": state.killed,
        **source.more,
        "losing": list(source.losing),
        "remembered": {
            "accounts": accounts,
            "groups": len(state.groups),
            "evicted": state.accounts.evicted,
        },
        "appeals": state.appeals.number(source.now),
        "standing": {word.replace(" ", "_"): number for word, number in counts.items()},
        "riskiest": [_account_row(source, a) for a in _riskiest(restricted)],
        "last_hour": {
            "bins": history.last(_HOUR),
            "exchanges": int(last.sum()),
            "actions": {action.label: int(last[action]) for action in Action},
            "results": source.outcomes.last_hour(source.now),
        },
        "bins": _bins(source, actions),
        "marks": [mark._asdict() for mark in history.marks(source.now)],
    }


def campaigns_document(source: Source) -> Job[Document]:
    """Return what the page *Campaigns* shows: those that got most whole answers lately first."""
    found = yield from source.roll.campaigns(source.now)
    rows: list[Document] = []
    for campaign in found[:_LISTED]:
        row = yield from campaign_row(source, campaign)
        rows.append(row)
    rows.sort(key=lambda row: (-row["fates"]["full_today"], -row["accounts"], row["code"]))
    return {"at": source.now, "mode": source.mode, "known": len(found), "campaigns": rows}


def campaign_row(source: Source, campaign: Campaign) -> Job[Document]:
    """Return one campaign as a row."""
    table, kept = yield from summed(source, campaign.members)
    evidence: dict[str, Any] = campaign.document()
    return {
        **evidence,
        "fates": fates(table, source.history.last(_DAY)),
        "counted_accounts": kept,
        "sent": table[:, Fate.SENT].tolist(),
    }


def summed(source: Source, names: list[str]) -> Job[tuple[Table, int]]:
    """Return what accounts sent in all, by bin and fate, and of how many of them it is kept."""
    table, kept = source.history.total((), source.now)
    for at in range(0, len(names), _SUMMED):
        more, number = source.history.total(names[at : at + _SUMMED], source.now)
        table, kept = table + more, kept + number
        yield _SUMMING
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
        "share_away": away / sent if sent else 0.0,
        "full": sent - cut - away,
        "full_today": int(latest[Fate.SENT] - latest[Fate.CUT] - latest[Fate.AWAY]),
    }


def _standing(source: Source) -> Job[tuple[dict[str, int], list[Account], int]]:
    """Return how many accounts stand how, the riskiest of the restricted, and of how many."""
    counts = dict.fromkeys(("acted on", "judged", "pardoned", "exempt"), 0)
    restricted: list[Account] = []
    number = 0
    for number, account in enumerate(source.engine.state.accounts, 1):
        word = source.standing(account)
        if word != "free":
            counts[word] += 1
        if word in ("acted on", "judged"):
            restricted.append(account)
            if len(restricted) > _RANKED:
                restricted = _riskiest(restricted)
                yield _RANKED
        if not number % AT_ONCE:
            yield AT_ONCE
    return counts, restricted, number


def _riskiest(accounts: list[Account]) -> list[Account]:
    return nlargest(_RISKIEST, accounts, key=lambda account: (account.risk, account.name))


def _account_row(source: Source, account: Account) -> Document:
    return {
        **source.row(account),
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

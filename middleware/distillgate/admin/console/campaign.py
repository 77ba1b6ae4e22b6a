"""The document of the page of one campaign: what it is, how sure that is, and what speaks against.

It joins what `overview` says of the campaign in a row with `risk.explanation`'s evidence, and adds
what the page's pictures are drawn from.
"""

from collections import Counter
from dataclasses import asdict
from operator import attrgetter

from distillgate.account.account import Account
from distillgate.account.bucket import Bucket
from distillgate.account.windows import DAY
from distillgate.admin.console.likeness import scatter
from distillgate.admin.console.overview import campaign_row, summed
from distillgate.admin.console.source import Document, Source, even
from distillgate.admin.console.ties import Involved, ties
from distillgate.campaign.exchangeability import Intraclass
from distillgate.campaign.group import Group
from distillgate.campaign.jobs import Job, ordered
from distillgate.oversight.campaigns import Campaign, named, share
from distillgate.policy.charge import POOL
from distillgate.risk.actor import WEIGHED, Actor
from distillgate.risk.explanation import contributions
from distillgate.risk.fuse import Risk, fuse
from distillgate.signals.allowance import allowance
from distillgate.telemetry.history import Fate

_MEMBERS = 1000
"""Members that a document lists."""
_AT_ONCE = 500
"""Accounts that are gone over between two pauses."""
_DRAWN = 96
"""Accounts of the heat map; of more, an even sample by when they came."""


def campaign_document(source: Source, name: str) -> Job[Document | None]:
    """Return what the page of one campaign shows; None where none has the name."""
    known = yield from source.roll.campaigns(source.now)
    campaign = named(known, name)
    actor = None if campaign is None else campaign.lead(source.engine, name)
    if campaign is None or actor is None:
        return None
    row = yield from campaign_row(source, campaign)
    found = yield from _involved(source, campaign, actor)
    risk = fuse(actor.signals, source.engine.settings.risk)
    return {
        "at": source.now,
        "mode": source.mode,
        "campaign": {
            **row,
            **_budget(source, actor.group),
            "strays": len(found.strays),
            "standing": (yield from _standing(source, found.members)),
        },
        "group": {
            "id": actor.group.id,
            "code": actor.group.code,
            "kind": actor.group.kind.value,
            "link": actor.group.link,
            "principals": len(actor.group.rows),
        },
        "examined": _examined(actor.group),
        "evidence": _evidence(risk, source),
        "rho": (yield from scatter(source, actor.group)),
        "heat": (yield from _heat(source, found)),
        "pool": _pool(source, actor, found),
        "ties": (yield from ties(source, actor, found)),
        "members": (yield from _members(source, actor, found.members[:_MEMBERS])),
    }


def _involved(source: Source, campaign: Campaign, actor: Actor) -> Job[Involved]:
    """Return a campaign's members that are still known, and the strays of one of its groups."""
    table, lists = source.engine.state.accounts, []
    for names in (campaign.members, campaign.strays.get(actor.group.key, [])):
        known: list[Account] = []
        for at in range(0, len(names), _AT_ONCE):
            found = map(table.get, names[at : at + _AT_ONCE])
            known += (account for account in found if account is not None)
            yield _AT_ONCE // 4
        lists.append(known)
    return Involved(*lists)


def _standing(source: Source, accounts: list[Account]) -> Job[dict[str, int]]:
    """Return how many accounts stand how."""
    counts: Counter[str] = Counter()
    for at in range(0, len(accounts), _AT_ONCE):
        counts.update(map(source.standing, accounts[at : at + _AT_ONCE]))
        yield _AT_ONCE
    return dict(counts)


def _budget(source: Source, group: Group) -> Document:
    """Return what a group took and what one sender that works as openly may take.

    In value tokens, and, at what its exchanges held on average, in exchanges.
    """
    if group.evidence is None:
        wanted = "distinct_texts", "allowed_exchanges", "allowed_why"
        return dict.fromkeys(wanted)
    taken = group.evidence.taken
    allowed = allowance(taken, source.engine.settings.signals.work_list)
    each = taken.tokens / max(1, group.evidence.exchanges)
    return {
        "distinct_texts": group.evidence.distinct,
        "value_tokens": taken.tokens,
        "budget": allowed.tokens,
        "allowed_exchanges": allowed.tokens / each if each > 0 else None,
        "allowed_why": allowed.why,
    }


def _examined(group: Group) -> Document | None:
    """Return what the comparison of the members' texts came to."""
    found = group.evidence
    if found is None:
        return None
    return {
        "at": found.examined_at,
        "principals": found.principals,
        "compared": found.examined,
        "population": found.population,
        "topic": _estimate(found.topic),
        "style": _estimate(found.style),
        "core_share": found.core.share if found.core is not None else None,
        "whole": found.whole,
        "follows": found.follows,
        "expansion": found.expansion,
        "elicits": found.elicits,
    }


def _estimate(found: Intraclass | None) -> Document | None:
    if found is None:
        return None
    return {
        "rho": found.rho,
        "error": found.error,
        "principals": found.principals,
        "texts": found.texts,
    }


def _evidence(risk: Risk, source: Source) -> Document:
    """Return the signals that make up a campaign's risk, and where the rungs lie."""
    caps = source.engine.settings.risk.caps
    return {
        "risk": risk.total,
        "families": [
            {"family": name, "llr": llr, "cap": caps.get(name, 0.0), "over": risk.over.get(name, 0)}
            for name, llr in risk.families.items()
        ],
        "contributions": [asdict(one) for one in contributions(risk.signals)],
        "rungs": rungs(source),
    }


def rungs(source: Source) -> dict[str, float]:
    """Return the risk from which each action is taken."""
    rungs_ = source.engine.settings.policy.ladder.rungs()
    return {action.label: risk for action, risk in rungs_.items()}


def _heat(source: Source, found: Involved) -> Job[Document]:
    """Return when each of a campaign's accounts sent, and what became of it."""
    members = yield from ordered(found.members, attrgetter("first_seen", "name"))
    rows = []
    for account in even(members, _DRAWN):
        yield 20
        table = source.history.account(account.name, source.now)
        if table is None:
            continue
        judged = table[:, Fate.JUDGED].nonzero()[0]
        rows.append(
            {
                "account": account.name,
                "first_seen": account.first_seen,
                "standing": source.standing(account),
                "judged_in": int(judged[0]) if len(judged) else None,
                "sent": table[:, Fate.SENT].tolist(),
                "held": (table[:, Fate.CUT] + table[:, Fate.AWAY]).tolist(),
            }
        )
    return {
        "first": source.history.first(source.now),
        "seconds": source.history.width,
        "accounts": rows,
        "drawn": len(rows),
        "of": len(members),
        "total": (yield from _totals(source, found)),
    }


def _totals(source: Source, found: Involved) -> Job[Document]:
    """Return what all of a campaign's accounts sent in each bin, by what became of it."""
    names: list[str] = []
    for at in range(0, len(found.members), _AT_ONCE):
        names += (account.name for account in found.members[at : at + _AT_ONCE])
        yield _AT_ONCE // 4
    table, _ = yield from summed(source, names)
    return {fate.name.lower(): table[:, fate].tolist() for fate in Fate}


def _pool(source: Source, actor: Actor, found: Involved) -> Document | None:
    """Return how much a campaign has used of what all its accounts together still get."""
    evidence = actor.group.evidence
    if not found.members or evidence is None:
        return None
    refill = source.engine.settings.policy.group_budget.refill
    a_day = refill * allowance(evidence.taken, source.engine.settings.signals.work_list).tokens
    [pool] = source.engine.state.pools.of(found.members[0], (actor.group.key,))
    return {
        "tokens_a_day": a_day,
        "used_tokens": pool.buckets.used(POOL, Bucket(a_day, DAY), source.now),
        "restricted_exchanges": pool.restricted,
    }


def _members(source: Source, actor: Actor, accounts: list[Account]) -> Job[list[Document]]:
    """Return a campaign's members as rows."""
    found = []
    for account in accounts:
        yield WEIGHED
        found.append(_member(source, actor, account))
    return found


def _member(source: Source, actor: Actor, account: Account) -> Document:
    return {
        **source.row(account),
        "share": share(source.engine, actor, account),
        "exchanges": account.exchanges,
        "first_seen": account.first_seen,
        "last_seen": account.last_seen,
    }

"""The document of one account's page: what is in force, on what evidence, and how it ends."""

from dataclasses import asdict

from distillgate.account.account import Account
from distillgate.admin.console.campaign import rungs
from distillgate.admin.console.roster import share
from distillgate.admin.console.source import Document, Source
from distillgate.campaign.group import Group
from distillgate.governance.outcomes import Kept
from distillgate.policy.enforcement import ACTED_ON
from distillgate.policy.ladder import rung
from distillgate.policy.plans import Cost, limits, ramp
from distillgate.risk.explanation import explain_account
from distillgate.risk.fuse import Risk
from distillgate.telemetry.history import Fate

_ONE = Cost(1.0, 1.0, 1)


def account_document(source: Source, name: str) -> Document | None:
    """Return what the page of one account shows; None where the account is not known."""
    engine, now = source.engine, source.now
    account = engine.state.known(name)
    if account is None:
        return None
    groups = engine.state.groups.of_unit(account.unit)
    found = engine.assess(account, groups, now)
    line = engine.settings.policy.ladder.throttle
    told = explain_account(
        account, found.risk, found.group, now, engine.settings.account, line=line
    )
    explanation = asdict(told)
    # Named tuples would be bare lists in JSON.
    explanation["activity"] = {n: c._asdict() for n, c in asdict(told)["activity"].items()}
    return {
        "at": now,
        **explanation,
        "plan": account.plan,
        "exchanges": account.exchanges,
        "caps": dict(engine.settings.risk.caps),
        "over": dict(found.risk.over),
        "rungs": rungs(source),
        "in_force": in_force(source, account, found.risk),
        "groups": [_tie(source, group, account) for group in groups],
        "budgets": _budgets(source, account),
        "bins": _bins(source, name),
        "recent": [outcome(one) for one in source.outcomes.of_account(name)],
    }


def in_force(source: Source, account: Account, risk: Risk) -> Document:
    """Return what happens to an account's next exchange, and whether that is really done."""
    now, ladder = source.now, source.engine.settings.policy.ladder
    earned = rung(risk, ladder)
    above = {name: at for name, at in rungs(source).items() if at > risk.total}
    following = min(above.items(), key=lambda one: one[1], default=None)
    held = account.held_until if account.held_until > now else None
    lifted = account.lifted_until if account.lifted_until > now else None
    pardoned = account.pardoned_until if account.pardoned_until > now else None
    return {
        "mode": source.mode,
        "standing": source.standing(account),
        "evidence_allows": earned.label,
        "acted_on": source.mode == "enforce" and account.restriction >= ACTED_ON,
        "restricted_until": held,
        "pardoned_until": pardoned,
        "lifted_until": lifted,
        "next_rung": None if following is None else following[0],
        "to_next_rung": None if following is None else following[1] - risk.total,
    }


def _tie(source: Source, group: Group, account: Account) -> Document:
    actor = source.engine.state.actor(group.key)
    return {
        "code": group.code,
        "id": group.id,
        "kind": group.kind.value,
        "units": len(group.rows),
        "linked": actor is not None,
        "link": group.link,
        "share": share(source, actor, account) if actor is not None else 0.0,
    }


def _budgets(source: Source, account: Account) -> list[Document]:
    """Return what an account used of each limit of its plan."""
    plan = source.engine.settings.policy.plans.of(account.plan)
    trust = ramp(plan, source.now - (account.created or account.first_seen))
    used = account.buckets
    return [
        {
            "budget": take.name,
            "used": used.used(take.name, take.bucket, source.now) if used is not None else 0.0,
            "allowed": take.bucket.capacity,
            "seconds": take.bucket.seconds,
        }
        for take in limits(plan, _ONE, trust)
    ]


def outcome(kept: Kept) -> Document:
    """Return what one client got for one exchange, and why."""
    decision, effect = kept.decision, kept.effect
    return {
        "at": kept.at,
        "reference": effect.reference,
        "client_reference": effect.client_reference,
        "account": decision.account,
        "action": decision.action.label,
        "enforced": decision.enforced,
        "spared": decision.not_enforced,
        "cause": effect.cause,
        "risk": decision.risk,
        "group": decision.group,
        **effect.document(),
    }


def _bins(source: Source, name: str) -> Document | None:
    """Return an account's exchanges over time; None where they are not kept."""
    table = source.history.account(name, source.now)
    if table is None:
        return None
    columns = {fate.name.lower(): table[:, fate].tolist() for fate in Fate}
    history = source.history
    return {"first": history.first(source.now), "seconds": history.width, **columns}

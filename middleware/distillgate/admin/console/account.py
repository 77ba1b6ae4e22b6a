"""The document of one account's page: what is in force, on what evidence, and how it ends."""

from msgspec import structs

from distillgate.account.account import Account
from distillgate.admin.console.campaign import rungs
from distillgate.admin.console.source import Document, Source
from distillgate.campaign.group import Group
from distillgate.governance.outcomes import Kept
from distillgate.oversight.accounts import account_document
from distillgate.oversight.campaigns import share
from distillgate.policy.plans import Cost, limits, ramp
from distillgate.telemetry.history import Fate

_ONE = Cost(1.0, 1.0, 1)
_EVENT: Document = {
    "what": "", "by": "", "reason": "", "action": "", "until": None, "texts": (), "reference": "",
    "not_acted_on": "",
}  # fmt: skip
"""What an event of the history has where it has nothing to say."""


def account_page(source: Source, name: str) -> Document | None:
    """Return what the page of one account shows; None where the account is not known."""
    engine, now = source.engine, source.now
    told = account_document(engine, name, source.mode, now)
    account = engine.state.accounts.get(name)
    if told is None or account is None:
        return None
    groups = engine.state.groups.of_principal(account.principal)
    found = engine.standing(account, now).found
    return {
        "at": now,
        **told,
        "history": [{**_EVENT, **event} for event in told["history"]],
        "plan": account.plan,
        "exchanges": account.exchanges,
        "standing": source.standing(account),
        "over": dict(found.risk.over),
        "label": _label(source, name),
        "rungs": rungs(source),
        "groups": [_tie(source, group, account) for group in groups],
        "budgets": _budgets(source, account),
        "bins": _bins(source, name),
        "recent": [outcome(one) for one in source.outcomes.of_account(name)],
    }


def _label(source: Source, name: str) -> Document | None:
    """Return what a person found of the account."""
    found = source.engine.state.labels.of(name)
    return None if found is None else structs.asdict(found)


def _tie(source: Source, group: Group, account: Account) -> Document:
    actor = source.engine.state.actor(group.key)
    return {
        "code": group.code,
        "id": group.id,
        "kind": group.kind.value,
        "principals": len(group.rows),
        "linked": actor is not None,
        "link": group.link,
        "share": share(source.engine, actor, account) if actor is not None else 0.0,
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
        "account": decision.account,
        "reference": effect.reference,
        "client_reference": effect.client_reference,
        "result": effect.result,
        "status": effect.status,
        "retry_after": effect.retry_after,
        "measures": list(effect.measures),
        "output_tokens": effect.completion_tokens,
        "cause": effect.cause,
        "action": decision.action.label,
        "enforced": decision.enforced,
        "not_enforced": decision.not_enforced,
        "risk": decision.risk,
        "group": decision.group,
    }


def _bins(source: Source, name: str) -> Document | None:
    """Return an account's exchanges over time; None where they are not kept."""
    table = source.history.account(name, source.now)
    if table is None:
        return None
    columns = {fate.name.lower(): table[:, fate].tolist() for fate in Fate}
    history = source.history
    return {"first": history.first(source.now), "seconds": history.width, **columns}

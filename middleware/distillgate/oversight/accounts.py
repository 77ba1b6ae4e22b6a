"""Accounts as people ask for them: lists, everything about one, and a person's own data."""

import dataclasses
from base64 import b64encode
from heapq import nlargest
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from distillgate.account.account import Account
from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.engine.queries import Queries
from distillgate.oversight.in_force import history, in_force, letter
from distillgate.policy.enforcement import ACTED_ON
from distillgate.policy.parties import Named, names_of

Show: TypeAlias = Literal["restricted", "riskiest", "pardoned", "exempt", "ordered"]
SHOWS: tuple[Show, ...] = ("restricted", "riskiest", "pardoned", "exempt", "ordered")
"""Lists by name: who is held now; who has most evidence against it; who is pardoned or lifted; whom
an exemption spares a restriction; of whom a person ordered something."""


class Listed(NamedTuple):
    """One account in a line."""

    account: str
    organisation: str | None
    plan: str
    risk: float
    exchanges: int
    restricted_until: float | None
    acted_on: bool
    """The restriction was not spared; whether the mode enforces it, the state says."""
    pardoned_until: float | None
    order: str
    """What a person ordered, if that still holds."""
    last_seen: float


def accounts(engine: Engine, show: Show, most: int, now: float) -> Job[list[Listed]]:
    """List accounts: those with most evidence first."""
    found: list[Account] = []
    ordered = {one.subject for one in engine.state.directives if now < one.until and not one.whole}
    batch: list[Account] = []
    for account in engine.state.accounts:
        yield 1
        if _is_shown(account, show, ordered, now):
            batch.append(account)
        if len(batch) >= most:
            found, batch = nlargest(most, [*found, *batch], key=_order), []
            yield most
    missing = ordered - {account.name for account in [*found, *batch]}
    listed = [_listed(engine, one, now) for one in nlargest(most, [*found, *batch], key=_order)]
    if show == "ordered":  # an order may come before its account's first exchange
        unknown = sorted(name for name in missing if engine.state.accounts.get(name) is None)
        listed += [_unknown(engine, name, now) for name in unknown]
    return listed[:most]


def _is_shown(account: Account, show: Show, ordered: set[str], now: float) -> bool:
    if show == "restricted":
        return account.held_until > now
    if show == "pardoned":
        return account.pardoned_until > now or account.lifted_until > now
    if show == "exempt":
        return account.restriction < 0
    return account.name in ordered if show == "ordered" else account.risk > 0


def _order(account: Account) -> tuple[float, str]:
    return account.risk, account.name


def _listed(engine: Engine, account: Account, now: float) -> Listed:
    held = engine.state.directives.of(names_of(account), now)
    pardoned = max(account.pardoned_until, account.lifted_until)
    return Listed(
        account=account.name,
        organisation=account.organisation,
        plan=account.plan or "default",
        risk=round(account.risk, 3),
        exchanges=account.exchanges,
        restricted_until=account.held_until if account.held_until > now else None,
        acted_on=account.restriction >= ACTED_ON,
        pardoned_until=pardoned if pardoned > now else None,
        order=held.deed if held is not None else "",
        last_seen=account.last_seen,
    )


def _unknown(engine: Engine, name: str, now: float) -> Listed:
    held = engine.state.directives.of((Named(name),), now)
    deed = held.deed if held is not None else ""
    return Listed(name, None, "", 0.0, 0, None, False, None, deed, 0.0)


def account_document(engine: Engine, name: str, mode: str, now: float) -> dict[str, Any] | None:
    """Return all that people ask of one account: what is in force, the evidence, the history."""
    explanation = Queries(engine).account(name, now)
    account = engine.state.accounts.get(name)
    if explanation is None or account is None:
        return None
    found = dataclasses.asdict(explanation)
    # Named tuples would be bare lists in JSON.
    found["activity"] = {n: c._asdict() for n, c in found["activity"].items()}
    force = in_force(engine, account, mode, now)
    rung = None if force.next_rung is None else force.next_rung._asdict()
    return {
        "account": name,
        "in_force": {**force._asdict(), "next_rung": rung},
        **found,
        "history": history(account),
        "letter": letter(engine, account, force),
    }


def export(engine: Engine, name: str, now: float) -> dict[str, Any] | None:
    """Return everything that is kept of an account, sketches and counters included."""
    state = engine.state
    account = state.known(name)
    if account is None:
        return None
    groups = [group.id for group in state.groups.of_principal(account.principal)]
    held = state.directives.of(names_of(account), now)
    label = state.labels.of(name)
    record = {key: _builtin(value) for key, value in msgspec.structs.asdict(account).items()}
    return {
        "account": name,
        "record": {**record, "history": history(account)},
        "groups": groups,
        "order": None if held is None else msgspec.structs.asdict(held),
        "label": None if label is None else msgspec.structs.asdict(label),
        "appeals": [msgspec.structs.asdict(one) for one in state.appeals if one.account == name],
    }


def _builtin(value: Any) -> Any:
    """Write a value of a record; packed ones as base64."""
    return msgspec.to_builtins(value, enc_hook=_encoded)


def _encoded(value: Any) -> Any:
    return b64encode(bytes(value)).decode()

"""What is in force for an account now: what its next exchange gets, why, and until when."""

from typing import Any, NamedTuple

from distillgate.account.account import Account
from distillgate.account.history import Event
from distillgate.engine.engine import Engine
from distillgate.policy.decision import Ruling
from distillgate.policy.ladder import Rung, next_rung


class InForce(NamedTuple):
    """What holds for an account at this moment."""

    mode: str
    """`enforce`, `shadow`, or `killed` where an operator ended all enforcement."""
    action: str
    """What its next exchange gets where it is enforced."""
    enforced: bool
    not_enforced: str
    """Why it is not: the mode, `exempt`, or as `policy.enforcement` says; empty where it is."""
    by: str
    """Whose word decides: the evidence (`ladder`, `hold`), or an exemption, plan, pardon, order."""
    plan: str
    restricted_until: float | None
    """A restriction that has begun lasts at least until then."""
    until: float | None
    """When the pardon, lift or order that decides ends."""
    next_rung: Rung | None
    """The next harder action, and what it is away; None on the last."""


def in_force(engine: Engine, account: Account, mode: str, now: float) -> InForce:
    """Return what holds for an account; learns nothing, and changes nothing."""
    found, ruling, _, directive = engine.standing(account, now)
    mode = "killed" if engine.state.killed else mode
    why = _not_enforced(ruling, mode)
    return InForce(
        mode=mode,
        action=ruling.action.label,
        enforced=ruling.action.restricts and not why,
        not_enforced=why,
        by=_by(account, ruling, now),
        plan=account.plan or "default",
        restricted_until=account.held_until if account.held_until > now else None,
        until=max(
            (t for t in (account.pardoned_until, account.lifted_until) if t > now),
            default=directive.until if directive is not None else None,
        ),
        next_rung=next_rung(found.risk, engine.settings.policy.ladder),
    )


def _not_enforced(ruling: Ruling, mode: str) -> str:
    if not ruling.action.restricts:
        return "exempt" if ruling.unadjusted.restricts else ""
    return ruling.not_enforced or ("" if mode == "enforce" else mode)


def _by(account: Account, ruling: Ruling, now: float) -> str:
    if ruling.decided_by == "ladder" and now < account.pardoned_until:
        return "pardon"
    return ruling.decided_by


def history(account: Account) -> list[dict[str, Any]]:
    """Return what was done to an account, the newest first."""
    return [_told(event) for event in reversed(account.history or ())]


def _told(event: Event) -> dict[str, Any]:
    found = {name: getattr(event, name) for name in event.__struct_fields__}
    return {name: value for name, value in found.items() if value or name == "at"}

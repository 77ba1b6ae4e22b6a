"""What is in force for an account now: what its next exchange gets, why, and until when."""

from typing import Any, NamedTuple

from distillgate.account.account import Account
from distillgate.account.history import Event
from distillgate.dialects.chat import CHAT
from distillgate.engine.assessment import Asked, Assessment, assess
from distillgate.engine.engine import Engine, EngineSettings
from distillgate.engine.state import State
from distillgate.policy.decision import Ruling
from distillgate.policy.directives import Directive
from distillgate.policy.ladder import Rung, next_rung
from distillgate.policy.parties import Parties
from distillgate.wire.exchange import Exchange
from distillgate.wire.request import from_document


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


class Ruled(NamedTuple):
    """What the evidence, and people's words, come to for an account's next exchange."""

    found: Assessment
    parties: Parties
    ruling: Ruling
    directive: Directive | None


_ANYTHING = from_document(CHAT, {})


def ruled(state: State, settings: EngineSettings, account: Account, now: float) -> Ruled:
    """Rule on an account by a state and settings; learns nothing, and changes nothing."""
    groups = state.groups.of_principal(account.principal)
    found = assess(state, settings, Asked(account, groups), now)
    exchange = Exchange(
        account.name, _ANYTHING, plan=account.plan, organisation=account.organisation
    )
    directive = state.directives.of(account.name, account.name, account.organisation, now)
    parties = Parties(account, account, plan=settings.policy.plans.of(account.plan))
    ruling = found.decide(exchange, parties, now, settings.policy, directive)
    return Ruled(found, parties, ruling, directive)


def in_force(engine: Engine, account: Account, mode: str, now: float) -> InForce:
    """Return what holds for an account; learns nothing, and changes nothing."""
    state, settings = engine.state, engine.settings
    found, parties, ruling, directive = ruled(state, settings, account, now)
    if ruling.action.restricts:
        parties = parties._replace(pools=state.pools.of(account, found.groups))
        ruling = engine.admission.restrain(ruling, parties, settings.policy)
    mode = "killed" if state.killed else mode
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
        next_rung=next_rung(found.risk, settings.policy.ladder),
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

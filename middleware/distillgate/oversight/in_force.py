"""What is in force for an account now, and the letter that tells its customer so."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from distillgate.account.account import Account
from distillgate.account.history import Event
from distillgate.engine.engine import Engine
from distillgate.policy.decision import Ruling
from distillgate.policy.directives import ORDERED
from distillgate.policy.ladder import Rung, next_rung
from distillgate.text import NO_END, moment, visible


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


_DONE = {
    "throttle": "Some of its requests are answered with 429 and the time to wait in Retry-After.",
    "degrade": "Some parts of its answers are left out, or another model answers and says so.",
    "challenge": "Its requests are answered with 403 and a link, until it was verified.",
    "refuse": "Its requests are answered with 403.",
}


_DAY = "%d %B %Y, %H:%M UTC"


def letter(engine: Engine, account: Account, force: InForce) -> str:
    """Return a letter to an account's customer, ready to be copied."""
    name = visible(account.name)
    return "\n\n".join([f"About your account {name}", *_paragraphs(engine, account, force)]) + "\n"


def _paragraphs(engine: Engine, account: Account, force: InForce) -> Iterator[str]:
    if not force.enforced:
        until = "" if force.until is None else f", until {moment(force.until, _DAY)} at least"
        looked = " A person has looked at it." if force.by in ("pardon", "lift") else ""
        yield f"Nothing but the limits of its plan holds for it{until}.{looked}"
    else:
        yield _DONE[force.action] + _end(force)
        if force.by.startswith(ORDERED):
            yield "A person decided this."
        else:
            yield "This was decided automatically, from how much is asked and how."
        yield from _way_out(engine, account)


def _end(force: InForce) -> str:
    end = force.until if force.by.startswith(ORDERED) else force.restricted_until
    if end is None or end >= NO_END:
        return ""
    return f" That ends by itself, on {moment(end, _DAY)} at the earliest."


def _way_out(engine: Engine, account: Account) -> Iterator[str]:
    """Yield how to be looked at by a person, and what helps."""
    actions = engine.settings.actions
    latest = next((one.reference for one in reversed(account.history or ()) if one.reference), "")
    named = f", and name {latest}" if latest else ", and name the reference of an answer (dg-…)"
    ways = [f"write to {actions.contact}{named}"] if actions.contact else []
    ways += ["follow the link in such an answer"] if actions.appeal.url else []
    if ways:
        yield f"To have a person look at it, {' or '.join(ways)}."
    yield (
        "It helps to know what the work is, and which of your accounts belong to one organisation: "
        "accounts that are declared count as one customer."
    )

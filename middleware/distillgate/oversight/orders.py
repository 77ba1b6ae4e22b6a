"""What a person may order of an account or an organisation, and how that is taken back; what
customers ask of a refusal, and the answers. All are orders, so that every engine knows.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from distillgate.account.windows import DAY
from distillgate.actions.appeal import Ticket, read
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.policy.appeals import MAX_CONTACT, MAX_NOTE, Appeal
from distillgate.policy.directives import MOST, Directive

Deed: TypeAlias = Literal[
    "pardon", "lift", "unpardon", "exempt", "observe", "restrict", "revoke", "erase", "label"
]

UNDO: dict[str, str] = {
    "pardon": "unpardon", "lift": "unpardon",
    "exempt": "revoke", "observe": "revoke", "restrict": "revoke",
}  # fmt: skip
"""What takes an order back. What a pardon forgot stays forgotten, as does an erased account."""

_NEEDS_ACCOUNT = frozenset({"pardon", "lift", "unpardon", "erase", "label"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An order as a person gives it."""

    deed: Deed
    by: str
    reason: str
    until: float
    whole: bool = False
    """The subject is an organisation."""
    action: str = "throttle"
    """What `restrict` holds it to, or a label says."""
    campaign: str = ""
    """The campaign that it is given on as a whole."""


def possible(engine: Engine, subject: str, asked: Asked) -> str:
    """Return why an order cannot be obeyed; empty where it can."""
    state = engine.state
    if asked.whole and asked.deed in _NEEDS_ACCOUNT:
        return f"{asked.deed} is of an account, not of an organisation"
    if asked.deed in _NEEDS_ACCOUNT and state.known(subject) is None:
        return f"no such account: {subject[:128]}"
    if asked.deed == "revoke" and directive_of(engine, subject, whole=asked.whole) is None:
        return f"nothing is ordered of {subject[:128]}"
    if asked.deed in ("exempt", "observe", "restrict") and len(state.directives) >= MOST:
        return f"{MOST:,} orders hold already; revoke some"
    return ""


def give(engine: Engine, subject: str, asked: Asked, now: float) -> None:
    """Have an order obeyed, here and in every engine that shares the log."""
    until = 0.0 if asked.deed in ("unpardon", "revoke", "erase", "label") else asked.until
    engine.order(
        Order(
            now, asked.deed, subject, until,
            by=asked.by, reason=asked.reason, whole=asked.whole, action=asked.action,
            name=asked.campaign,
        )
    )  # fmt: skip


def directive_of(engine: Engine, subject: str, *, whole: bool) -> Directive | None:
    """Return what is ordered of a subject."""
    held = engine.state.directives
    return next((one for one in held if (one.whole, one.subject) == (whole, subject)), None)


Decided: TypeAlias = Literal["pardon", "keep"]
DECIDED: tuple[Decided, ...] = ("pardon", "keep")
"""What a person may decide: hold no group's evidence against the account, or let the limit be."""


def ticket(engine: Engine, token: str, now: float) -> Ticket | None:
    """Return what a link in a refusal is about; None where it is no link of ours, or has ended."""
    settings = engine.settings.actions.appeal
    return read(token, engine.secret, settings, now) if settings.url else None


def appeal_to(engine: Engine, about: Ticket, note: str, contact: str, now: float) -> Appeal:
    """Return what a customer writes to a refusal."""
    until = now + engine.settings.actions.appeal.keep_days * DAY
    return Appeal(
        about.reference, about.account, now, until, note[:MAX_NOTE], contact[:MAX_CONTACT],
        side=_side(engine, about.account, now),
    )  # fmt: skip


def _side(engine: Engine, name: str, now: float) -> str:
    """Return whose turn an account's appeal takes."""
    account = engine.state.known(name)
    if account is None:
        return ""
    if account.organisation is not None:
        return f"organisation {account.organisation}"
    group = engine.standing(account, now).found.group
    return "" if group is None else group.code


def ask(engine: Engine, appeal: Appeal) -> None:
    """Keep what a customer wrote, where it may still come (`Appeals.takes`)."""
    engine.order(
        Order(
            appeal.at, "appeal", appeal.account, appeal.until, name=appeal.reference,
            by="customer", reason=appeal.note, contact=appeal.contact, side=appeal.side,
        )
    )  # fmt: skip


def answer(
    engine: Engine, appeal: Appeal, decided: Decided, text: str, by: str, now: float
) -> None:
    """Keep what a person decided, and tell the customer; the pardon itself is an order apart."""
    engine.order(
        Order(
            now, "answer", appeal.account, name=appeal.reference, by=by, reason=text,
            action=decided,
        )
    )  # fmt: skip

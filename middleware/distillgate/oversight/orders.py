"""What a person may order of an account or an organisation, and how each order is taken back."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
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

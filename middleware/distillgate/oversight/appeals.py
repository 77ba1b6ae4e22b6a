"""What customers ask of a refusal, and what people answer: orders, so that every engine knows."""

from typing import Literal, TypeAlias

from distillgate.actions.appeal import DAY, Ticket, read
from distillgate.engine.engine import Engine
from distillgate.engine.entries import Order
from distillgate.policy.appeals import MAX_CONTACT, MAX_NOTE, Appeal

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

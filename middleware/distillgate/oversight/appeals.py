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


def ask(engine: Engine, about: Ticket, note: str, contact: str, now: float) -> bool:
    """Keep what a customer wrote to a refusal; False where no more is taken."""
    if not engine.state.appeals.takes(about.reference, about.account, now):
        return False
    until = now + engine.settings.actions.appeal.keep_days * DAY
    engine.order(
        Order(
            now, "appeal", about.account, until, name=about.reference, by="customer",
            reason=note[:MAX_NOTE], contact=contact[:MAX_CONTACT],
        )
    )  # fmt: skip
    return True


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

"""What becomes of one exchange's bytes: the decision made concrete, for a surface to do."""

from dataclasses import dataclass, field

from distillgate.actions.degrade import DegradeSettings, degrade
from distillgate.errors import WireError
from distillgate.policy.decision import BUDGET, Action, Decision
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange
from distillgate.wire.refusal import Refusal, refusal

_MESSAGES = {
    403: "This account's requests are held for review.",
    429: "Too many requests: please slow down.",
}
_USED_UP = "This plan's budget is used up until its period ends. A review can raise it."


class ActionsSettings(Settings):
    """How actions look from outside."""

    degrade: DegradeSettings = DegradeSettings()
    """What a degraded request may still ask for."""
    contact: str = ""
    """Where a customer asks about a refusal: an address or a link, named in its text."""
    header: str = "x-distillgate"
    """Response header that says what was done; empty sends none."""


@dataclass(slots=True)
class Plan:
    """Forward (as it came, or `body` instead), or answer with `refusal`.

    The surface does nothing but this; in shadow mode it is always the empty plan.
    """

    refusal: Refusal | None = None
    body: bytes | None = None
    """The request body to forward instead of the one that came."""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Headers to add to the answer: what was done to it."""


def plan(exchange: Exchange, decision: Decision, settings: ActionsSettings) -> Plan:
    """Make a decision concrete. What is not enforced changes nothing."""
    if not decision.enforced or not decision.action.restricts:
        return Plan()
    if decision.action >= Action.CHALLENGE:
        return Plan(refusal=_answer(exchange, decision, settings, 403))
    if decision.retry_after is not None:
        return Plan(refusal=_answer(exchange, decision, settings, 429))
    if decision.action is Action.DEGRADE:
        try:
            rewritten = degrade(exchange.request, settings.degrade)
        except WireError:
            # What cannot be rewritten must not pass as it is for that reason.
            return Plan(refusal=_answer(exchange, decision, settings, 403))
        if rewritten is not None:
            body, done = rewritten
            return Plan(body=body, headers=_header(f"degrade; {', '.join(done)}", settings))
    return Plan(headers=_header(decision.action.label, settings))


def _answer(
    exchange: Exchange, decision: Decision, settings: ActionsSettings, status: int
) -> Refusal:
    used_up = decision.code == BUDGET
    return refusal(
        exchange.request.operation.dialect,
        status=status,
        code=decision.code,
        message=_USED_UP if used_up else _MESSAGES[status],
        reference=exchange.id,
        retry_after=decision.retry_after,
        should_retry=decision.retry_after is not None and not used_up,
        contact=settings.contact or None,
    )


def _header(text: str, settings: ActionsSettings) -> list[tuple[bytes, bytes]]:
    return [(settings.header.encode(), text.encode())] if settings.header else []

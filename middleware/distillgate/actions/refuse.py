"""What a client is told that gets no answer: when to come back, how to verify, whom to ask."""

from urllib.parse import quote

from distillgate.actions.appeal import Kind
from distillgate.policy.decision import BUDGET, Action, Decision
from distillgate.settings import Settings
from distillgate.wire.exchange import Exchange
from distillgate.wire.refusal import Problem, Refusal, refusal

_SLOW = "Too many requests: please slow down."
_HELD = "This account's requests are held for review."
_VERIFY = "This account has to be verified before it goes on"
_USED_UP = "This plan's budget is used up until its period ends. A review can raise it."
_REPLAY = Problem(
    403,
    "reasoning_replay",
    "Reasoning in this request was not given here: another account, place or model.",
    should_retry=False,
)


class ChallengeSettings(Settings):
    """How an account is asked to verify itself. `policy.ladder.challenge` says from which risk."""

    link: str = ""
    """Where to: an address in which `{reference}` and `{account}` are filled in. Your page decides;
    the operator's `lift` carries its answer back."""


def refuse(
    exchange: Exchange,
    decision: Decision,
    challenge: ChallengeSettings,
    contact: str,
    *,
    throttle_status: int = 429,
    appeal: str = "",
) -> Refusal:
    """Build the answer of an exchange that is not let in: 429 with a wait, or 403.

    A 429 never says whether a plan's rate or a suspicion is the cause, or it would tell whoever
    tries just when a suspicion begins. The log says it, and so does `contact`. `throttle_status`
    stands in for 429 before gateways that rest a whole deployment for one account's 429. `appeal`
    is the link under which a person may be asked to look.
    """
    wait = decision.retry_after if decision.action < Action.CHALLENGE else None
    used_up = wait is not None and decision.code == BUDGET
    problem = Problem(
        status=403 if wait is None else throttle_status,
        code=_code(decision, waits=wait is not None),
        message=_USED_UP if used_up else _message(exchange, decision, wait, challenge),
        retry_after=wait,
        should_retry=wait is not None and not used_up and throttle_status == 429,
    )
    return refusal(exchange.request.errors, problem, exchange.id, contact, appeal)


def no_replay(exchange: Exchange, contact: str, appeal: str = "") -> Refusal:
    """Build the 403 of sealed reasoning that belongs elsewhere."""
    return refusal(exchange.request.errors, _REPLAY, exchange.id, contact, appeal)


def kind_of(decision: Decision) -> Kind:
    """Return what a client that is not let in is told, and no more."""
    if decision.action is Action.CHALLENGE:
        return "verify"
    if decision.action > Action.CHALLENGE:
        return "held"
    if decision.retry_after is None:
        return "held"
    return "budget" if decision.code == BUDGET else "wait"


def _code(decision: Decision, *, waits: bool) -> str:
    if waits:
        return BUDGET if decision.code == BUDGET else "rate_limit_exceeded"
    return "verification_required" if decision.action is Action.CHALLENGE else decision.code


def _message(
    exchange: Exchange, decision: Decision, wait: float | None, challenge: ChallengeSettings
) -> str:
    if wait is not None:
        return _SLOW
    if decision.action is not Action.CHALLENGE:
        return _HELD
    if not challenge.link:
        return f"{_VERIFY}."
    link = challenge.link.replace("{reference}", quote(exchange.id, safe=""))
    return f"{_VERIFY}: {link.replace('{account}', quote(decision.account, safe=''))}"

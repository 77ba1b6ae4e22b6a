"""What a client got for one exchange, and why: what people ask about afterwards."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from distillgate.policy.decision import Action, Decision

Cause: TypeAlias = Literal["", "suspicion", "budget", "binding"]
"""Why an exchange is not simply answered: the evidence against its account or group, a limit of
its plan, or sealed reasoning that belongs elsewhere."""

RESULTS = ("answered", "changed", "throttled", "challenged", "refused", "failed", "aborted")
"""Results by name: answered as asked; answered with measures taken; told to wait; told to verify;
told no; failed upstream or in the host; ended by the client before there was an answer."""

_FAILED = 500


class Effect(NamedTuple):
    """What a client got. `measures` are those that changed something of this very exchange."""

    reference: str
    """The gate's own reference. No other exchange has it."""
    client_reference: str = ""
    """The `x-request-id` that the client or a proxy sent, where it may stand in a log."""
    result: str = "answered"
    """One of `RESULTS`."""
    cause: Cause = ""
    """Why it was not simply answered, or in shadow mode would not have been."""
    status: int = 0
    retry_after: float | None = None
    """Seconds that a throttled client was told to wait."""
    measures: tuple[str, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency: float | None = None
    """Seconds from the request's last byte to the answer's, of an exchange that was let in."""
    upstream_reference: str = ""
    """What the upstream calls the exchange, where it may stand in a log."""

    @property
    def touched(self) -> bool:
        """Return whether the gate's policy made the client's answer another one."""
        return bool(self.measures) or self.result in ("throttled", "challenged", "refused")

    def document(self) -> dict[str, Any]:
        """Return what the client got, for logs."""
        found = {
            "result": self.result,
            "status": self.status,
            "retry_after": self.retry_after,
            "measures": list(self.measures),
            "input_tokens": self.prompt_tokens,
            "output_tokens": self.completion_tokens,
        }
        return {name: value for name, value in found.items() if value not in (None, [])}


def cause_of(decision: Decision) -> Cause:
    """Return why an exchange is not simply let in, whether or not that is enforced."""
    if decision.limit:
        return "budget"
    if decision.action.restricts:
        return "suspicion"
    return "binding" if decision.replayed else ""


def refusal_result(
    decision: Decision, headers: Sequence[tuple[bytes, bytes]]
) -> tuple[str, float | None]:
    """Return what a refusal was, and the seconds to wait that it names, if it is to wait."""
    for name, value in headers:
        if name == b"retry-after":
            return "throttled", float(value)
    return ("challenged" if decision.action is Action.CHALLENGE else "refused"), None


def answer_result(status: int, measures: Sequence[str], *, aborted: bool) -> str:
    """Return what became of an exchange that was let in."""
    if aborted and not status:
        return "aborted"
    if status == 0 or status >= _FAILED:
        return "failed"
    return "changed" if measures else "answered"

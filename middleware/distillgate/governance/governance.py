"""Hears of every restriction's begin and end and of every order, and passes them on."""

from collections.abc import Callable, Coroutine
from typing import Any

from distillgate.governance.audit import Audit, AuditSettings
from distillgate.governance.webhook import Webhook, WebhookSettings
from distillgate.policy.decision import Action, Decision
from distillgate.settings import Settings
from distillgate.telemetry import Telemetry

Spawn = Callable[[Coroutine[Any, Any, object]], bool]
"""Runs a coroutine beside the requests; False where too many wait."""


class GovernanceSettings(Settings):
    """Who is told what was done, and why."""

    audit: AuditSettings = AuditSettings()
    """The audit log."""
    webhook: WebhookSettings = WebhookSettings()
    """Who hears of challenges."""


class Governance:
    """Keeps the audit log, tells telemetry of orders, and posts challenges. Never raises."""

    def __init__(
        self,
        settings: GovernanceSettings,
        telemetry: Telemetry,
        *,
        clock: Callable[[], float],
        spawn: Spawn,
    ) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._spawn = spawn
        self.audit = Audit(settings.audit, telemetry.losses["audit"])
        self._webhook = Webhook(settings.webhook, failed=telemetry.failed)

    def configure(self, settings: GovernanceSettings) -> None:
        """Take a new webhook; the audit log stays where it is until the next start."""
        self._webhook = Webhook(settings.webhook, failed=self._telemetry.failed)

    def event(self, name: str, *, by: str, **fields: Any) -> None:
        """Keep an order or a change of the gate itself: `pardoned`, `killed`, `reloaded`."""
        self._telemetry.event(name, by=by, **fields)
        self.audit.write(name, by, self._clock(), **fields)

    def decided(self, decision: Decision, reference: str) -> None:
        """Keep a restriction's begin, hardening or end, with the evidence as it stood."""
        if not decision.change:
            return
        self.audit.write(
            decision.change, decision.by, self._clock(), **snapshot(decision, reference)
        )
        if decision.action is Action.CHALLENGE and decision.enforced and self._webhook.wanted:
            document = {"event": "challenged", **snapshot(decision, reference)}
            if not self._spawn(self._webhook.post(document)):
                self._telemetry.failed("webhook", BlockingIOError("too many are on their way"))


def snapshot(decision: Decision, reference: str) -> dict[str, Any]:
    """Give all that a decision rests on, in names and numbers."""
    return {
        "account": decision.account,
        "action": decision.action.label,
        "code": decision.code,
        "enforced": decision.enforced,
        "spared": decision.spared,
        "expires": decision.expires,
        "group": decision.group,
        "risk": round(decision.risk, 3),
        "families": {name: round(llr, 3) for name, llr in decision.families.items()},
        "evidence": [reason._asdict() for reason in decision.reasons],
        "reference": reference,
    }

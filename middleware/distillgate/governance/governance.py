"""Hears of every restriction's begin and end and of every order, and passes them on."""

from collections.abc import Callable, Coroutine
from typing import Any

from cachetools import TTLCache
from msgspec.structs import asdict

from distillgate.account.habit import Surge
from distillgate.actions.effect import Effect
from distillgate.governance.audit import Audit, AuditSettings
from distillgate.governance.outcomes import Outcomes
from distillgate.governance.webhook import Webhook, WebhookSettings
from distillgate.policy.decision import Action, Decision
from distillgate.risk.nearing import Nearing
from distillgate.settings import Settings
from distillgate.telemetry import Telemetry

NEARED = "actor_budget"
"""The event of an operator that nears what one actor may take, likewise."""
SURGED = "unusual_use"
"""The event of a surge, in the log, the audit log and the webhook."""
LOOKED, LOOKED_SECONDS = 10_000, 600.0
"""Looks that are remembered, and for how long the same person's at the same is not kept again."""
REFUSALS, REFUSAL_SECONDS = 60, 60.0
"""Refusals of nobody known that are kept in so many seconds at most, and one of each client and
cause; all are counted. Who tries keys must not fill the disk."""
Spawn = Callable[[Coroutine[Any, Any, object]], bool]
"""Runs a coroutine beside the requests; False where too many wait."""


class GovernanceSettings(Settings):
    """Who is told what was done, and why."""

    audit: AuditSettings = AuditSettings()
    """The audit log."""
    webhook: WebhookSettings = WebhookSettings()
    """Who hears of challenges, and of keys that may be stolen."""


class Governance:
    """Keeps the audit log, tells telemetry of orders, posts challenges and surges. Never raises."""

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
        telemetry.listeners.append(self.ended)
        self.outcomes = Outcomes()
        """The latest exchanges of restricted accounts."""
        self.audit = Audit(settings.audit, telemetry.losses["audit"])
        self._webhook = Webhook(settings.webhook, failed=telemetry.failed)
        self._looked: TTLCache[tuple[str, ...], bool] = TTLCache(LOOKED, LOOKED_SECONDS, clock)
        self._refused: TTLCache[tuple[str, ...], bool] = TTLCache(REFUSALS, REFUSAL_SECONDS, clock)

    def configure(self, settings: GovernanceSettings) -> None:
        """Adopt a new webhook; the audit log stays where it is until the next start."""
        self._webhook = Webhook(settings.webhook, failed=self._telemetry.failed)

    def event(self, name: str, *, by: str, **fields: Any) -> None:
        """Keep an order or a change of the gate itself: `pardoned`, `killed`, `reloaded`."""
        self._telemetry.event(name, by=by, **fields)
        self.audit.write(name, by, self._clock(), **fields)

    def looked(self, by: str, page: str, **subject: str) -> None:
        """Keep who looked at whom, once in ten minutes for the same."""
        key = (by, page, *subject.values())
        if key not in self._looked:
            self._looked[key] = True
            self.audit.write("read", by, self._clock(), page=page, **subject)

    def refused(self, why: str, *, by: str, client: str, page: str) -> None:
        """Count somebody whom the operator's pages refused, and keep it.

        Of people with a key each page is kept once in ten minutes, of all others a few in a minute.
        """
        self._telemetry.access_refused(why)
        self._refused.expire()
        known = self._looked if by else self._refused
        key = (by, page, "refused", why) if by else (why, client)
        if key not in known and (by or len(known) < REFUSALS):
            known[key] = True
            now = self._clock()
            self.audit.write("access_refused", by, now, why=why, client=client, page=page)

    def ended(self, decision: Decision, effect: Effect) -> None:
        """Keep what was done to a client; with the evidence where that changes how it stands.

        A restriction's begin, hardening and end are kept in shadow mode too, and what each exchange
        of a restricted account got where the gate did something to it.
        """
        now = self._clock()
        if effect.touched or decision.action.restricts:
            self.outcomes.note(decision, effect, now)
        else:
            self.outcomes.let_in(decision, effect, now)
        if decision.change:
            found = snapshot(decision, effect)
            self.audit.write(decision.change, decision.decided_by, now, **found)
            if decision.action is Action.CHALLENGE and decision.enforced and self._webhook.wanted:
                self._post({"event": "challenged", **found})
        elif effect.touched:
            self.audit.write("acted", decision.decided_by, now, **_deed(decision, effect))

    def notified(self, notice: Surge | Nearing) -> None:
        """Tell whoever reads log, audit log and webhook that a key may be stolen, or of an actor
        that nears its budget.
        """
        if isinstance(notice, Surge):
            event, found = SURGED, explained(notice)
            self._telemetry.surged(**found)
        else:
            event, found = NEARED, offered(notice)
            self._telemetry.event("actor_budget", **found)
        self.audit.write(event, "gate", self._clock(), **found)
        if self._webhook.wanted:
            self._post({"event": event, **found})

    def appealed(self, account: str, reference: str) -> None:
        """Tell that a customer asks for a review; what they wrote stands on *Review* alone."""
        self.event("appealed", by="customer", account=account, reference=reference)
        if self._webhook.wanted:
            self._post({"event": "appealed", "account": account, "reference": reference})

    def campaign(self, change: str, document: dict[str, Any]) -> None:
        """Tell that a campaign appeared, grew or ended: log, audit log and webhook."""
        if change == "appeared":
            self.event("campaign_appeared", by="gate", **document)
        elif change == "grew":
            self.event("campaign_grew", by="gate", **document)
        else:
            self.event("campaign_ended", by="gate", **document)
        if self._webhook.wanted:
            self._post({"event": f"campaign_{change}", **document})

    def _post(self, document: dict[str, Any]) -> None:
        if not self._spawn(self._webhook.post(document)):
            self._telemetry.failed("webhook", BlockingIOError("too many are on their way"))


def explained(surge: Surge) -> dict[str, Any]:
    """Return what was seen of a surge, why it is told, and what may be done."""
    return {
        **surge._asdict(),
        "days": round(surge.days, 1),
        "reason": f"{surge.requests} requests within an hour for a model or call that the account "
        f"had not used in {surge.days:.0f} days, where its busiest hour had {surge.busiest}",
        "effect": "none: nothing is held against the account",
        "advice": "ask the account's owner whether this is theirs; if it is not, revoke the key",
    }


def offered(nearing: Nearing) -> dict[str, Any]:
    """Return how far an actor is into its budget, what follows, and what its owner may do."""
    past = nearing.used >= 1
    return {
        **nearing._asdict(),
        "effect": "its accounts get a share of the budget a day" if past else "none: it is watched",
        "advice": "if these are one customer's keys, have them declare one organisation, which "
        "gives them a larger budget; else look at the group's evidence",
    }


def snapshot(decision: Decision, effect: Effect) -> dict[str, Any]:
    """Return all that a decision rests on, and what came of it, in names and numbers."""
    return {
        **_deed(decision, effect),
        "code": decision.code,
        "enforced": decision.enforced,
        "spared": decision.not_enforced,
        "expires": decision.expires,
        "group": decision.group,
        "families": {name: round(llr, 3) for name, llr in decision.families.items()},
        "evidence": [asdict(reason) for reason in decision.reasons],
    }


def _deed(decision: Decision, effect: Effect) -> dict[str, Any]:
    """Return what was done; on what evidence, the account's last change says."""
    return {
        "account": decision.account,
        "reference": effect.reference,
        "client_reference": effect.client_reference,
        "action": decision.action.label,
        "cause": effect.cause,
        "limit": decision.limit,
        "risk": round(decision.risk, 3),
        "outcome": effect.document(),
    }

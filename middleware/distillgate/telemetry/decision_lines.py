"""What the log says of exchanges, and what of that it said not long ago."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from cachetools import TTLCache
from msgspec.structs import asdict

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Action, Decision
from distillgate.telemetry.log import LogSettings
from distillgate.wire.operation import Operation

REASONS = 8
"""Reasons a log line carries."""
TOLD = 10_000
"""Accounts whose last line is remembered, so that it is not written again at once."""
EVIDENCE_SECONDS = 600.0
"""How long after evidence was written only its id is: a reader may begin anywhere."""


class DecisionLines:
    """Makes the lines of exchanges that were not simply allowed."""

    def __init__(self, settings: LogSettings, clock: Callable[[], float]) -> None:
        self._sample = settings.sample
        self._allowed = 0
        self._told: TTLCache[str, Any] = TTLCache(TOLD, settings.repeat_seconds, timer=clock)
        """What accounts' last lines said."""
        self._given: TTLCache[str, bool] = TTLCache(TOLD, EVIDENCE_SECONDS, timer=clock)
        """Evidence that was written already, by its id."""

    def of(self, operation: Operation, decision: Decision, effect: Effect) -> dict[str, Any] | None:
        """Return the fields of an exchange's line; None where it has none.

        What its client felt has one always, as it may ask by its reference, and what changes how
        its account stands. What was only observed has one where its account's last line, not long
        ago, did not say the same.
        """
        told = decision.replayed or decision.change
        if decision.action is Action.ALLOW and not told and not self._sampled():
            return None
        quiet = decision.action is Action.OBSERVE or decision.replay_answer == "observe"
        felt = decision.change or decision.action.restricts
        if quiet and not felt and self._repeats(decision):
            return None
        return {
            "reference": effect.reference,
            "client_reference": effect.client_reference,
            "operation": operation.name,
            "account": decision.account,
            "action": decision.action.label,
            "enforced": decision.enforced,
            "spared": decision.not_enforced,
            "change": decision.change,
            "by": decision.decided_by,
            "mode": mode_of(decision),
            "cause": effect.cause,
            "limit": decision.limit,
            "outcome": effect.document(),
            "risk": round(decision.risk, 3),
            "families": {name: round(llr, 3) for name, llr in decision.families.items()},
            **self._evidence(decision),
            "group": decision.group,
            "code": decision.code,
            "replayed": decision.replayed,
        }

    def _evidence(self, decision: Decision) -> dict[str, Any]:
        """Return a decision's reasons with their id, or their id alone where they were written.

        Of one group's members most have the same until it is examined anew.
        """
        reasons = [asdict(reason) for reason in decision.reasons[:REASONS]]
        if not reasons:
            return {"evidence": "", "reasons": []}
        name = hashlib.blake2b(orjson.dumps(reasons), digest_size=6).hexdigest()
        if name in self._given:
            return {"evidence": name}
        self._given[name] = True
        return {"evidence": name, "reasons": reasons}

    def _repeats(self, decision: Decision) -> bool:
        """Return whether an account's last line said the same, as far as words go, not long ago."""
        said = (decision.group, decision.replayed, *(reason.signal for reason in decision.reasons))
        if self._told.get(decision.account) == said:
            return True
        self._told[decision.account] = said
        return False

    def _sampled(self) -> bool:
        if not self._sample:
            return False
        self._allowed += 1
        return self._allowed % self._sample == 0


def mode_of(decision: Decision) -> str:
    """Return whether a decision is acted on, in the configuration's words."""
    return "enforce" if decision.enforced else "shadow"

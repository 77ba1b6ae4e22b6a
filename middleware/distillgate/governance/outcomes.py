"""The latest exchanges that people may ask about: what the client got, on what evidence."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Decision

KEPT = 4096
"""Exchanges that are kept; beyond it the oldest goes. The audit log has all."""
_MINUTE = 60.0
_MINUTES = 60


class Kept(NamedTuple):
    """One exchange that was not simply let in."""

    at: float
    decision: Decision
    effect: Effect


class Outcomes:
    """Remembers what restricted exchanges came to, by reference; of this process alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._minutes: OrderedDict[int, Counter[tuple[str, str]]] = OrderedDict()

    def note(self, decision: Decision, effect: Effect, now: float) -> None:
        """Remember an exchange whose client was acted on, or would have been."""
        minute = int(now // _MINUTE)
        counts = self._minutes.get(minute)
        if counts is None:
            counts = self._minutes[minute] = Counter()
            while len(self._minutes) > _MINUTES:
                self._minutes.popitem(last=False)
        counts[effect.result, effect.cause] += 1
        self._kept[effect.reference] = Kept(now, decision, effect)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def find(self, reference: str) -> Kept | None:
        """Return an exchange by the gate's reference, or the latest of a client's own."""
        found = self._kept.get(reference)
        if found is not None:
            return found
        return next(
            (one for one in self._newest() if one.effect.client_reference == reference), None
        )

    def of_account(self, account: str, most: int = 50) -> list[Kept]:
        """Return an account's latest exchanges, the newest first."""
        found = (one for one in self._newest() if one.decision.account == account)
        return [one for one, _ in zip(found, range(most), strict=False)]

    def last_hour(self, now: float) -> list[dict[str, Any]]:
        """Return how many exchanges of the last hour had each result, by cause."""
        since, found = now // _MINUTE - _MINUTES, Counter[tuple[str, str]]()
        for minute, counts in self._minutes.items():
            if minute > since:
                found += counts
        return [
            {"result": result, "cause": cause, "exchanges": count}
            for (result, cause), count in found.most_common()
        ]

    def _newest(self) -> Iterator[Kept]:
        return reversed(self._kept.values())

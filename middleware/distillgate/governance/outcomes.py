"""The latest exchanges that people may ask about: what the client got, on what evidence."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from distillgate.actions.effect import Effect
from distillgate.policy.decision import Decision

KEPT = 4096
"""Exchanges that are kept; beyond it the oldest goes. The audit log has all."""
PLAIN = 8192
"""Exchanges that are kept of those that were simply let in; beyond it the oldest goes."""
_MINUTE = 60.0
_MINUTES = 60


class Kept(NamedTuple):
    """One exchange that has ended."""

    at: float
    decision: Decision
    effect: Effect


class Outcomes:
    """Remembers what exchanges came to, by reference: the restricted longer than the others.

    Of this process alone.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._plain: deque[Kept] = deque(maxlen=PLAIN)
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

    def let_in(self, decision: Decision, effect: Effect, now: float) -> None:
        """Remember an exchange that was simply let in."""
        self._plain.append(Kept(now, decision, effect))

    def drop(self, account: str) -> None:
        """Forget the exchanges of an account."""
        for reference in [one.effect.reference for one in self.of_account(account, KEPT)]:
            del self._kept[reference]
        self._plain = deque(
            (one for one in self._plain if one.decision.account != account), maxlen=PLAIN
        )

    def find(self, reference: str) -> Kept | None:
        """Return an exchange by the gate's reference, or the latest by a client's or upstream's."""
        found = self._kept.get(reference)
        if found is not None or not reference:
            return found
        return next((one for one in self._all() if reference in _names(one.effect)), None)

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

    def _all(self) -> Iterator[Kept]:
        """Return all, those that were acted on first and the newest of each first."""
        return chain(self._newest(), reversed(self._plain))

    def _newest(self) -> Iterator[Kept]:
        return reversed(self._kept.values())


def _names(effect: Effect) -> tuple[str, str, str]:
    return effect.reference, effect.client_reference, effect.upstream_reference

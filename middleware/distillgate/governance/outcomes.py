"""The latest exchanges that people may ask about: what the client got, on what evidence."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace

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


class _Latest:
    """So many exchanges, the latest, by any of the names that their answers had."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._named: dict[str, Kept] = {}
        """By the client's and the upstream's names the latest that had it."""

    def add(self, one: Kept) -> None:
        effect = one.effect
        self._kept[effect.reference] = one
        for name in (effect.client_reference, effect.upstream_reference):
            if name:
                self._named[name] = one
        if len(self._kept) > self._most:
            self._remove(next(iter(self._kept)))

    def find(self, name: str) -> Kept | None:
        return self._kept.get(name) or self._named.get(name)

    def drop(self, account: str) -> None:
        for one in [one for one in self.newest() if one.decision.account == account]:
            self._remove(one.effect.reference)

    def newest(self) -> Iterator[Kept]:
        return reversed(self._kept.values())

    def _remove(self, reference: str) -> None:
        one = self._kept.pop(reference)
        for name in (one.effect.client_reference, one.effect.upstream_reference):
            if self._named.get(name) is one:
                del self._named[name]


class Outcomes:
    """Remembers what exchanges came to, by reference: the restricted longer than the others.

    Of this process alone.
    """

    def __init__(self) -> None:
        self._held = _Latest(KEPT)
        self._plain = _Latest(PLAIN)
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
        self._held.add(_kept(decision, effect, now))

    def let_in(self, decision: Decision, effect: Effect, now: float) -> None:
        """Remember an exchange that was simply let in."""
        self._plain.add(_kept(decision, effect, now))

    def drop(self, account: str) -> None:
        """Forget the exchanges of an account."""
        self._held.drop(account)
        self._plain.drop(account)

    def find(self, reference: str) -> Kept | None:
        """Return an exchange by the gate's reference, or the latest by a client's or upstream's.

        One that was acted on comes before those that were simply let in.
        """
        return self._held.find(reference) or self._plain.find(reference)

    def of_account(self, account: str, most: int = 50) -> list[Kept]:
        """Return an account's latest exchanges, the newest first."""
        found = (one for one in self._held.newest() if one.decision.account == account)
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


def _kept(decision: Decision, effect: Effect, now: float) -> Kept:
    """Return an exchange without its request: thousands of prompts would be kept with it."""
    return Kept(now, replace(decision, passage=None), effect)

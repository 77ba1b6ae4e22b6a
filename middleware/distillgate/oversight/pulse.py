"""Looks at the gate itself once a second: is its loop held up, how many are restricted, and which
campaigns appeared, grew or ended?
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from distillgate.campaign.jobs import Job
from distillgate.engine.engine import Engine
from distillgate.oversight.campaigns import Campaign
from distillgate.oversight.errands import Errands, at_leisure
from distillgate.oversight.roll import Roll

GREW = 1.5
"""How much larger than when it was last told a campaign is told again."""
Change: TypeAlias = Literal["appeared", "grew", "ended"]


class _Told(NamedTuple):
    codes: frozenset[str]
    """Its groups, by which it is known again."""
    accounts: int
    document: dict[str, Any]


class CampaignWatch:
    """Compares the campaigns of now with those that were told."""

    def __init__(self) -> None:
        self._told: list[_Told] = []

    def compare(self, found: list[Campaign]) -> Iterator[tuple[Change, dict[str, Any]]]:
        """Return what changed since the last look, each with what is known of the campaign."""
        before, self._told = self._told, []
        for one in found:
            codes = frozenset(tie.code for tie in one.ties)
            same = [told for told in before if told.codes & codes]
            told = max((t.accounts for t in same), default=0)
            accounts = len(one.members)
            document = one.document()
            if not same:
                yield "appeared", document
            elif accounts >= GREW * told:
                yield "grew", {**document, "accounts_before": told}
            else:
                accounts = told
            self._told.append(_Told(codes, accounts, document))
        now = frozenset[str]().union(*(told.codes for told in self._told))
        for gone in before:
            if not gone.codes & now:
                yield "ended", gone.document


_EVERY = 1.0
_COUNTED = 30
"""Looks from one count of the restricted to the next."""
_COMPARED = 60
"""Looks from one comparison of the campaigns to the next."""
_KEPT = 60
"""Looks of which the longest hold-up is told: those since a scrape, and some."""


class Pulse:
    """What was last seen. `run` runs on the event loop it looks at."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._clock = clock
        self.tell: Callable[[Change, dict[str, Any]], object] | None = None
        """Hears of campaigns; one process of those that share a log is enough."""
        self._watch = CampaignWatch()
        self.roll = Roll(engine)
        self.errands = Errands()
        """What people who do not wait for it asked for."""
        self._lags: list[float] = []
        self.restricted = 0

    @property
    def lag(self) -> float:
        """The longest that the loop was held up in the last minute, in seconds."""
        return max(self._lags, default=0.0)

    async def run(self) -> None:
        """Look until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look())
            group.create_task(self._renew())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            await self.errands.run()
            if self.roll.wanted:
                await at_leisure(self.roll.renew(self._clock()))

    async def _look(self) -> None:
        looks, loop = 0, asyncio.get_running_loop()
        while True:
            if looks % _COUNTED == 0:
                await self.count()
            if looks % _COMPARED == 0:
                await self.compare()
            looks += 1
            due = loop.time() + _EVERY
            await asyncio.sleep(_EVERY)
            self.note(loop.time() - due)

    async def compare(self) -> None:
        """Tell what changed of the campaigns, having looked a piece at a time."""
        if self.tell is None:
            return
        found = await at_leisure(self.roll.campaigns(self._clock()))
        for change, document in self._watch.compare(found):
            self.tell(change, document)

    def note(self, lag: float) -> None:
        """Note by how much a look came late."""
        self._lags = [*self._lags[-_KEPT + 1 :], max(0.0, lag)]

    async def count(self) -> None:
        """Count the restricted accounts, a piece at a time."""
        self.restricted = await at_leisure(restricted(self._engine, self._clock()))


def restricted(engine: Engine, now: float) -> Job[int]:
    """Return how many accounts are under a restriction that has not ended."""
    found = 0
    for account in engine.state.accounts:
        found += account.held_until > now
        yield 1
    return found

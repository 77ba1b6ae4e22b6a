"""The operator's page that tells others of campaigns: a STIX bundle, from what the gate knows."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.admin.documents import NO_REASON, document, said, unhurried
from distillgate.engine.engine import Engine
from distillgate.errors import ConfigError
from distillgate.governance.governance import Governance
from distillgate.intel.report import LEAST, Evidence, Seen, tell, weighed
from distillgate.intel.sharing import Sharing
from distillgate.intel.stix import Draft
from distillgate.oversight.campaigns import Campaign, named
from distillgate.oversight.roll import Roll
from distillgate.text import visible_json

MEDIA = "application/stix+json;version=2.1"
MOST_NAMED = 100
"""Campaigns that one asks for by name."""
_MOST_LEAST = 1_000_000
_NO_KEY = "no `intelligence.community` with a current key is configured to hash with"
_NAMES = f"`campaigns` is a list of at most {MOST_NAMED} names"
_TEXTS = f"`tlp` and `as` are texts, the latter of at most {MOST_NAMED} characters"
_NUMBER = f"`least` is a whole number from 2 to {_MOST_LEAST:,}"
_NONE = "no campaign to tell of: none is of {} accounts or more"


class Wanted(NamedTuple):
    """Which campaigns are told, to whom, and of how many accounts at least."""

    names: Sequence[str]
    sender: str
    tlp: str
    least: int

    @classmethod
    def of(cls, asked: Mapping[str, Any], sender: str) -> "Wanted":
        """Read an order. Raises `HTTPException` for what is none."""
        names, least = asked.get("campaigns", []), asked.get("least", LEAST)
        tlp, given = asked.get("tlp", "amber+strict"), asked.get("as") or sender
        if not isinstance(names, list) or len(names) > MOST_NAMED:
            raise HTTPException(422, _NAMES)
        if not all(isinstance(name, str) for name in names):
            raise HTTPException(422, _NAMES)
        if isinstance(least, bool) or not isinstance(least, int) or not 2 <= least <= _MOST_LEAST:
            raise HTTPException(422, _NUMBER)
        if not isinstance(tlp, str) or not isinstance(given, str) or len(given) > MOST_NAMED:
            raise HTTPException(422, _TEXTS)
        return cls(names, given, tlp, least)


@dataclass(slots=True, kw_only=True)
class Telling:
    """Writes a report of what a running gate knows."""

    engine: Engine
    roll: Roll
    governance: Governance
    clock: Callable[[], float]
    sharing: Sharing

    async def export(self, request: Request) -> Response:
        """Return campaigns as a STIX 2.1 bundle, under the community's newest key."""
        asked = await document(request, NO_REASON)
        order, now = said(request, asked), self.clock()
        wanted = Wanted.of(asked, self.sharing.settings.sender)
        if self.sharing.samples is None:
            raise HTTPException(409, _NO_KEY)
        try:
            draft = Draft(self.sharing.samples.key, wanted.sender, wanted.tlp, now)
        except ConfigError as error:
            raise HTTPException(422, str(error)) from None
        known = [await self._known(one, now) for one in await self._chosen(wanted.names, now)]
        told = await asyncio.to_thread(_tell, draft, known, wanted.least)
        if not told:
            raise HTTPException(409, _NONE.format(wanted.least))
        self.governance.event("intelligence_told", **order, campaigns=told, tlp=wanted.tlp)
        body = await asyncio.to_thread(_written, draft)
        return Response(body, headers={"content-type": MEDIA})

    async def _chosen(self, names: Sequence[str], now: float) -> list[Campaign]:
        found = await unhurried(self.roll.campaigns(now))
        chosen = [named(found, name) for name in names]
        if None in chosen:
            raise HTTPException(404, f"no such campaign: {names[chosen.index(None)][:128]}")
        return [one for one in chosen if one is not None] or found

    async def _known(self, one: Campaign, now: float) -> tuple[Campaign, Seen, Evidence]:
        assert self.sharing.samples is not None
        seen = await unhurried(self.sharing.samples.seen(one, self.engine, now))
        return one, seen, weighed(one, self.engine)


def _tell(draft: Draft, known: list[tuple[Campaign, Seen, Evidence]], least: int) -> list[str]:
    return [one.code for one, seen, evidence in known if tell(draft, one, seen, evidence, least)]


def _written(draft: Draft) -> bytes:
    return visible_json(orjson.dumps(draft.bundle()))

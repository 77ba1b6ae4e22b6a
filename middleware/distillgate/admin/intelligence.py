"""The operator's pages about what others told: what holds, a report that is taken, a withdrawal."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.account.windows import DAY
from distillgate.admin.documents import NO_REASON, answer, document, said
from distillgate.admin.people import Served
from distillgate.admin.roles import May
from distillgate.admin.telling import Telling
from distillgate.asgi.body import read
from distillgate.engine.engine import Engine
from distillgate.errors import StoreError, WireError
from distillgate.governance.governance import Governance
from distillgate.intel.imported import seen, told, withdrawn
from distillgate.intel.received import BOUNDS, LONGEST_DAYS, Received, Trust, objects_in, receive
from distillgate.intel.sharing import Sharing
from distillgate.oversight.roll import Roll
from distillgate.wire.bounds import check

MAX_BYTES = 1 << 24
"""The largest report that is taken over these pages."""
_NO_COMMUNITY = "no `intelligence.community` is configured: there is no key to read reports with"
_WANTED = 'say why, and what, as JSON: {"reason": "…", "bundle": {"type": "bundle", …}}'
_NO_TRUST = "no sender is trusted: name some in `intelligence.trust`"


@dataclass(slots=True, kw_only=True)
class Intelligence:
    """Takes what others told into the log, answers what of it holds, and tells others."""

    engine: Engine
    roll: Roll
    governance: Governance
    clock: Callable[[], float]
    sharing: Sharing

    def pages(self) -> Sequence[Served]:
        """Return the pages."""
        telling = Telling(
            engine=self.engine,
            roll=self.roll,
            governance=self.governance,
            clock=self.clock,
            sharing=self.sharing,
        )
        return [
            ("GET", "/intelligence", self.held, May.ACCOUNTS),
            ("POST", "/intelligence", self.take, May.BULK),
            ("POST", "/intelligence/export", telling.export, May.BULK),
            ("POST", "/intelligence/{id}/withdraw", self.withdraw, May.BULK),
        ]

    async def held(self, _: Request) -> Response:
        """List the reports that hold, and the groups here that each counts for."""
        groups, now = self.engine.state.groups, self.clock()
        found: dict[str, list[str]] = {}
        for number, group in enumerate(groups):
            if group.evidence is not None and group.evidence.reported is not None:
                found.setdefault(group.evidence.reported.id, []).append(group.id)
            if number % 1000 == 0:
                await asyncio.sleep(0)
        return answer([
            {
                "id": one.id, "source": one.source, "key": one.key, "lines": len(one.lines),
                "until": one.until, "groups": found.get(one.id, []),
            }
            for one in groups.reports if now < one.until
        ])  # fmt: skip

    async def take(self, request: Request) -> Response:
        """Let the reports of a STIX bundle hold, and those that it takes back hold no more."""
        body = await read(request.receive, max_bytes=MAX_BYTES)
        if body is None or body.oversize:
            raise HTTPException(413, f"the report is larger than {MAX_BYTES:,} bytes")
        asked = await asyncio.to_thread(_read, body.data)
        order, now = said(request, asked), self.clock()
        community, trust = self.sharing.community, self.sharing.settings.trust
        if community is None or not trust:
            raise HTTPException(409, _NO_COMMUNITY if community is None else _NO_TRUST)
        try:
            objects = objects_in(asked.get("bundle"))
            known = self.engine.state.versions.newest
            found = await asyncio.to_thread(receive, objects, Trust(community, trust, now, known))
        except StoreError as error:
            raise HTTPException(422, str(error)) from None
        await self._hand(found, order["by"], now)
        came: dict[str, Any] = {
            "taken": len(found.told), "withdrawn": len(found.withdrawn),
            "left_out": dict(found.left_out),
        }  # fmt: skip
        self.governance.event("intelligence_taken", **order, **came)
        return answer(came)

    async def withdraw(self, request: Request) -> Response:
        """Let a report hold no more: what rested on it is judged anew."""
        name = request.path_params["id"]
        order = said(request, await document(request, NO_REASON))
        if all(one.id != name for one in self.engine.state.groups.reports):
            raise HTTPException(404, f"no such report holds: {name[:128]}")
        now = self.clock()
        for entry in withdrawn([name], now + LONGEST_DAYS * DAY, now, order["by"]):
            self.engine.hand(entry)
        self.governance.event("intelligence_withdrawn", report=name[:128], **order)
        return answer({"id": name, "holds": False})

    async def _hand(self, found: Received, by: str, now: float) -> None:
        entries: list[Any] = [*told(found.told, now, by)]
        entries += withdrawn(sorted(found.disputed), now + LONGEST_DAYS * DAY, now, by)
        entries += seen(found.versions, now, by)
        for entry in entries:
            self.engine.hand(entry)
            await asyncio.sleep(0)


def _read(data: bytes) -> dict[str, Any]:
    try:
        check(data, BOUNDS)
        found = orjson.loads(data)
    except WireError as error:
        raise HTTPException(413, str(error)) from None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise HTTPException(422, _WANTED)
    return found

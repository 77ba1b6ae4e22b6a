"""The console's pages and forms: which there are, and what each of them asks or orders."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.console import words
from distillgate.admin.console.account import account_page, outcome
from distillgate.admin.console.audit import audit_document
from distillgate.admin.console.campaign import campaign_document
from distillgate.admin.console.door import Door
from distillgate.admin.console.health import health_document
from distillgate.admin.console.orders import OFFERS, Orders
from distillgate.admin.console.overview import campaigns_document, now_document
from distillgate.admin.console.pseudonyms import pseudonymous
from distillgate.admin.console.review import review_document
from distillgate.admin.console.session import Session
from distillgate.admin.console.shared import Make, Shared
from distillgate.admin.console.source import Document, Source
from distillgate.admin.console.web import (
    PAGES,
    PATH,
    Answer,
    Listed,
    View,
    api,
    as_json,
    base,
    page,
    redirect,
)
from distillgate.admin.console.what_if import what_if_document
from distillgate.admin.documents import subject, unhurried
from distillgate.admin.proof import derived
from distillgate.admin.roles import Caller, May
from distillgate.campaign.jobs import Job
from distillgate.oversight.campaigns import named

if TYPE_CHECKING:
    from distillgate.admin.app import Console

_LISTED = 200
_TOLD = ("kill", "config", "reloaded_at", "waiting_for_restart", "doubts")
"""What pages show of how it stands with the gate."""
_SEEN_BY = {"accounts": May.ACCOUNTS, **{one.path: one.may for one in PAGES}}
"""What one must be allowed to see a page's document."""
_SAME: Mapping[str, Callable[[Source], Job[Document | None]]] = {
    "now": now_document,
    "campaigns": campaigns_document,
}
"""What makes the documents that are the same for everybody who asks, a little at a time..."""
_ASKED: Mapping[str, Callable[[Source, Mapping[str, str]], Job[Document]]] = {
    "review": lambda source, _: review_document(source),
    "what-if": what_if_document,
}
"""...and those of pages that are asked for something, or where every answer counts."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """Shows an engine to people, and takes their orders. Belongs to the engine's event loop."""

    console: "Console"
    shared: Shared

    def routes(self) -> list[Route]:
        """Return the console's routes."""
        door = Door(
            self.console.access,
            self.console.clock,
            lambda by: self.console.governance.event("signed_in", by=by),
        )
        orders = Orders(deeds=self.console.deeds)

        async def json(request: Request) -> Response:
            door.enter(request)
            return await self.json(request)

        seen: tuple[tuple[str, Answer, May | None], ...] = (
            ("", _home, None),
            *((f"/{one.path}", partial(self._listed, one), one.may) for one in PAGES),
            ("/campaigns/{id:path}", self.campaign, May.LOOK),
            ("/accounts/{id:path}", self.account, May.ACCOUNTS),
            ("/find", self.find, May.ACCOUNTS),
        )
        return [
            *door.routes(),
            Route(f"{PATH}/json/{{page:path}}", json, methods=["GET"]),
            *(
                Route(PATH + path, door.seeing(page, may), methods=["GET"])
                for path, page, may in seen
            ),
            *(
                Route(PATH + path, door.acting(act, may), methods=["POST"])
                for path, act, may in orders.forms()
            ),
            Route(f"{PATH}/{{path:path}}", door.seeing(_nothing, None), methods=["GET"]),
        ]

    async def json(self, request: Request) -> Response:
        """Answer with what a page shows, as JSON, or with one figure of it (`?at=`)."""
        kind, _, name = request.path_params["page"].partition("/")
        self.console.access.allow(request, request.state.caller, _SEEN_BY.get(kind, May.LOOK))
        document = await self._document(request, kind, name)
        if document is None:
            raise HTTPException(404, "there is no such page")
        return as_json(document, request.query_params.get("at", ""))

    async def _document(self, request: Request, kind: str, name: str = "") -> Document | None:
        """Return a page's document; accounts have other names in it for who may not know them."""
        caller: Caller = request.state.caller
        found = await self._made(kind, name, request.query_params)
        if found is None or _SEEN_BY[kind] is May.HEALTH:
            return found
        if not caller.may(May.ACCOUNTS):
            key = derived(self.console.access.shared_key)
            secret = hashlib.sha256(key + b"pseudonyms").digest()
            return await unhurried(pseudonymous(found, secret))
        self.console.governance.looked(request.state.by, kind, **subject(kind, name))
        return found

    def _source(self) -> Source:
        """Return what the console shows now."""
        console = self.console
        history, standing = console.telemetry.history, console.standing()
        assert history is not None
        return Source(
            console.engine,
            history,
            console.clock(),
            str(standing["mode"]),
            console.roll,
            outcomes=console.governance.outcomes,
            losing=console.telemetry.losing,
            more={
                **{name: standing[name] for name in _TOLD},
                "rollout": console.engine.settings.policy.enforcement.rollout,
                "failures": dict(console.telemetry.failures),
            },
        )

    async def _made(self, kind: str, name: str, asked: Mapping[str, str]) -> Document | None:
        source = self._source()
        if name:
            return await self._about(source, kind, name)
        if kind == "audit":
            return await audit_document(source, self.console.governance.audit, asked)
        if kind == "health":
            return health_document(source, self.console.telemetry.render())
        if kind in _SAME:
            return await self._shared_by_all(source, kind, partial(_SAME[kind], source))
        return await unhurried(_ASKED[kind](source, asked)) if kind in _ASKED else None

    async def _about(self, source: Source, kind: str, name: str) -> Document | None:
        if kind == "accounts":
            return account_page(source, name)
        if kind != "campaigns":
            return None
        make = partial(campaign_document, source, name)
        return await self._shared_by_all(source, (kind, name), make)

    async def _shared_by_all(self, source: Source, key: Hashable, make: Make) -> Document | None:
        """Return a document that is the same for everybody; a new one once somebody has ordered."""
        killed = source.engine.state.killed
        version = source.roll.drops, killed, source.mode, *source.losing, str(source.more)
        return await self.shared.document(key, version, source.now, make)

    async def _listed(self, one: Listed, request: Request, session: Session) -> Response:
        """Show a page of the navigation."""
        document = await self._known(request, one.path, "")
        asked = f"{one.path}?{request.url.query}" if request.url.query else one.path
        shell = words.command(*one.shell, url=api(request)) if one.shell else ""
        template = f"{one.path.replace('-', '_')}.html"
        view = View(template, one.title, document, asked, one.title, shell, self._offers())
        return await page(request, session, view)

    async def campaign(self, request: Request, session: Session) -> Response:
        """Show one campaign, and what may be done."""
        name = request.path_params["id"]
        if not name:
            return redirect(f"{base(request)}/campaigns")
        document = await self._known(request, "campaigns", name)
        shell = words.command("explain", name, url=api(request))
        path = f"campaigns/{quote(name, safe='')}"
        more = {"over": words.held_back(document), **self._offers()}
        title = document["campaign"]["id"]
        view = View("campaign.html", title, document, path, "Campaigns", shell, more)
        return await page(request, session, view)

    async def account(self, request: Request, session: Session) -> Response:
        """Show what happens to one customer, and on what evidence."""
        name = request.path_params["id"]
        document = await self._known(request, "accounts", name)
        shell = words.command("explain", name, url=api(request))
        path = f"accounts/{quote(name, safe='')}"
        view = View("account.html", name, document, path, "", shell, self._offers())
        return await page(request, session, view)

    async def find(self, request: Request, session: Session) -> Response:
        """Go to the account or the campaign of a name, or list an organisation's accounts."""
        asked = request.query_params.get("q", "").strip()
        source = self._source()
        if asked and source.engine.state.known(asked) is not None:
            return redirect(f"{base(request)}/accounts/{quote(asked, safe='')}")
        found = named(await unhurried(source.roll.campaigns(source.now)), asked)
        if found is not None:
            return redirect(f"{base(request)}/campaigns/{quote(asked, safe='')}")
        document = await self._found(source, asked)
        self.console.governance.looked(session.by, "find", **subject("find", asked))
        return await page(request, session, View("find.html", "Find", document, "find"))

    async def _found(self, source: Source, asked: str) -> Document:
        """Return what is remembered of an answer, or else the accounts of an organisation."""
        kept = source.outcomes.find(asked) if asked else None
        accounts = await unhurried(source.accounts()) if asked and kept is None else []
        listed = [one.name for one in accounts if one.organisation == asked][:_LISTED]
        told = None if kept is None else outcome(kept)
        return {"at": source.now, "asked": asked, "accounts": listed, "outcome": told}

    def _offers(self) -> dict[str, Any]:
        return {"deeds": OFFERS, "pardon_days": round(self.console.settings.pardon_days)}

    async def _known(self, request: Request, kind: str, name: str) -> Document:
        document = await self._document(request, kind, name)
        if document is None:
            raise HTTPException(404, f"nothing is known of {name[:128]}")
        return document


async def _home(request: Request, _: Session) -> Response:
    return redirect(f"{base(request)}/now")


async def _nothing(_: Request, __: Session) -> Response:
    raise HTTPException(404, "there is no such page")

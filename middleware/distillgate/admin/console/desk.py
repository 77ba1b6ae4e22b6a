"""The console's pages and forms: which there are, and what each of them asks or orders."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.console import words
from distillgate.admin.console.account import account_page, outcome
from distillgate.admin.console.campaign import campaign_document
from distillgate.admin.console.health import health_document
from distillgate.admin.console.orders import OFFERS, Orders, reason
from distillgate.admin.console.overview import campaigns_document, now_document
from distillgate.admin.console.review import review_document
from distillgate.admin.console.roster import lead
from distillgate.admin.console.session import Session, Sessions
from distillgate.admin.console.source import Document, Source
from distillgate.admin.console.web import (
    PATH,
    Door,
    View,
    api,
    as_json,
    base,
    page,
    redirect,
    unhurried,
)
from distillgate.admin.people import People
from distillgate.admin.settings import AdminSettings
from distillgate.campaign.keys import CODE
from distillgate.engine.queries import Queries
from distillgate.governance.governance import Governance
from distillgate.oversight.campaigns import campaigns, named

MAX_NAME = 64
_LISTED = 200


@dataclass(slots=True, kw_only=True)
class Desk:
    """Shows an engine to people, and takes their orders. Belongs to the engine's event loop."""

    source: Callable[[], Source]
    queries: Queries
    people: People
    governance: Governance
    settings: AdminSettings
    kill: Callable[..., None]
    clock: Callable[[], float]
    metrics: Callable[[], bytes]

    def routes(self, sessions: Sessions, bearer: Callable[[Request], object]) -> list[Route]:
        """Return the console's routes. `bearer` raises where a request does not carry the key."""
        door = Door(sessions, self.clock, lambda by: self.governance.event("signed_in", by=by))
        see, act = door.seeing, door.acting
        orders = Orders(people=self.people)

        async def json(request: Request) -> Response:
            if door.session(request) is None:
                bearer(request)
            return await self.json(request)

        return [
            Route(PATH, see(self.home), methods=["GET"]),
            *door.routes(),
            Route(f"{PATH}/json/{{page:path}}", json, methods=["GET"]),
            Route(f"{PATH}/now", see(self.now), methods=["GET"]),
            Route(f"{PATH}/campaigns", see(self.campaigns), methods=["GET"]),
            Route(f"{PATH}/campaigns/{{id:path}}/name", act(self.name), methods=["POST"]),
            Route(
                f"{PATH}/campaigns/{{id:path}}/order/{{deed}}",
                act(orders.campaign),
                methods=["POST"],
            ),
            Route(f"{PATH}/campaigns/{{id:path}}", see(self.campaign), methods=["GET"]),
            Route(
                f"{PATH}/accounts/{{id:path}}/order/{{deed}}", act(orders.account), methods=["POST"]
            ),
            Route(f"{PATH}/accounts/{{id:path}}", see(self.account), methods=["GET"]),
            Route(f"{PATH}/find", see(self.find), methods=["GET"]),
            Route(f"{PATH}/review", see(self.review), methods=["GET"]),
            Route(f"{PATH}/health", see(self.health), methods=["GET"]),
            Route(f"{PATH}/kill", act(self.stop), methods=["POST"]),
            Route(f"{PATH}/resume", act(self.resume), methods=["POST"]),
        ]

    async def json(self, request: Request) -> Response:
        """Answer with what a page shows, as JSON, or with one figure of it (`?at=`)."""
        kind, _, name = request.path_params["page"].partition("/")
        document = await self._document(kind, name)
        if document is None:
            raise HTTPException(404, "there is no such page")
        return as_json(document, request.query_params.get("at", ""))

    async def _document(self, kind: str, name: str = "") -> Document | None:
        source = self.source()
        if kind == "now" and not name:
            return await unhurried(now_document(source))  # type: ignore[no-any-return]
        if kind == "campaigns":
            made = campaign_document(source, name) if name else campaigns_document(source)
            return await unhurried(made)  # type: ignore[no-any-return]
        if kind == "accounts":
            return account_page(source, name)
        if kind == "review" and not name:
            return await unhurried(review_document(source))  # type: ignore[no-any-return]
        if kind == "health" and not name:
            return health_document(source, self.metrics())
        return None

    async def home(self, request: Request, _: Session) -> Response:
        """Begin with what is now."""
        return redirect(f"{base(request)}/now")

    async def now(self, request: Request, session: Session) -> Response:
        """Show whether anything is on fire, and whether anyone honest is hurt."""
        return await self._show(request, session, "now", "Now")

    async def campaigns(self, request: Request, session: Session) -> Response:
        """Show which campaigns there are, how sure that is, and how much is gone."""
        shell = words.command("campaign", "list", url=api(request))
        return await self._show(request, session, "campaigns", "Campaigns", shell=shell)

    async def review(self, request: Request, session: Session) -> Response:
        """Show whom a person should look at first."""
        shell = words.command("account", "list", "--show", "riskiest", url=api(request))
        return await self._show(request, session, "review", "Review", shell=shell)

    async def health(self, request: Request, session: Session) -> Response:
        """Show whether the gate itself is well."""
        return await self._show(request, session, "health", "Health")

    async def campaign(self, request: Request, session: Session) -> Response:
        """Show one campaign, and what may be done."""
        name = request.path_params["id"]
        document = await self._known("campaigns", name)
        shell = words.command("explain", name, url=api(request))
        path = f"campaigns/{quote(name, safe='')}"
        more = {"over": words.held_back(document), **self._offers()}
        title = document["campaign"]["id"]
        view = View("campaign.html", title, document, path, "Campaigns", shell, more)
        return await page(request, session, view)

    async def account(self, request: Request, session: Session) -> Response:
        """Show what happens to one customer, and on what evidence."""
        name = request.path_params["id"]
        document = await self._known("accounts", name)
        shell = words.command("explain", name, url=api(request))
        path = f"accounts/{quote(name, safe='')}"
        view = View("account.html", name, document, path, "", shell, self._offers())
        return await page(request, session, view)

    async def find(self, request: Request, session: Session) -> Response:
        """Go to the account or the campaign of a name, or list an organisation's accounts."""
        asked = request.query_params.get("q", "").strip()
        source = self.source()
        if asked and source.engine.state.known(asked) is not None:
            return redirect(f"{base(request)}/accounts/{quote(asked, safe='')}")
        found = named(await unhurried(campaigns(source.engine, source.now)), asked)
        if found is not None:
            return redirect(f"{base(request)}/campaigns/{quote(asked, safe='')}")
        document = await self._found(source, asked)
        return await page(request, session, View("find.html", "Find", document, "find"))

    async def _found(self, source: Source, asked: str) -> Document:
        """Return what is remembered of an answer, or else the accounts of an organisation."""
        kept = source.outcomes.find(asked) if asked else None
        accounts = await unhurried(source.accounts()) if asked and kept is None else []
        listed = [one.name for one in accounts if one.organisation == asked][:_LISTED]
        told = None if kept is None else outcome(kept)
        return {"at": source.now, "asked": asked, "accounts": listed, "outcome": told}

    async def name(self, request: Request, session: Session) -> Response:
        """Name a campaign."""
        group, name = request.path_params["id"], request.state.form.get("name", "").strip()
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.startswith(CODE):
            raise HTTPException(
                422, f"a name has 1 to 64 printable characters, and no {CODE} first"
            )
        source = self.source()
        found = named(await unhurried(campaigns(source.engine, source.now)), group)
        actor = None if found is None else lead(source, found, group)
        if actor is None:
            raise HTTPException(404, f"no such campaign: {group[:128]}")
        try:
            self.queries.name_group(actor.group.code, name, source.now)
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        self.governance.event("named", by=session.by, group=group, campaign=name)
        return redirect(f"{base(request)}/campaigns/{quote(group, safe='')}")

    async def stop(self, request: Request, session: Session) -> Response:
        """End all enforcement at once."""
        return self._switch(request, session, killed=True)

    async def resume(self, request: Request, session: Session) -> Response:
        """Let the configured mode hold again."""
        return self._switch(request, session, killed=False)

    def _switch(self, request: Request, session: Session, *, killed: bool) -> Response:
        why = reason(request)
        self.kill(killed=killed)
        self.governance.event("killed" if killed else "resumed", by=session.by, reason=why)
        return redirect(f"{base(request)}/now")

    def _offers(self) -> dict[str, Any]:
        return {"deeds": OFFERS, "pardon_days": round(self.settings.pardon_days)}

    async def _known(self, kind: str, name: str) -> Document:
        document = await self._document(kind, name)
        if document is None:
            raise HTTPException(404, f"nothing is known of {name[:128]}")
        return document

    async def _show(
        self, request: Request, session: Session, kind: str, title: str, shell: str = ""
    ) -> Response:
        document = await self._known(kind, "")
        return await page(
            request, session, View(f"{kind}.html", title, document, kind, title, shell)
        )

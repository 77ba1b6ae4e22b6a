"""The console's pages and forms: which there are, and what each of them asks or orders."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.console import words
from distillgate.admin.console.account import account_document, outcome
from distillgate.admin.console.campaign import campaign_document
from distillgate.admin.console.health import health_document
from distillgate.admin.console.overview import campaigns_document, now_document
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
from distillgate.admin.settings import AdminSettings
from distillgate.campaign.keys import CODE
from distillgate.engine.queries import Inquiry
from distillgate.governance.governance import Governance

DAY = 86_400.0
MAX_NAME = 64
MAX_REASON = 500
_LISTED = 200

Ask = Callable[[Source, str], Awaitable[Document | None]]


@dataclass(slots=True, kw_only=True)
class Desk:
    """Shows an engine to people, and takes their orders. Belongs to the engine's event loop."""

    source: Callable[[], Source]
    inquiry: Inquiry
    governance: Governance
    settings: AdminSettings
    kill: Callable[..., None]
    clock: Callable[[], float]
    metrics: Callable[[], bytes]

    def routes(self, sessions: Sessions, bearer: Callable[[Request], object]) -> list[Route]:
        """Return the console's routes. `bearer` raises where a request does not carry the key."""
        door = Door(sessions, self.clock, lambda by: self.governance.event("signed_in", by=by))
        see, act = door.seeing, door.acting

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
            Route(f"{PATH}/campaigns/{{id:path}}", see(self.campaign), methods=["GET"]),
            Route(f"{PATH}/accounts/{{id:path}}/pardon", act(self.pardon), methods=["POST"]),
            Route(f"{PATH}/accounts/{{id:path}}/lift", act(self.lift), methods=["POST"]),
            Route(f"{PATH}/accounts/{{id:path}}/end", act(self.end), methods=["POST"]),
            Route(f"{PATH}/accounts/{{id:path}}", see(self.account), methods=["GET"]),
            Route(f"{PATH}/find", see(self.find), methods=["GET"]),
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
            return account_document(source, name)
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

    async def health(self, request: Request, session: Session) -> Response:
        """Show whether the gate itself is well."""
        return await self._show(request, session, "health", "Health")

    async def campaign(self, request: Request, session: Session) -> Response:
        """Show one campaign, and what may be done."""
        name = request.path_params["id"]
        document = await self._known("campaigns", name)
        shell = words.command("explain", name, url=api(request))
        path, more = f"campaigns/{quote(name, safe='')}", {"over": words.held_back(document)}
        title = document["campaign"]["id"]
        view = View("campaign.html", title, document, path, "Campaigns", shell, more)
        return await page(request, session, view)

    async def account(self, request: Request, session: Session) -> Response:
        """Show what happens to one customer, and on what evidence."""
        name = request.path_params["id"]
        document = await self._known("accounts", name)
        url = api(request)
        more: Mapping[str, Any] = {
            "pardon_days": round(self.settings.pardon_days),
            "pardon_shell": _curl(url, name, "pardon"),
            "lift_shell": _curl(url, name, "lift"),
        }
        shell = words.command("explain", name, url=url)
        path = f"accounts/{quote(name, safe='')}"
        view = View("account.html", name, document, path, "", shell, more)
        return await page(request, session, view)

    async def find(self, request: Request, session: Session) -> Response:
        """Go to the account or the campaign of a name, or list an organisation's accounts."""
        asked = request.query_params.get("q", "").strip()
        source = self.source()
        if asked and source.engine.state.known(asked) is not None:
            return redirect(f"{base(request)}/accounts/{quote(asked, safe='')}")
        group = source.engine.state.groups.named(asked) if asked else None
        if group is not None and source.engine.state.actor(group.key) is not None:
            return redirect(f"{base(request)}/campaigns/{group.code}")
        document = await self._found(source, asked)
        return await page(request, session, View("find.html", "Find", document, "find"))

    async def _found(self, source: Source, asked: str) -> Document:
        """Return what is remembered of an answer, or else the accounts of an organisation."""
        kept = source.outcomes.find(asked) if asked else None
        accounts = await unhurried(source.accounts()) if asked and kept is None else []
        listed = [one.name for one in accounts if one.organisation == asked][:_LISTED]
        told = None if kept is None else outcome(kept)
        return {"at": source.now, "asked": asked, "accounts": listed, "outcome": told}

    async def pardon(self, request: Request, session: Session) -> Response:
        """Hold no group's evidence against an account for a while."""
        return self._leave(request, session, "pardoned")

    async def lift(self, request: Request, session: Session) -> Response:
        """Hold nothing against an account for a while."""
        return self._leave(request, session, "lifted")

    async def end(self, request: Request, session: Session) -> Response:
        """End a pardon or a lift now."""
        name, reason, now = request.path_params["id"], _reason(request), self.clock()
        if not self.inquiry.pardon(name, now, now, everything=True):
            raise HTTPException(404, f"no such account: {name[:128]}")
        self.governance.event("pardon_ended", account=name, by=session.by, reason=reason)
        return redirect(f"{base(request)}/accounts/{quote(name, safe='')}")

    async def name(self, request: Request, session: Session) -> Response:
        """Name a campaign."""
        group, name = request.path_params["id"], request.state.form.get("name", "").strip()
        if not 0 < len(name) <= MAX_NAME or not name.isprintable() or name.startswith(CODE):
            raise HTTPException(
                422, f"a name has 1 to 64 printable characters, and no {CODE} first"
            )
        try:
            known = self.inquiry.name_group(group, name, self.clock())
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        if not known:
            raise HTTPException(404, f"no such group: {group[:128]}")
        self.governance.event("named", by=session.by, group=group, campaign=name)
        return redirect(f"{base(request)}/campaigns/{quote(group, safe='')}")

    async def stop(self, request: Request, session: Session) -> Response:
        """End all enforcement at once."""
        return self._switch(request, session, killed=True)

    async def resume(self, request: Request, session: Session) -> Response:
        """Let the configured mode hold again."""
        return self._switch(request, session, killed=False)

    def _switch(self, request: Request, session: Session, *, killed: bool) -> Response:
        reason = _reason(request)
        self.kill(killed=killed)
        self.governance.event("killed" if killed else "resumed", by=session.by, reason=reason)
        return redirect(f"{base(request)}/now")

    def _leave(
        self, request: Request, session: Session, what: Literal["pardoned", "lifted"]
    ) -> Response:
        name, reason, days = request.path_params["id"], _reason(request), _days(request)
        now = self.clock()
        until = now + days * DAY
        if not self.inquiry.pardon(name, until, now, everything=what == "lifted"):
            raise HTTPException(404, f"no such account: {name[:128]}")
        self.governance.event(what, account=name, until=until, by=session.by, reason=reason)
        return redirect(f"{base(request)}/accounts/{quote(name, safe='')}")

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


def _curl(url: str, name: str, order: str) -> str:
    address = f"{url}/accounts/{quote(name, safe='')}/{order}"
    return (
        f'curl -d \'{{"reason": "…"}}\' -H "authorization: Bearer $DISTILLGATE_ADMIN_KEY" {address}'
    )


def _reason(request: Request) -> str:
    reason: str = request.state.form.get("reason", "").strip()
    if not reason:
        raise HTTPException(422, "say why: no order without a reason")
    return reason[:MAX_REASON]


def _days(request: Request) -> float:
    try:
        days = float(request.state.form.get("days", ""))
    except ValueError:
        days = 0.0
    if not 0 < days <= 3650:
        raise HTTPException(422, "days must be a number above 0, at most 3650")
    return days

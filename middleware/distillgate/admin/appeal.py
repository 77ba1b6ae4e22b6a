"""The page of a customer who was held back: what holds, a note to a person, and the answer.

It needs no login: the link in the refusal is signed, ends, and is about that refusal alone. It says
what the client was told anyway, the same whatever the cause, until a person has decided: it is no
oracle.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cachetools import TTLCache
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from distillgate.actions.appeal import AppealSettings, Ticket, form_token
from distillgate.admin.console import render
from distillgate.admin.console.web import HEADERS, fields, foreign, redirect
from distillgate.engine.engine import Engine
from distillgate.governance.governance import Governance
from distillgate.oversight.orders import appeal_to, ask, ticket
from distillgate.policy.appeals import MAX_CONTACT, MAX_NOTE
from distillgate.text import legible

_MINUTE = 60.0
_LINKS = 4096
_LOOKS, _NOTES = 30, 10
"""Looks a minute at one link, and notes a minute of one side (`Appeal.side`)."""
_HOUR = 3600.0


@dataclass(slots=True)
class Appealing:
    """Answers below the path of `actions.appeal`; all the rest goes on to the application."""

    app: ASGIApp
    engine: Engine
    governance: Governance
    clock: Callable[[], float]
    _looks: TTLCache[object, int] = field(init=False)
    _notes: TTLCache[object, int] = field(init=False)
    """Apart: whoever has many links must not drive out the count of notes."""

    def __post_init__(self) -> None:
        """Begin to count."""
        self._looks = TTLCache(_LINKS, _MINUTE, self.clock)
        self._notes = TTLCache(_LINKS, _MINUTE, self.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        settings = self.engine.settings.actions.appeal
        if not settings.url or scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        below = f"{settings.path}/"
        if not scope["path"].startswith(below):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await self._answer(request, scope["path"].removeprefix(below), settings)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, token: str, settings: AppealSettings) -> Response:
        if token == "style.css" and request.method == "GET":  # noqa: S105 - a file's name
            kept = {**HEADERS, "cache-control": "max-age=3600"}
            return Response(render.style(), headers=kept, media_type="text/css")
        about = ticket(self.engine, token, self.clock())
        if about is None or request.method not in ("GET", "POST"):
            return Response("This link is none, or its time is over.\n", 404, dict(HEADERS))
        if not _turn(self._looks, token, _LOOKS):
            return _wait()
        try:
            if request.method == "POST":
                return await self._take(request, token, about, settings)
        except HTTPException as error:
            return self._page(token, about, settings, error.status_code, error.detail)
        return self._page(token, about, settings, sent="sent" in request.query_params)

    async def _take(
        self, request: Request, token: str, about: Ticket, settings: AppealSettings
    ) -> Response:
        """Keep a customer's note, from this page's own form alone."""
        form = await fields(request)
        wanted = form_token(self.engine.secret, token)
        given = form.get("form", "")
        if foreign(request) or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise HTTPException(403, "This form was not sent from this page.")
        note = "\n".join(map(legible, form.get("note", "").splitlines())).strip()
        contact = legible(" ".join(form.get("contact", "").split()))
        if not note or len(note) > MAX_NOTE or len(contact) > MAX_CONTACT:
            raise HTTPException(422, f"Please write something, in at most {MAX_NOTE:,} characters.")
        appeal = appeal_to(self.engine, about, note, contact, self.clock())
        if not self.engine.state.appeals.takes(appeal):
            raise HTTPException(409, "Earlier notes are being looked at first: please wait.")
        if not _turn(self._notes, appeal.queue, _NOTES):
            return _wait()
        ask(self.engine, appeal)
        self.governance.appealed(about.account, about.reference)
        return redirect(f"{settings.path}/{token}?sent")

    def _page(
        self,
        token: str,
        about: Ticket,
        settings: AppealSettings,
        status: int = 200,
        wrong: str = "",
        *,
        sent: bool = False,
    ) -> Response:
        pieces = render.render(
            "appeal.html",
            self._document(about),
            render.Links(settings.path),
            "",
            form=form_token(self.engine.secret, token),
            action=f"{settings.path}/{token}",
            keep_days=round(settings.keep_days),
            most=MAX_NOTE,
            wrong=wrong,
            sent=sent,
        )
        body = "".join(pieces).encode("utf-8", "replace")
        return Response(body, status, dict(HEADERS), "text/html; charset=utf-8")

    def _document(self, about: Ticket) -> dict[str, Any]:
        """Return what the page shows: what was told, and what a person has decided since."""
        now, state = self.clock(), self.engine.state
        appeal = state.appeals.of(about.reference, now)
        account = state.known(about.account)
        pardoned = 0.0 if account is None else max(account.pardoned_until, account.lifted_until)
        decided = appeal is not None and appeal.outcome == "pardon"
        return {
            "reference": about.reference,
            "told_at": about.at,
            "kind": about.kind,
            "until": about.at + self.engine.settings.policy.ladder.hold_hours * _HOUR,
            "asked_at": None if appeal is None else appeal.at,
            "note": "" if appeal is None else appeal.note,
            "outcome": "" if appeal is None else appeal.outcome,
            "answer": "" if appeal is None else appeal.answer,
            "answered_at": None if appeal is None or not appeal.outcome else appeal.answered_at,
            "pardoned_until": pardoned if decided and pardoned > now else None,
        }


def _turn(counts: TTLCache[object, int], of: object, most: int) -> bool:
    """Count a turn; return whether it may be taken."""
    number = counts.get(of, 0) + 1
    if number <= most:  # who goes on asking past it may again after a minute, not never
        counts[of] = number
    return number <= most


def _wait() -> Response:
    headers = {**HEADERS, "retry-after": str(round(_MINUTE))}
    return Response("Too many requests: please try again in a minute.\n", 429, headers)

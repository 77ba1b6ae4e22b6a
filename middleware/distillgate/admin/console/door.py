"""Who may see the console's pages, and send their forms."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from distillgate.admin.access import Access
from distillgate.admin.console import render
from distillgate.admin.console.session import COOKIE, SECONDS, Session, Sessions
from distillgate.admin.console.web import (
    HEADERS,
    PATH,
    Answer,
    View,
    base,
    fields,
    foreign,
    page,
    redirect,
)
from distillgate.admin.roles import MAX_NAME, SHARED, May


class Door:
    """Signs people in and out, and lets nobody else in."""

    def __init__(
        self, access: Access, clock: Callable[[], float], signed: Callable[..., None]
    ) -> None:
        self._access = access
        self._sessions = Sessions(access)
        self._clock = clock
        self._signed = signed

    def routes(self) -> list[Route]:
        """Return the pages that need no session."""
        return [
            Route(f"{PATH}/style.css", self.style, methods=["GET"]),
            Route(f"{PATH}/sign-in", self.ask, methods=["GET"]),
            Route(f"{PATH}/sign-in", self.sign_in, methods=["POST"]),
            Route(f"{PATH}/sign-out", self.acting(self.sign_out, None), methods=["POST"]),
        ]

    def seeing(self, answer: Answer, may: May | None) -> Callable[[Request], Awaitable[Response]]:
        """Let a page be seen by who is signed in and may; others are asked to sign in."""

        async def guarded(request: Request) -> Response:
            session = self.session(request)
            if session is None:
                self._access.note(request, "anonymous")
                query = f"?{request.url.query}" if request.url.query else ""
                return redirect(f"{base(request)}/sign-in?to={quote(request.url.path + query)}")
            return await self._told(request, session, answer, may)

        return guarded

    def acting(self, answer: Answer, may: May | None) -> Callable[[Request], Awaitable[Response]]:
        """Let a form be sent by who is signed in and may, from a page of ours alone."""

        async def guarded(request: Request) -> Response:
            session = self.session(request)
            if session is None:
                self._access.refuse(request, "anonymous")
            form = await fields(request)
            given = form.get("csrf", "").encode()
            if foreign(request) or not hmac.compare_digest(given, session.csrf.encode()):
                self._access.refuse(request, "forged", by=session.by)
            request.state.form = form
            return await self._told(request, session, answer, may)

        return guarded

    async def _told(
        self, request: Request, session: Session, answer: Answer, may: May | None
    ) -> Response:
        """Answer who may, and show what is wrong as a page."""
        request.state.caller, request.state.by = session.caller, session.by
        try:
            if may is not None:
                self._access.allow(request, session.caller, may)
            return await answer(request, session)
        except HTTPException as error:
            title = "Not done" if request.method == "POST" else "Not found"
            title = "Not allowed" if error.status_code == 403 else title
            view = View("message.html", title, {}, "", more={"text": error.detail, "back": ""})
            return await page(request, session, view, error.status_code)

    def session(self, request: Request) -> Session | None:
        """Return who sends a request."""
        found = self._sessions.read(request.cookies.get(COOKIE, ""), self._clock())
        if found is None and (caller := self._access.vouched(request)) is not None:
            return self._sessions.vouched(caller)
        return found

    def enter(self, request: Request) -> None:
        """Let in who is signed in, or has a key; refuse others."""
        session = self.session(request)
        caller = session.caller if session is not None else self._access.known(request)
        request.state.caller = caller
        request.state.by = session.by if session is not None else caller.name or SHARED

    async def style(self, _: Request) -> Response:
        """Return the style sheet."""
        kept = {**HEADERS, "cache-control": "max-age=3600"}
        return Response(render.style(), headers=kept, media_type="text/css")

    async def ask(self, request: Request) -> Response:
        """Ask who it is."""
        return await self._form(request, request.query_params.get("to", ""))

    async def sign_in(self, request: Request) -> Response:
        """Check the key, and go where one wanted to."""
        form = await fields(request)
        to, by = form.get("to", ""), " ".join(form.get("by", "").split())
        if foreign(request):
            self._access.refuse(request, "forged")
        caller = self._access.holder(form.get("key", ""))
        if caller is None:
            self._access.note(request, "wrong_key")
            return await self._form(request, to, "That is no key of this gate.", 401)
        by = caller.name or by
        if not 0 < len(by) <= MAX_NAME or not by.isprintable():
            return await self._form(request, to, "Say who you are, in at most 64 characters.", 422)
        if not caller.name and self._access.is_taken(by):
            wrong = "Whoever has that name signs in with a key of their own."
            return await self._form(request, to, wrong, 422)
        self._signed(by)
        home = base(request)
        answer = redirect(to if to.startswith(f"{home}/") and "\\" not in to else f"{home}/now")
        answer.set_cookie(
            COOKIE, self._sessions.open(by, caller, self._clock()), max_age=SECONDS, path=home,
            secure=request.url.scheme == "https", httponly=True, samesite="strict",
        )  # fmt: skip
        return answer

    async def sign_out(self, request: Request, _: Session) -> Response:
        """Take the cookie back."""
        answer = redirect(f"{base(request)}/sign-in")
        answer.delete_cookie(COOKIE, path=base(request), httponly=True, samesite="strict")
        return answer

    async def _form(
        self, request: Request, to: str, wrong: str = "", status: int = 200
    ) -> Response:
        view = View("sign_in.html", "Sign in", {}, "", more={"to": to, "wrong": wrong})
        return await page(request, None, view, status)

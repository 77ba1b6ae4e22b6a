"""The console's pages over HTTP: who may see them, what they may load, and what a form may do."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from distillgate.admin.access import Access
from distillgate.admin.console import render
from distillgate.admin.console.render import Links
from distillgate.admin.console.session import COOKIE, SECONDS, Session, Sessions
from distillgate.admin.console.source import Document
from distillgate.admin.documents import turn
from distillgate.admin.roles import MAX_NAME, SHARED, May
from distillgate.asgi.body import read
from distillgate.oversight.errands import PIECE
from distillgate.text import visible_json

PATH = "/console"
"""Where the console is, below the operator's pages."""
MAX_BYTES = 16_384
_FIELDS = 32


class Listed(NamedTuple):
    """A page that the navigation lists, and the command that shows the same."""

    path: str
    title: str
    may: May
    shell: tuple[str, ...] = ()


PAGES = (
    Listed("now", "Now", May.LOOK),
    Listed("campaigns", "Campaigns", May.LOOK, ("campaign", "list")),
    Listed("review", "Review", May.ACCOUNTS, ("account", "list", "--show", "riskiest")),
    Listed("what-if", "What if", May.ACCOUNTS),
    Listed("audit", "Audit", May.AUDIT),
    Listed("health", "Health", May.HEALTH),
)

RENEWING = frozenset({"now.html", "campaigns.html", "health.html"})
"""Pages that may be left open and renew themselves, if one asks for it; those of one
campaign or account, on which reasons are written, never do."""
_RENEWED, _SECONDS = "renewed", 10

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""No script at all, no style but ours, nothing from elsewhere, nothing kept."""

Answer = Callable[[Request, Session], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class View:
    """One page: its template, its document, and what the template needs beside."""

    template: str
    title: str
    document: Document
    page: str
    here: str = ""
    shell: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


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


async def page(
    request: Request, session: Session | None, view: View, status: int = 200
) -> Response:
    """Answer with a page, written in slices: the loop is never held for the whole of it."""
    await asyncio.to_thread(render.prepare)
    renewing = view.template in RENEWING
    renewed = renewing and _RENEWED in request.query_params
    pieces = render.render(
        "layout.html",
        view.document,
        Links(base(request), accounts=session is not None and session.may("accounts")),
        view.page,
        title=view.title,
        session=session,
        body=view.template,
        pages=[one for one in PAGES if session is not None and session.may(one.may)],
        here=view.here,
        shell=view.shell,
        api=api(request),
        renewed=_SECONDS if renewed else None,
        otherwise=_otherwise(request, renewed=renewed) if renewing else "",
        **view.more,
    )
    written, more = list[str](), True
    while more:
        async with turn():
            more = _written(pieces, written)
    body = "".join(written).encode("utf-8", "replace")
    headers = {**HEADERS, "refresh": str(_SECONDS)} if renewed else dict(HEADERS)
    return Response(body, status, headers, "text/html; charset=utf-8")


def _otherwise(request: Request, *, renewed: bool) -> str:
    """Return the address at which a page begins to renew itself, or ends it."""
    to = request.url.remove_query_params(_RENEWED)
    if not renewed:
        to = to.include_query_params(**{_RENEWED: "yes"})
    return f"{to.path}?{to.query}"


def _written(pieces: Iterator[str], written: list[str]) -> bool:
    """Write on for a little while; return whether anything is left."""
    since = time.perf_counter()
    for piece in pieces:
        written.append(piece)
        if time.perf_counter() - since > PIECE:
            return True
    return False


def as_json(document: Document, pointer: str) -> Response:
    """Answer with a document, or with the one value in it that a pointer names."""
    try:
        value = render.resolve(document, pointer) if pointer else document
    except (LookupError, TypeError, ValueError):
        raise HTTPException(404, "there is no such value") from None
    body = orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY)
    return Response(visible_json(body), headers=dict(HEADERS), media_type="application/json")


async def fields(request: Request) -> dict[str, str]:
    """Read a form's fields."""
    body = await read(request.receive, max_bytes=MAX_BYTES)
    if body is None or body.oversize:
        raise HTTPException(413, f"the form is larger than {MAX_BYTES} bytes")
    try:
        found = parse_qs(bytes(body.data).decode("utf-8"), max_num_fields=_FIELDS)
    except ValueError:
        raise HTTPException(422, f"a form is UTF-8, and has {_FIELDS} fields at most") from None
    return {name: values[-1] for name, values in found.items()}


def foreign(request: Request) -> bool:
    """Return whether a browser says that another site sends this."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def redirect(to: str) -> RedirectResponse:
    """Send a browser elsewhere, to ask for it with GET."""
    return RedirectResponse(to, 303, dict(HEADERS))


def base(request: Request) -> str:
    """Return the console's own path."""
    root: str = request.scope.get("root_path", "")
    return root.rstrip("/") + PATH


def api(request: Request) -> str:
    """Return the address that the commands are given as `--url`."""
    return f"{request.url.scheme}://{request.url.netloc}{base(request).removesuffix(PATH)}"

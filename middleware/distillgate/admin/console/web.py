"""The console's pages over HTTP: what they are made of and may load, and what a form holds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from distillgate.admin.console import render
from distillgate.admin.console.render import Links
from distillgate.admin.console.session import Session
from distillgate.admin.console.source import Document
from distillgate.admin.documents import MAX_BYTES, turn
from distillgate.admin.roles import May
from distillgate.asgi.body import read
from distillgate.oversight.errands import PIECE
from distillgate.text import visible_json

PATH = "/console"
"""Where the console is, below the operator's pages."""
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

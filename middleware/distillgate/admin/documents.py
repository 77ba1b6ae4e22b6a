"""What the operator's pages read and answer: JSON objects, orders with a reason, work in slices."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.account.windows import DAY
from distillgate.admin.roles import MAX_NAME, SHARED, Caller
from distillgate.asgi.body import read
from distillgate.campaign.jobs import Job, Result
from distillgate.oversight.errands import piece
from distillgate.text import visible_json

MAX_BYTES = 16_384
"""Bytes of a request to these pages."""
MAX_DAYS = 3650

_OTHERS = 0.0002
"""Seconds of a turn of the loop from which somebody else's work was done in it..."""
_PAUSE = 0.001
"""...and for which it is then left to them."""
_SUBJECTS = {
    "accounts": "account", "campaigns": "campaign", "groups": "campaign",
    "references": "reference", "find": "asked",
}  # fmt: skip
_MAX_SUBJECT = 128
"""Characters of whom somebody looked at, in the audit log."""
NOT_BY = "`by` is a name in printable characters, and not that of somebody with a key of their own"
NO_REASON = 'say why, as JSON: {"reason": "…"}; "by" may say who'


async def unhurried(steps: Job[Result]) -> Result:
    """Work for an answer a little at a time: no operator's question holds up a request."""
    found: Sequence[Result] = ()
    while not found:
        async with turn():
            found = piece(steps)
    return found[0]


@asynccontextmanager
async def turn() -> AsyncIterator[None]:
    """Do a little for one of those who ask, and nothing for the others in this turn of the loop.

    Of twenty pages that are made at once each would take its piece in every turn, and a request
    would wait for all of them. Where the loop has others' work to do, they get time for more of it:
    a request goes through several turns, and would meet a piece in each.
    """
    loop = asyncio.get_running_loop()
    lock = _TURNS.get(loop)
    if lock is None:
        lock = _TURNS[loop] = asyncio.Lock()
    async with lock:
        yield
        since = time.perf_counter()
        await asyncio.sleep(0)
        if time.perf_counter() - since > _OTHERS:
            await asyncio.sleep(_PAUSE)


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def document(request: Request, wanted: str) -> Mapping[str, Any]:
    """Read a request's JSON object; `wanted` is what is said where it has none."""
    body = await read(request.receive, max_bytes=MAX_BYTES)
    if body is None or body.oversize:
        raise HTTPException(413, f"the request is larger than {MAX_BYTES} bytes")
    try:
        found = orjson.loads(body.data)
    except orjson.JSONDecodeError:
        raise HTTPException(422, wanted) from None
    if not isinstance(found, dict):
        raise HTTPException(422, wanted)
    return found


def said(request: Request, asked: Mapping[str, Any]) -> dict[str, str]:
    """Read who gives an order, and why: no order without a reason."""
    reason = asked.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise HTTPException(422, NO_REASON)
    return {"by": by(request, asked), "reason": reason.strip()[:500]}


def by(request: Request, asked: Mapping[str, Any]) -> str:
    """Return who gives an order: whose key it is, or who the shared key's holder says they are."""
    caller: Caller = request.state.caller
    if caller.name:
        return caller.name
    name = asked.get("by")
    name = " ".join(name.split())[:MAX_NAME] if isinstance(name, str) else ""
    if not name.isprintable() or request.state.is_taken(name):
        raise HTTPException(422, NOT_BY)
    return name or SHARED


def subject(kind: str, name: str) -> dict[str, str]:
    """Return whom a page of a kind is about, for the audit log."""
    return {_SUBJECTS[kind]: name[:_MAX_SUBJECT]} if name else {}


def days(asked: Mapping[str, Any], default: float) -> float:
    """Read for how many days an order is to hold, in seconds."""
    found = asked.get("days", default)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found <= MAX_DAYS:
        raise HTTPException(422, f"days must be a number above 0, at most {MAX_DAYS}")
    return found * DAY


def number(request: Request, name: str, default: int, most: int) -> int:
    """Read a whole number of the query, from 1 to `most`."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise HTTPException(422, f"{name} must be a whole number from 1 to {most}")
    return int(text)


def answer(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    body = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2)
    return Response(
        visible_json(body), status, {**(headers or {}), "content-type": "application/json"}
    )


def _plain(value: Any) -> Any:
    """Write what JSON has no word for: named tuples as objects, everything else as text."""
    return value._asdict() if isinstance(value, tuple) and hasattr(value, "_asdict") else str(value)

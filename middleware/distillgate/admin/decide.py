"""Decisions for gateways that forward requests themselves: ask before, tell after.

`POST /decide` takes a request and answers what to do with it; `POST /learn` takes what came of it.
"""

from functools import partial
from typing import Any

from msgspec.structs import asdict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from distillgate.actions.effect import refusal_result
from distillgate.admin.exchanged import (
    Message,
    WrongError,
    answer_of,
    given_back,
    headers_of,
    request_of,
    written,
)
from distillgate.asgi import body as bodies
from distillgate.asgi.body import THREAD_BYTES
from distillgate.asgi.context import Context
from distillgate.asgi.detached import Detached, Detaching, Forward, Respond
from distillgate.errors import WireError
from distillgate.policy.decision import Decision
from distillgate.wire import document

_BESIDE = 256 * 1024
"""Bytes of headers and the like beside a body, whose base64 takes four bytes for three."""
_ACTIONS = {"throttled": "throttle", "challenged": "challenge", "refused": "refuse"}
_UNKNOWN = "no exchange is waited for under this id: it was learned, expired, or another process's"


class Decider:
    """Answers gateways. Belongs to the event loop of the engine."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._detaching = Detaching(context)

    async def decide(self, request: Request) -> Response:
        """Answer what is to become of a request."""
        peer = None if request.client is None else request.client.host
        try:
            asked = request_of(await self._read(request), peer)
        except WrongError as error:
            raise HTTPException(422, str(error)) from None
        exchange = Detached(asked.scope, asked.body)
        found = await self._detaching.begin(exchange)
        action, told = _decided(exchange, found, as_json=asked.as_json)
        return _reply(
            {
                "action": action,
                "reference": exchange.reference or None,
                "id": exchange.id if isinstance(found, Forward) and found.learns else None,
                **told,
                "why": None if exchange.judged is None else _why(exchange.judged[0]),
            }
        )

    async def learn(self, request: Request) -> Response:
        """Take what came of an exchange; answer with what the client is to get, if that differs."""
        asked = await self._read(request)
        name = asked.get("id")
        exchange = self._detaching.find(name) if isinstance(name, str) else None
        if exchange is None:
            raise HTTPException(404, _UNKNOWN)
        try:
            came = answer_of(asked)
        except WrongError as error:
            raise HTTPException(422, str(error)) from None
        told: dict[str, Any] = {"reference": exchange.reference or None}
        try:
            sent = [message for one in came.messages for message in await exchange.tell(one)]
        except WireError as error:
            exchange.abandon()
            raise HTTPException(422, str(error)) from None
        if came.aborted:
            exchange.abandon()
        elif changed := given_back(came, sent):
            told["answer"] = changed
        return _reply(told)

    async def _read(self, request: Request) -> Message:
        """Read a gateway's JSON object, bounded as the bodies of relayed requests are."""
        context, taken = self._context, 0
        limit = context.settings.body.max_bytes * 4 // 3 + _BESIDE

        def take(size: int) -> bool:
            nonlocal taken
            fits = context.ledger.take(size)
            taken += size if fits else 0
            return fits

        try:
            body = await bodies.read(request.receive, max_bytes=limit, take=take)
            if body is None:
                raise HTTPException(400, "the request breaks off")
            if body.crowded:
                raise HTTPException(503, "too much is under way", {"retry-after": "1"})
            if body.oversize:
                raise HTTPException(413, f"the request is larger than {limit} bytes")
            work = partial(document.read, body.data)
            found = await context.tasks.thread(work) if len(body.data) > THREAD_BYTES else work()
        except WireError:
            found = None
        finally:
            context.ledger.held -= taken
        if not isinstance(found, dict):
            raise HTTPException(422, "give a JSON object")
        return found


def _decided(
    exchange: Detached, found: Forward | Respond, *, as_json: bool
) -> tuple[str, dict[str, Any]]:
    """Return the action, and what the gateway needs to do it."""
    judged = exchange.judged
    if isinstance(found, Respond):
        action = "refused" if judged is None else refusal_result(judged[0], found.headers)[0]
        respond = {"status": found.status, "headers": headers_of(found.headers)}
        return _ACTIONS[action], {"respond": respond | written(found.body, as_json=as_json)}
    plan = None if judged is None else judged[1]
    edits = plan is not None and plan.edit is not None
    named = [] if plan is None else plan.headers()
    told: dict[str, Any] = {}
    if found.body is not None or found.headers or found.removed:
        sets = [pair for pair in found.headers if pair[0] != b"content-length"]
        told["forward"] = {
            "headers": headers_of(sets),
            "without": [name.decode("latin-1") for name in found.removed],
            **({} if found.body is None else written(found.body, as_json=as_json)),
        }
    if edits or named:
        told["answer"] = {"headers": headers_of(named), "through_learn": edits}
    return ("degrade" if told else "allow"), told


def _why(decision: Decision) -> dict[str, Any]:
    """Return what is behind a decision. `would` is what enforce mode does, whatever the mode."""
    return {
        "account": decision.account,
        "would": decision.action.label,
        "enforced": decision.enforced,
        "code": decision.code,
        "decided_by": decision.decided_by,
        "limit": decision.limit,
        "risk": round(float(decision.risk), 4),
        "families": {name: round(float(llr), 4) for name, llr in decision.families.items()},
        "reasons": [{**asdict(r), "llr": round(float(r.llr), 4)} for r in decision.reasons],
        "group": decision.group,
        "expires": decision.expires,
    }


def _reply(value: dict[str, Any]) -> Response:
    return Response(document.write(value), headers={"content-type": "application/json"})

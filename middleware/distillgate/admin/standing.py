"""What headers alone can decide, for proxies that show no body: nginx' `auth_request`.

204 lets pass, 403 does not: nginx knows no other answer. With `?answer` the request is answered as
the gate would have answered it, for the location that a 403 leads to.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from distillgate.actions.plan import Plan
from distillgate.asgi.answer import effect_of
from distillgate.asgi.context import Context
from distillgate.asgi.identity import first_values
from distillgate.asgi.reference import Named, named
from distillgate.dialects.registry import match
from distillgate.policy.decision import Decision
from distillgate.wire.exchange import Outcome
from distillgate.wire.operation import Operation
from distillgate.wire.request import from_document

_ORIGINAL = b"x-original-"
"""Before the names of what the proxy's own request hides of the client's: method, uri, headers."""


class Standing:
    """Answers a proxy. Belongs to the event loop of the engine."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def page(self, request: Request) -> Response:
        """Let a request pass, or not."""
        scope = _original(request.scope)
        operation = match(scope["method"], scope["path"])
        plan = Plan()
        if operation is not None:
            try:
                plan = self._judge(operation, scope)
            except Exception as error:  # noqa: BLE001 - a gate that breaks must not break its host
                self._context.observer.failed("judge", error)
        if plan.refusal is None:
            return Response(status_code=204)
        refusal = plan.refusal
        headers = {name.decode(): value.decode("latin-1") for name, value in refusal.headers}
        if "answer" in request.query_params:
            return Response(refusal.body, refusal.status, headers)
        headers = {name: headers[name] for name in headers if not name.startswith("content-")}
        return Response(status_code=403, headers=headers)

    def _judge(self, operation: Operation, scope: Scope) -> Plan:
        context, headers = self._context, first_values(scope["headers"])
        identity = context.identifier.identify(scope, headers)
        if identity is None:
            return Plan()
        now, name = context.clock(), named(headers)
        exchange = identity.exchange(from_document(operation, {}), scope["path"], name.reference)
        decision = context.engine.begin_unread(exchange, now)
        if not (decision.enforced and decision.action.restricts and decision.refused):
            return Plan()
        plan = context.engine.plan(exchange, decision)
        self._tell(operation, decision, plan, name)
        return plan

    def _tell(self, operation: Operation, decision: Decision, plan: Plan, name: Named) -> None:
        """Count and keep a refusal, for whoever asks by its reference."""
        assert plan.refusal is not None
        outcome, observer = Outcome(plan.refusal.status), self._context.observer
        observer.exchange(operation, decision)
        observer.ended(operation, decision, effect_of(decision, plan, None, outcome, name))


def _original(scope: Scope) -> Scope:
    """Return the request that the proxy asks about: `x-original-NAME` stands for NAME."""
    told = {
        name.removeprefix(_ORIGINAL): value
        for name, value in scope["headers"]
        if name.startswith(_ORIGINAL)
    }
    method, target = told.pop(b"method", b"POST"), told.pop(b"uri", b"/").decode("latin-1")
    kept = [
        pair
        for pair in scope["headers"]
        if pair[0] not in told and pair[0] != b"authorization" and not pair[0].startswith(_ORIGINAL)
    ]
    path, _, query = target.partition("?")
    return {
        **scope,
        "method": method.decode("latin-1").upper(),
        "path": path,
        "query_string": query.encode("latin-1"),
        "headers": kept + [pair for pair in told.items() if pair[1]],
    }
